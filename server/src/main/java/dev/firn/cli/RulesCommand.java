package dev.firn.cli;

import com.google.re2j.Pattern;
import dev.firn.alert.rules.RuleFile;
import dev.firn.alert.rules.RuleTests;
import dev.firn.base.InputException;
import dev.firn.query.promql.lang.Features;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

@Command(
        name = "rules",
        mixinStandardHelpOptions = true,
        description = "Work with files of rules in Prometheus' form.",
        subcommands = {
            RulesCommand.Check.class,
            RulesCommand.Test.class,
            RulesCommand.Replay.class
        },
        footer = {
            "",
            "Examples:",
            "  firn rules check config/prometheus-rules.yml",
            "  firn rules test tests.yml"
        })
final class RulesCommand {
    private static final String EXPERIMENTAL = "Understand experimental functions and syntax, too.";

    @Command(
            name = "check",
            mixinStandardHelpOptions = true,
            description = "Checks files of rules; exit 1 if any has a mistake.",
            footer = {"", "Example:", "  firn rules check config/prometheus-rules.yml"})
    static final class Check implements Callable<Integer> {
        @Parameters(arity = "1..*", paramLabel = "FILE", description = "Files of rules.")
        private List<Path> files = List.of();

        @Option(names = "--experimental", description = EXPERIMENTAL)
        private boolean experimental;

        @Override
        public Integer call() {
            return each(
                    files,
                    "Checking",
                    (file, problems) ->
                            ": "
                                    + RuleFile.parse(
                                                    file.toString(),
                                                    text(file),
                                                    features(experimental),
                                                    problems)
                                            .rules()
                                    + " rules found");
        }

        private static String text(Path file) {
            try {
                return Files.readString(file);
            } catch (IOException e) {
                throw new InputException("cannot read \"" + file + "\": " + e.getMessage());
            }
        }
    }

    @Command(
            name = "test",
            mixinStandardHelpOptions = true,
            description = "Runs tests of rules, written for promtool; exit 1 if any fails.",
            footer = {"", "Example:", "  firn rules test interop/rules/tests.yml"})
    static final class Test implements Callable<Integer> {
        @Parameters(arity = "1..*", paramLabel = "FILE", description = "Files of tests.")
        private List<Path> files = List.of();

        @Option(
                names = "--run",
                paramLabel = "REGEX",
                description = "Only tests whose names match; may be repeated.")
        private List<String> run = new ArrayList<>();

        @Option(names = "--experimental", description = EXPERIMENTAL)
        private boolean experimental;

        @Override
        public Integer call() {
            var chosen = Pattern.compile(String.join("|", run));
            return each(
                    files,
                    "Processing test file:",
                    (file, problems) -> {
                        problems.addAll(
                                RuleTests.run(
                                        file,
                                        features(experimental),
                                        name -> chosen.matcher(name).find()));
                        return "";
                    });
        }
    }

    @Command(
            name = "replay",
            mixinStandardHelpOptions = true,
            description = {
                "Records in a running Firn what the recording rules of its rules.files would have recorded over a",
                "time, as if they had been evaluated then. What is recorded already stays as it is. Rules that",
                "ask for what other rules record need a run for each step of the way."
            },
            footer = {
                "",
                "Example:",
                "  firn rules replay --from 2026-11-01T00:00:00Z --to 2026-11-08T00:00:00Z --group shop"
            })
    static final class Replay implements Callable<Integer> {
        @Mixin private final InstanceOption instance = new InstanceOption();

        @Option(
                names = "--from",
                required = true,
                paramLabel = "TIME",
                description = "The first evaluation is at or after it.")
        private String from = "";

        @Option(
                names = "--to",
                required = true,
                paramLabel = "TIME",
                description = "The last evaluation is at or before it.")
        private String to = "";

        @Option(
                names = "--group",
                paramLabel = "NAME",
                description = "Only rules of groups of this name.")
        private String group = "";

        @Override
        public Integer call() {
            JsonNode result =
                    instance.running("replay rules")
                            .task(
                                    "/api/firn/v1/rules/replay",
                                    Map.of("from", from, "to", to, "group", group),
                                    LakeTask::progress);
            System.out.println(
                    "rules: "
                            + result.path("rules").asLong()
                            + ", samples: "
                            + result.path("samples").asLong());
            return 0;
        }
    }

    private static Features features(boolean experimental) {
        return experimental ? Features.ALL : Features.STABLE;
    }

    private interface Deed {
        /// Returns what is said when nothing is wrong.
        String with(Path file, List<String> problems);
    }

    private static int each(List<Path> files, String doing, Deed deed) {
        boolean failed = false;
        for (Path file : files) {
            System.out.println(doing + " " + file);
            var problems = new ArrayList<String>();
            String said = "";
            try {
                said = deed.with(file, problems);
            } catch (InputException e) {
                problems.add(String.valueOf(e.getMessage()));
            }
            if (problems.isEmpty()) {
                System.out.println("  SUCCESS" + said);
            } else {
                System.out.println("  FAILED:");
                problems.forEach(one -> System.out.println("    " + one));
                failed = true;
            }
            System.out.println();
        }
        return failed ? 1 : 0;
    }
}
