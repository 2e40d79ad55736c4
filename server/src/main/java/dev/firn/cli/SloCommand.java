package dev.firn.cli;

import dev.firn.analyse.slo.OpenSlo;
import dev.firn.analyse.slo.OpenSloWriter;
import dev.firn.analyse.slo.Slo;
import dev.firn.analyse.slo.SloFiles;
import dev.firn.analyse.slo.exchange.PrometheusRules;
import dev.firn.analyse.slo.exchange.Pyrra;
import dev.firn.analyse.slo.exchange.Sloth;
import dev.firn.base.InputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "slo",
        mixinStandardHelpOptions = true,
        description = "Service level objectives: what holds, and their definitions.",
        footer = {
            "",
            "Examples:",
            "  firn slo list",
            "  firn slo check config/slo/*.yaml",
            "  firn slo import --from sloth checkout.yml > config/slo/checkout.yaml",
            "  firn slo export --to prometheus config/slo/*.yaml > slo-rules.yml"
        },
        subcommands = {
            SloLive.Listing.class,
            SloLive.Show.class,
            SloLive.Define.class,
            SloLive.Remove.class,
            SloCommand.Check.class,
            SloCommand.Import.class,
            SloCommand.Export.class
        })
final class SloCommand {
    @Command(
            name = "check",
            mixinStandardHelpOptions = true,
            description = {
                "Validates definitions in OpenSLO's form (v1, with metric sources of type Firn).",
                "Exit 0 good, 1 mistakes."
            },
            footer = {"", "Example:", "  firn slo check config/slo/*.yaml"})
    static final class Check implements Callable<Integer> {
        @Parameters(paramLabel = "FILE", arity = "1..*", description = "Definitions.")
        private List<Path> files = new ArrayList<>();

        @Override
        public Integer call() {
            Map<String, String> texts = texts(files);
            try {
                for (Slo slo : OpenSlo.read(texts)) {
                    System.out.println(
                            slo.name()
                                    + "\t"
                                    + slo.target()
                                            .movePointRight(2)
                                            .stripTrailingZeros()
                                            .toPlainString()
                                    + " %\t"
                                    + slo.service());
                }
                System.out.println("ok");
                return 0;
            } catch (InputException e) {
                System.err.println(e.getMessage());
                return 1;
            }
        }
    }

    /// Whose documents are read.
    enum From {
        SLOTH,
        PYRRA
    }

    @Command(
            name = "import",
            mixinStandardHelpOptions = true,
            description = {
                "Prints the objectives of Sloth's (prometheus/v1) or Pyrra's (pyrra.dev/v1alpha1) documents",
                "in OpenSLO's form. What cannot be counted in events is refused; then nothing is printed",
                "and the exit code is 1."
            },
            footer = {
                "",
                "Examples:",
                "  firn slo import --from sloth checkout.yml > config/slo/checkout.yaml",
                "  firn slo import --from pyrra latency.yaml"
            })
    static final class Import implements Callable<Integer> {
        @Option(
                names = "--from",
                required = true,
                paramLabel = "FORM",
                description = "${COMPLETION-CANDIDATES}, in any case.")
        private From from = From.SLOTH;

        @Parameters(paramLabel = "FILE", arity = "1..*", description = "Documents.")
        private List<Path> files = new ArrayList<>();

        @Override
        public Integer call() {
            Map<String, String> texts = texts(files);
            var slos = new ArrayList<Slo>();
            try {
                texts.forEach((file, text) ->
                        slos.addAll(
                                switch (from) {
                                    case SLOTH -> Sloth.read(file, text);
                                    case PYRRA -> Pyrra.read(file, text);
                                }));
            } catch (InputException e) {
                System.err.println(e.getMessage());
                return 1;
            }
            System.out.print(OpenSloWriter.write(slos));
            return 0;
        }
    }

    /// For whom documents are written.
    enum To {
        SLOTH,
        PROMETHEUS
    }

    @Command(
            name = "export",
            mixinStandardHelpOptions = true,
            description = {
                "Prints definitions as a document of Sloth, or as rules of Prometheus: error ratios, budgets",
                "and multi-window burn-rate alerts over the metrics of Firn's page for Prometheus.",
                "Groups are added up, and of several names of a metric or attribute the first is taken.",
                "Exit 0 done, 1 mistakes in a definition."
            },
            footer = {
                "",
                "Examples:",
                "  firn slo export --to prometheus config/slo/*.yaml > slo-rules.yml",
                "  firn slo export --to sloth config/slo/checkout.yaml"
            })
    static final class Export implements Callable<Integer> {
        @Option(
                names = "--to",
                required = true,
                paramLabel = "FORM",
                description = "${COMPLETION-CANDIDATES}, in any case.")
        private To to = To.PROMETHEUS;

        @Parameters(paramLabel = "FILE", arity = "1..*", description = "Definitions.")
        private List<Path> files = new ArrayList<>();

        @Override
        public Integer call() {
            Map<String, String> texts = texts(files);
            try {
                List<Slo> slos = OpenSlo.read(texts);
                System.out.print(
                        switch (to) {
                            case SLOTH -> Sloth.write(slos);
                            case PROMETHEUS -> PrometheusRules.write(slos);
                        });
                return 0;
            } catch (InputException e) {
                System.err.println(e.getMessage());
                return 1;
            }
        }
    }

    private static Map<String, String> texts(List<Path> files) {
        var texts = new LinkedHashMap<String, String>();
        for (Path file : files) {
            texts.put(file.toString(), SloFiles.text(file));
        }
        return texts;
    }
}
