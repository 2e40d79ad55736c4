package dev.firn.cli;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

@Command(
        name = "anomaly",
        mixinStandardHelpOptions = true,
        description = "Anomalies of signals: what was found, and what people say of it.",
        footer = {
            "",
            "Examples:",
            "  firn anomaly list",
            "  firn anomaly mark expected --signal request_rate --service shop --to 2026-11-28T06:00:00Z"
        },
        subcommands = {
            AnomalyCommand.Listing.class,
            AnomalyCommand.Mark.class,
            AnomalyCommand.Unmark.class
        })
final class AnomalyCommand {
    private static final String PATH = "/api/firn/v1/anomalies";

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = {
                "Lists the last anomalies of a running Firn (of its life, at most 1000), newest first, then the marks,",
                "tab-separated. All anomalies are in the table anomalies."
            },
            footer = {"", "Example:", "  firn anomaly list --url http://127.0.0.1:8080"})
    static final class Listing implements Callable<Integer> {
        @Mixin private final InstanceOption instance = new InstanceOption();

        @Override
        public Integer call() {
            JsonNode answer = instance.running("list anomalies").get(PATH);
            System.out.println("time\tseverity\talerting\tscore\texplanation");
            for (JsonNode one : answer.path("anomalies")) {
                System.out.printf(
                        Locale.ROOT,
                        "%s\t%s\t%s\t%.2f\t%s%n",
                        one.path("time").asString(),
                        one.path("severity").asString(),
                        one.path("alerting").asBoolean(),
                        one.path("score").asDouble(),
                        one.path("explanation").asString());
            }
            for (JsonNode one : answer.path("marks")) {
                System.out.printf(
                        "mark %d\t%s\t%s to %s\t%s%n",
                        one.path("id").asLong(),
                        one.path("kind").asString(),
                        one.path("from").asString(),
                        one.path("to").asString(),
                        String.join(
                                " ",
                                one.path("signal").asString(),
                                one.path("environment").asString(),
                                one.path("service_name").asString(),
                                one.path("http_route").asString(),
                                one.path("comment").asString()));
            }
            return 0;
        }
    }

    @Command(
            name = "mark",
            mixinStandardHelpOptions = true,
            description = {
                "Says of a time that its anomalies are expected (they are shown, but make no alert), or that it is",
                "excluded: neither judged nor learned from (a test, a deployment). What is not named fits all."
            },
            footer = {
                "",
                "Examples:",
                "  firn anomaly mark expected --service shop --to 2026-11-28T06:00:00Z --comment sale",
                "  firn anomaly mark excluded --environment qa --from 2026-11-28T06:00:00Z --to 2026-11-28T08:00:00Z"
            })
    static final class Mark implements Callable<Integer> {
        @Mixin private final InstanceOption instance = new InstanceOption();

        @Parameters(paramLabel = "KIND", description = "expected or excluded.")
        private String kind = "";

        @Option(names = "--signal", paramLabel = "SIGNAL", description = "Such as request_rate.")
        private String signal = "";

        @Option(names = "--environment", paramLabel = "ENV", description = "Of the series.")
        private String environment = "";

        @Option(names = "--service", paramLabel = "NAME", description = "Of the series.")
        private String service = "";

        @Option(names = "--route", paramLabel = "ROUTE", description = "Of the series.")
        private String route = "";

        @Option(
                names = "--from",
                paramLabel = "TIME",
                description = "Such as 2026-11-28T06:00:00Z (default: now).")
        private String from = "";

        @Option(names = "--to", required = true, paramLabel = "TIME", description = "Its end.")
        private String to = "";

        @Option(names = "--comment", paramLabel = "TEXT", description = "For people.")
        private String comment = "";

        @Override
        public Integer call() {
            var parameters = new LinkedHashMap<String, String>();
            parameters.put("kind", kind.toLowerCase(Locale.ROOT));
            parameters.put("signal", signal);
            parameters.put("environment", environment);
            parameters.put("service_name", service);
            parameters.put("http_route", route);
            parameters.put("from", from.isEmpty() ? Instant.now().toString() : from);
            parameters.put("to", to);
            parameters.put("comment", comment);
            return instance.ask("mark a time", PATH + "/mark", parameters);
        }
    }

    @Command(
            name = "unmark",
            mixinStandardHelpOptions = true,
            description = "Takes a mark away; the list of anomalies has their numbers.",
            footer = {"", "Example:", "  firn anomaly unmark 3"})
    static final class Unmark implements Callable<Integer> {
        @Mixin private final InstanceOption instance = new InstanceOption();

        @Parameters(paramLabel = "NUMBER", description = "Of the mark.")
        private long id;

        @Override
        public Integer call() {
            return instance.ask("unmark a time", PATH + "/unmark", Map.of("id", Long.toString(id)));
        }
    }
}
