package dev.firn.cli;

import dev.firn.ops.bench.FirnChild;
import dev.firn.ops.bench.IngestBench;
import dev.firn.ops.bench.Suite;
import dev.firn.ops.bench.analytics.AnalyticsBench;
import dev.firn.ops.bench.incidents.IncidentBench;
import dev.firn.ops.load.OtlpBodies;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Measures Firn on this machine.",
        footer = {
            "",
            "Examples:",
            "  firn bench all --history 24h",
            "  firn bench ingest --series 100000",
            "  firn bench analytics --data data",
            "  firn bench incidents"
        },
        subcommands = {
            BenchCommand.All.class,
            BenchCommand.Ingest.class,
            BenchCommand.Query.class,
            BenchCommand.Storage.class,
            BenchCommand.Analytics.class,
            BenchCommand.Incidents.class
        })
final class BenchCommand {
    @Command(
            name = "all",
            mixinStandardHelpOptions = true,
            description =
                    "Sends the load generator's shop to a Firn of its own, and measures how it is taken, asked for and stored. Leaves nothing behind.",
            footer = {"", "Example:", "  firn bench all --history 24h --results bench-results"})
    static final class All implements Callable<Integer> {
        @Mixin private final BenchOptions options = new BenchOptions();

        @Override
        public Integer call() throws IOException, InterruptedException {
            return options.run(EnumSet.allOf(Suite.Area.class));
        }
    }

    @Command(
            name = "query",
            mixinStandardHelpOptions = true,
            description =
                    "Asks the seed's queries and others of a Firn of its own: the first answer after a start, p50, p95 and p99 of later ones, and of kept ones.",
            footer = {"", "Example:", "  firn bench query --history 24h --repeats 50"})
    static final class Query implements Callable<Integer> {
        @Mixin private final BenchOptions options = new BenchOptions();

        @Override
        public Integer call() throws IOException, InterruptedException {
            return options.run(EnumSet.of(Suite.Area.QUERY));
        }
    }

    @Command(
            name = "storage",
            mixinStandardHelpOptions = true,
            description =
                    "What points take in log, engine and lake (both by table and column, the lake's as of its newest snapshots), beside OTLP as sent.",
            footer = {"", "Example:", "  firn bench storage --history 24h"})
    static final class Storage implements Callable<Integer> {
        @Mixin private final BenchOptions options = new BenchOptions();

        @Override
        public Integer call() throws IOException, InterruptedException {
            return options.run(EnumSet.of(Suite.Area.STORAGE));
        }
    }

    @Command(
            name = "incidents",
            mixinStandardHelpOptions = true,
            description = {
                "How soon anomaly detection tells of the load generator's incidents, in intervals of 5 minutes by",
                "kind and strength, and how many false alarms a service has in weeks without any. In memory."
            },
            footer = {"", "Example:", "  firn bench incidents --seed 1"})
    static final class Incidents implements Callable<Integer> {
        @Option(
                names = "--seed",
                paramLabel = "N",
                description = "Of all chance (default: ${DEFAULT-VALUE}).",
                defaultValue = "1")
        private long seed = 1;

        @Option(
                names = "--step",
                paramLabel = "SECONDS",
                description = "Between exports (default: ${DEFAULT-VALUE}).",
                defaultValue = "60")
        private int stepSeconds = 60;

        @Override
        public Integer call() {
            IncidentBench.print(
                    new IncidentBench.Run(seed, 14, 14, stepSeconds), System.out::println);
            return 0;
        }
    }

    @Command(
            name = "analytics",
            mixinStandardHelpOptions = true,
            description = {
                "Scores anomaly detection and forecasts as shipped on public data sets: NAB (nab/), labelled KPIs",
                "(kpi/AIOPS/, kpi/WSD/) and M4 hourly (m4/), beside published scores. Exit code 1 where a gate fails."
            },
            footer = {"", "Example:", "  firn bench analytics --data data"})
    static final class Analytics implements Callable<Integer> {
        @Option(
                names = "--data",
                paramLabel = "DIR",
                required = true,
                description = "Folder of the data sets; see docs/reference/analytics.md.")
        private Path data = Path.of("");

        @Override
        public Integer call() {
            return AnalyticsBench.run(data, System.out::println) ? 0 : 1;
        }
    }

    @Command(
            name = "ingest",
            mixinStandardHelpOptions = true,
            description = {
                "Sends ready-made bodies of 1,000 points over loopback to a Firn of its own with everything on",
                "(fsync, engine, lake, merges) until nothing is left to do, and prints one tab-separated row a load. CPU seconds are those of all",
                "points but each series' first; later_ ones are of the later half, when the process is warm."
            },
            footer = {
                "",
                "Examples:",
                "  firn bench ingest",
                "  firn bench ingest --series 1000000 --steps 3",
                "  firn bench ingest --series 100000 --pipeline bare,processors,production"
            })
    static final class Ingest implements Callable<Integer> {
        @Option(
                names = "--series",
                split = ",",
                paramLabel = "N",
                description = "Active series, one load each (default: ${DEFAULT-VALUE}).",
                defaultValue = "100000,1000000")
        private List<Integer> series = List.of();

        @Option(
                names = "--steps",
                paramLabel = "N",
                description =
                        "Points of each series, a minute apart (default: enough for four million points, at least 3).")
        private @Nullable Integer steps;

        @Option(
                names = "--mix",
                paramLabel = "MIX",
                description = "gauge, sum, histogram or mixed (default: ${DEFAULT-VALUE}).",
                defaultValue = "mixed")
        private OtlpBodies.Mix mix = OtlpBodies.Mix.MIXED;

        @Option(
                names = "--jitter",
                paramLabel = "MS",
                description =
                        "How far clocks are off, in milliseconds (default: ${DEFAULT-VALUE}).",
                defaultValue = "2")
        private long jitterMillis = 2;

        @Option(
                names = "--pipeline",
                paramLabel = "WORK",
                description =
                        "bare, processors (those of config/config-production.yaml), prometheus or file (with that"
                                + " exporter, too), or production (with both); several by commas (default: ${DEFAULT-VALUE}).",
                split = ",",
                defaultValue = "bare")
        private List<FirnChild.Work> pipelines = List.of();

        @Option(
                names = "--without",
                paramLabel = "PART",
                split = ",",
                description =
                        "Leave out quality, slo, anomaly, forecast, cost, or rollups (those computed from stored points),"
                                + " to see what they cost; without rollups, leave all out that reads them.")
        private List<FirnChild.Part> without = List.of();

        @Option(
                names = "--heap",
                paramLabel = "SIZE",
                description = "Heap of the Firn that is measured (default: ${DEFAULT-VALUE}).",
                defaultValue = "4g")
        private String heap = "4g";

        @Option(
                names = "--java-option",
                paramLabel = "OPTION",
                description =
                        "For the Firn that is measured, such as -XX:StartFlightRecording=filename=/tmp/firn.jfr.")
        private List<String> javaOptions = List.of();

        @Override
        public Integer call() throws IOException {
            System.out.println(
                    "pipeline\tmix\tseries\tsteps\tnew_series/s\tpoints/s\tpoints/s_to_quiet\tfirn_cpu_s/M\tengine_cpu_s/M\tcpu_s/M"
                            + "\tlater_firn_cpu_s/M\tlater_engine_cpu_s/M\tlater_cpu_s/M"
                            + "\twal_B/point\tengine_B/point\tlake_B/point\theap_B/series");
            for (int count : series) {
                int points = steps == null ? Math.max(3, 1 + 4_000_000 / count) : steps;
                for (FirnChild.Work work : pipelines) {
                    print(
                            measure(
                                    new IngestBench.Load(
                                            mix,
                                            count,
                                            Math.max(2, points),
                                            jitterMillis * 1_000_000,
                                            work,
                                            Set.copyOf(without))));
                }
            }
            return 0;
        }

        private IngestBench.Figures measure(IngestBench.Load load) throws IOException {
            Path folder = Files.createTempDirectory("firn-bench");
            try {
                return new IngestBench(folder, line -> System.err.println("firn: " + line))
                        .run(load, options());
            } finally {
                BenchOptions.delete(folder);
            }
        }

        private List<String> options() {
            var options = new ArrayList<>(javaOptions);
            options.add("-Xmx" + heap);
            return options;
        }

        private static void print(IngestBench.Figures f) {
            System.out.printf(
                    Locale.ROOT,
                    "%s\t%s\t%d\t%d\t%.0f\t%.0f\t%.0f\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t%.1f\t%.1f\t%.1f\t%.0f%n",
                    f.load().work().name().toLowerCase(Locale.ROOT),
                    f.load().mix().name().toLowerCase(Locale.ROOT),
                    f.load().series(),
                    f.load().steps(),
                    f.newSeriesPerSecond(),
                    f.pointsPerSecond(),
                    f.pointsPerSecondUntilQuiescent(),
                    f.whole().firn(),
                    f.whole().engine(),
                    f.whole().all(),
                    f.later().firn(),
                    f.later().engine(),
                    f.later().all(),
                    f.walBytes(),
                    f.engineBytes(),
                    f.lakeBytes(),
                    f.heapBytesPerSeries());
        }
    }
}
