package dev.firn.cli;

import dev.firn.config.ReportConfig.Kind;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description =
                "Prints what analyses found, for people. Exit 0 whatever it is. `reports` in the configuration writes them on a schedule.",
        footer = {
            "",
            "Examples:",
            "  firn report slo",
            "  firn report quality",
            "  firn report cost",
            "  firn report capacity --format html --output capacity.html",
            "  firn report daily --day 2026-11-30 --format markdown"
        },
        subcommands = {
            ReportCommand.Slo.class,
            ReportCommand.Quality.class,
            CostReport.class,
            ReportCommand.Capacity.class,
            ReportCommand.Daily.class
        })
final class ReportCommand {
    @Command(
            name = "slo",
            mixinStandardHelpOptions = true,
            description = "Reports objectives: what is breached first.",
            footer = {"", "Example:", "  firn report slo --data /var/lib/firn"})
    static final class Slo implements Callable<Integer> {
        @Mixin private final ReportOptions options = new ReportOptions();

        @Override
        public Integer call() throws InterruptedException {
            return options.print(Kind.SLO, null);
        }
    }

    @Command(
            name = "quality",
            mixinStandardHelpOptions = true,
            description =
                    "Reports data quality: open incidents, scores, gaps, duplicates, freshness and storage.",
            footer = {
                "",
                "Examples:",
                "  firn report quality --url http://127.0.0.1:8080",
                "  firn report quality --day 2026-11-30"
            })
    static final class Quality implements Callable<Integer> {
        @Mixin private final ReportOptions options = new ReportOptions();

        @Option(
                names = "--day",
                paramLabel = "YYYY-MM-DD",
                description =
                        "The report of a day (UTC) of the last thirty: scores beside the day before, and incidents.")
        private @Nullable String day;

        @Override
        public Integer call() throws InterruptedException {
            return options.print(Kind.QUALITY, day);
        }
    }

    @Command(
            name = "capacity",
            mixinStandardHelpOptions = true,
            description =
                    "Reports disk, tables, growth, forecasts and series: how long what there is will do.",
            footer = {
                "",
                "Example:",
                "  firn report capacity --format html --output capacity.html"
            })
    static final class Capacity implements Callable<Integer> {
        @Mixin private final ReportOptions options = new ReportOptions();

        @Override
        public Integer call() throws InterruptedException {
            return options.print(Kind.CAPACITY, null);
        }
    }

    @Command(
            name = "daily",
            mixinStandardHelpOptions = true,
            description =
                    "Reports a day: requests, points, alerts, objectives, quality, anomalies, costs and storage.",
            footer = {"", "Example:", "  firn report daily --format markdown"})
    static final class Daily implements Callable<Integer> {
        @Mixin private final ReportOptions options = new ReportOptions();

        @Option(
                names = "--day",
                paramLabel = "YYYY-MM-DD",
                description = "Another day (UTC) than yesterday.")
        private @Nullable String day;

        @Override
        public Integer call() throws InterruptedException {
            return options.print(Kind.DAILY, day);
        }
    }
}
