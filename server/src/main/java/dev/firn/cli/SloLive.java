package dev.firn.cli;

import dev.firn.base.InputException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `firn slo list|show|define|remove`: objectives of a Firn that runs or ran.
final class SloLive {
    private SloLive() {}

    /// How rows are printed.
    enum Format {
        TSV,
        JSON
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = {
                "Lists what holds of each objective by the newest evaluation, tab-separated.",
                "With --data and no Firn that holds it, by the last one that is stored."
            },
            footer = {
                "",
                "Examples:",
                "  firn slo list",
                "  firn slo list --format json --data /var/lib/firn --config firn.yaml"
            })
    static final class Listing implements Callable<Integer> {
        @Mixin private final InstanceOption instance = new InstanceOption();
        @Mixin private final ConfigOption config = new ConfigOption();

        @Option(names = "--format", paramLabel = "FORMAT", description = "tsv (default) or json.")
        private Format format = Format.TSV;

        @Override
        public Integer call() throws InterruptedException {
            List<JsonNode> objectives = objectives(instance, config);
            if (format == Format.JSON) {
                System.out.println(objectives);
            } else {
                SloAnswers.list(objectives);
            }
            return 0;
        }
    }

    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            description =
                    "Shows all that is known of one objective; exit 2 if there is no such one.",
            footer = {"", "Example:", "  firn slo show prod-http-latency"})
    static final class Show implements Callable<Integer> {
        @Mixin private final InstanceOption instance = new InstanceOption();
        @Mixin private final ConfigOption config = new ConfigOption();

        @Parameters(paramLabel = "SLO", description = "Its name.")
        private String name = "";

        @Option(names = "--format", paramLabel = "FORMAT", description = "tsv (default) or json.")
        private Format format = Format.TSV;

        @Override
        public Integer call() throws InterruptedException {
            List<JsonNode> all = objectives(instance, config);
            List<JsonNode> found =
                    all.stream().filter(one -> one.path("slo").asString("").equals(name)).toList();
            if (found.isEmpty()) {
                throw new InputException(
                        "there is no objective \""
                                + name
                                + "\" among "
                                + all.stream()
                                        .map(one -> one.path("slo").asString(""))
                                        .distinct()
                                        .toList());
            }
            if (format == Format.JSON) {
                System.out.println(found);
                return 0;
            }
            for (int i = 0; i < found.size(); i++) {
                System.out.print(i == 0 ? "" : "\n");
                SloAnswers.show(found.get(i));
            }
            return 0;
        }
    }

    private static List<JsonNode> objectives(InstanceOption instance, ConfigOption config)
            throws InterruptedException {
        return Stored.rows(instance, config, SloAnswers.PATH, "objectives", SloAnswers.SQL);
    }

    @Command(
            name = "define",
            mixinStandardHelpOptions = true,
            description = {
                "Adds a row to the table slo_definitions of a running Firn, or replaces the one with its key:",
                "environment, metric and type. A file's definition with the same key wins."
            },
            footer = {
                "",
                "Examples:",
                "  firn slo define qa http_server_duration latency_p95 0.8 \"P95 below 800 ms\"",
                "  firn slo define prod http_server_duration availability 99.9"
            })
    static final class Define implements Callable<Integer> {
        @Mixin private final InstanceOption instance = new InstanceOption();

        @Parameters(index = "0", paramLabel = "ENVIRONMENT", description = "Whose events.")
        private String environment = "";

        @Parameters(
                index = "1",
                paramLabel = "METRIC",
                description = "Its name, as sent or in Prometheus' form.")
        private String metric = "";

        @Parameters(
                index = "2",
                paramLabel = "TYPE",
                description = "latency_p95, latency_p99, error_rate or availability.")
        private String type = "";

        @Parameters(
                index = "3",
                paramLabel = "THRESHOLD",
                description = "Seconds for latencies, percent of events for the others.")
        private String threshold = "";

        @Parameters(
                index = "4",
                arity = "0..1",
                paramLabel = "DESCRIPTION",
                description = "For people.")
        private @Nullable String description;

        @Override
        public Integer call() {
            var parameters = key(environment, metric, type);
            parameters.put("threshold", threshold);
            if (description != null) {
                parameters.put("description", description);
            }
            return ask(instance, "define", parameters);
        }
    }

    @Command(
            name = "remove",
            mixinStandardHelpOptions = true,
            description = "Removes a row of the table slo_definitions of a running Firn.",
            footer = {"", "Example:", "  firn slo remove dev http_server_duration error_rate"})
    static final class Remove implements Callable<Integer> {
        @Mixin private final InstanceOption instance = new InstanceOption();

        @Parameters(index = "0", paramLabel = "ENVIRONMENT", description = "Of the row.")
        private String environment = "";

        @Parameters(index = "1", paramLabel = "METRIC", description = "Of the row.")
        private String metric = "";

        @Parameters(index = "2", paramLabel = "TYPE", description = "Of the row.")
        private String type = "";

        @Override
        public Integer call() {
            return ask(instance, "remove", key(environment, metric, type));
        }
    }

    private static Map<String, String> key(String environment, String metric, String type) {
        var key = new LinkedHashMap<String, String>();
        key.put("environment", environment);
        key.put("metric_name", metric);
        key.put("slo_type", type);
        return key;
    }

    private static int ask(InstanceOption instance, String what, Map<String, String> parameters) {
        JsonNode done =
                instance.running(what + " an objective")
                        .task("/api/firn/v1/slo/" + what, parameters, line -> {});
        done.properties()
                .forEach(one ->
                        System.out.println(one.getKey() + "\t" + one.getValue().asString("")));
        return 0;
    }
}
