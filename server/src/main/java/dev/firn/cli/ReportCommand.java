package dev.firn.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
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
            footer = {
                "",
                "Examples:",
                "  firn report quality --url http://127.0.0.1:8080",
                "  firn report quality --day 2026-11-30"
            })
    static final class Quality implements Callable<Integer> {
        @Mixin private final InstanceOption instance = new InstanceOption();
        @Mixin private final ConfigOption config = new ConfigOption();

        @Option(
                names = "--day",
                paramLabel = "YYYY-MM-DD",
                description =
                        "The report of a day (UTC) of the last thirty: scores beside the day before, and incidents.")
        private @Nullable String day;

        @Override
        public Integer call() throws InterruptedException {
            if (day != null) {
                Asked.of(instance, config, QualityDay.of(day)::print);
                return 0;
            }
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
                        QualityDay.where(one.has("subject") ? one.path("subject") : one),
                        one.path("started_at").asString(),
                        one.path("summary").asString());
            }
            if (instance.data == null) {
                scores(instance.remote().get("/api/firn/v1/quality").path("scores"));
            }
            return 0;
        }

        private static void scores(JsonNode scores) {
            System.out.println("Scores (100: no incident)");
            var sorted = new ArrayList<JsonNode>();
            scores.forEach(sorted::add);
            sorted.sort(java.util.Comparator.comparingDouble(one -> one.path("score").asDouble(0)));
            for (JsonNode one : sorted.subList(0, Math.min(20, sorted.size()))) {
                System.out.printf(
                        Locale.ROOT,
                        "  %6.1f  %s%n",
                        one.path("score").asDouble(0),
                        QualityDay.where(one));
            }
        }
    }
}
