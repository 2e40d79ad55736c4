package dev.firn.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.JsonNode;

@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description = "Prints what analyses found, for people. Exit 0 whatever it is.",
        footer = {
            "",
            "Examples:",
            "  firn report slo",
            "  firn report quality",
            "  firn report cost"
        },
        subcommands = {ReportCommand.Slo.class, ReportCommand.Quality.class, CostReport.class})
final class ReportCommand {
    @Command(
            name = "slo",
            mixinStandardHelpOptions = true,
            description = "Reports objectives: what is breached first.",
            footer = {"", "Example:", "  firn report slo --data /var/lib/firn"})
    static final class Slo implements Callable<Integer> {
        @Mixin private final InstanceOption instance = new InstanceOption();
        @Mixin private final ConfigOption config = new ConfigOption();

        @Override
        public Integer call() throws InterruptedException {
            SloAnswers.report(
                    Stored.rows(instance, config, SloAnswers.PATH, "objectives", SloAnswers.SQL));
            return 0;
        }
    }

    @Command(
            name = "quality",
            mixinStandardHelpOptions = true,
            description =
                    "Reports data quality: open incidents, and the sources with the lowest scores.",
            footer = {"", "Example:", "  firn report quality --url http://127.0.0.1:8080"})
    static final class Quality implements Callable<Integer> {
        @Mixin private final InstanceOption instance = new InstanceOption();
        @Mixin private final ConfigOption config = new ConfigOption();

        @Override
        public Integer call() throws InterruptedException {
            List<JsonNode> incidents =
                    Stored.rows(
                            instance,
                            config,
                            "/api/firn/v1/quality",
                            "incidents",
                            "SELECT toJSONString(map('rule', check_id, 'state', state, 'data_plane_id',"
                                    + " data_plane_id, 'environment', environment, 'service_name',"
                                    + " service_name, 'metric_name', metric_name, 'started_at',"
                                    + " toString(first_seen), 'summary', summary)) AS detail FROM"
                                    + " quality_incidents WHERE state != 'resolved' ORDER BY first_seen");
            System.out.println("Data quality: " + incidents.size() + " open incidents");
            for (JsonNode one : incidents) {
                System.out.printf(
                        "  %-20s %s since %s: %s%n",
                        one.path("rule").asString(),
                        where(one.has("subject") ? one.path("subject") : one),
                        one.path("started_at").asString(),
                        one.path("summary").asString());
            }
            if (instance.data == null) {
                scores(instance.remote().get("/api/firn/v1/quality").path("scores"));
            }
            return 0;
        }

        private static String where(JsonNode subject) {
            var parts = new ArrayList<String>();
            for (String name :
                    List.of("data_plane_id", "environment", "service_name", "metric_name")) {
                String value = subject.path(name).asString("");
                if (!value.isEmpty()) {
                    parts.add(value);
                }
            }
            return String.join("/", parts);
        }

        private static void scores(JsonNode scores) {
            System.out.println("Scores (100: no incident)");
            var sorted = new ArrayList<JsonNode>();
            scores.forEach(sorted::add);
            sorted.sort(java.util.Comparator.comparingDouble(one -> one.path("score").asDouble(0)));
            for (JsonNode one : sorted.subList(0, Math.min(20, sorted.size()))) {
                System.out.printf(
                        Locale.ROOT, "  %6.1f  %s%n", one.path("score").asDouble(0), where(one));
            }
        }
    }
}
