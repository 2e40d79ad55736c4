package dev.firn.lake;

import dev.firn.base.Clock;
import dev.firn.base.NioDisk;
import dev.firn.base.OwnMetrics;
import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import dev.firn.model.Batch;
import dev.firn.model.Histograms;
import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.Numbers;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Series;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import dev.firn.model.Temporality;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;

/// Rows a second on one core and bytes a point of the lake's writer: taking in, sorting, encoding,
/// compressing, fsync. Prints one line a case; arguments choose cases by name.
public final class LakeWriteBench {
    private static final int ROUNDS = Integer.getInteger("rounds", 5);
    private static final long HOUR = 3_600_000_000_000L;
    private static final long MINUTE = 60_000_000_000L;
    private static final long EPOCH = 1_760_000_000_000_000_000L;
    private static final double[] BOUNDS = {
        0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10
    };

    private record Case(String name, int series, int points, long step, long jitter) {}

    private final Random random = new Random(7);
    private final SeriesRegistry registry =
            new SeriesRegistry(SeriesIdentity.SHA_256, Clock.system(), 10_000_000);

    private LakeWriteBench() {}

    public static void main(String[] arguments) throws IOException {
        var cases =
                List.of(
                        new Case("counter-int", 1000, 1000, 10_000_000_000L, 0),
                        new Case("counter-int-jittered", 1000, 1000, 10_000_000_000L, 2_000_000),
                        new Case("counter-double", 1000, 1000, 10_000_000_000L, 0),
                        new Case("gauge-double", 1000, 1000, 10_000_000_000L, 2_000_000),
                        new Case("noise", 1000, 1000, 10_000_000_000L, 2_000_000),
                        new Case("histogram", 1000, 300, 10_000_000_000L, 2_000_000),
                        new Case("one-point-counter", 1, 1, 10_000_000_000L, 0),
                        new Case("minute-counter-int", 100_000, 6, 10_000_000_000L, 2_000_000),
                        new Case("sparse-counter-int", 500_000, 1, 10_000_000_000L, 2_000_000));
        for (Case one : cases) {
            if (arguments.length == 0 || List.of(arguments).contains(one.name())) {
                new LakeWriteBench().run(one);
            }
        }
    }

    private void run(Case one) throws IOException {
        List<Batch> batches = batches(one);
        Path folder = Files.createTempDirectory("firn-lake-bench");
        try (var catalog = LakeCatalog.sqlite(folder, new NioDisk())) {
            catalog.createTables(List.of(PointsTable.table(), SeriesTable.table()));
            Table table = catalog.load(LakePaths.POINTS);
            Table series = catalog.load(LakePaths.SERIES);
            double best = 0;
            double bestAdd = 0;
            double seriesRate = 0;
            List<DataFile> files = List.of();
            for (int round = 0; round < ROUNDS; round++) {
                var runs = new Runs(Runs.Settings.DEFAULT, new OwnMetrics());
                long start = cpuNanos();
                PointsRun run = runs.start();
                long seq = 0;
                for (Batch batch : batches) {
                    run.add(batch, "writer", ++seq);
                }
                long added = cpuNanos();
                files = run.writePoints(table);
                long end = cpuNanos();
                run.writeSeries(series);
                double rows = run.points();
                best = Math.max(best, rows / (end - start) * 1e9);
                bestAdd = Math.max(bestAdd, rows / (added - start) * 1e9);
                seriesRate = Math.max(seriesRate, one.series() * 1e9 / (cpuNanos() - end));
            }
            report(one, files, best, bestAdd, seriesRate);
            verify(table, files);
            if (Boolean.getBoolean("columns")) {
                columns(table, files);
            }
        } finally {
            delete(folder);
        }
    }

    private static void report(
            Case one, List<DataFile> files, double best, double bestAdd, double seriesRate) {
        long rows = files.stream().mapToLong(DataFile::recordCount).sum();
        long bytes = files.stream().mapToLong(DataFile::fileSizeInBytes).sum();
        System.out.printf(
                "%-22s %,9d rows %3d files  %5.2f M rows/s/core (adding %5.2f)  %6.2f bytes/point"
                        + "  series %,.0f/s%n",
                one.name(),
                rows,
                files.size(),
                best / 1e6,
                bestAdd / 1e6,
                (double) bytes / rows,
                seriesRate);
    }

    /// How fast `lake verify` reads the lake's side.
    private static void verify(Table table, List<DataFile> files) {
        new LakeCommit(new Backoff(new Random(1), 0, 0), 1)
                .commit(table, "writer", null, "1", files);
        long start = cpuNanos();
        LakeVerify.Result result =
                new LakeVerify(table, 2_000_000, 10, 1_000_000)
                        .compare(
                                new LakeVerify.Scope(
                                        EPOCH / HOUR,
                                        EPOCH / HOUR + 24,
                                        Map.of("writer", Long.MAX_VALUE)),
                                (scope, each) -> {});
        System.out.printf(
                "   verify: %,d rows read, %.2f M/s%n",
                result.rowsRead(), result.rowsRead() * 1e3 / (cpuNanos() - start));
    }

    private static void columns(Table table, List<DataFile> files) throws IOException {
        Path path = Path.of(files.getFirst().location());
        try (var reader = ParquetFileReader.open(new org.apache.parquet.io.LocalInputFile(path))) {
            for (var block : reader.getFooter().getBlocks()) {
                for (ColumnChunkMetaData column : block.getColumns()) {
                    if (column.getTotalSize() > 500) {
                        System.out.printf(
                                "   %-40s %,10d bytes %s%n",
                                column.getPath(), column.getTotalSize(), column.getEncodings());
                    }
                }
            }
        }
        System.out.println("   " + table.location());
    }

    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private List<Batch> batches(Case one) {
        var series = new ArrayList<Series>();
        var resources = new ArrayList<Resource>();
        for (int i = 0; i < Math.max(1, one.series() / 50); i++) {
            resources.add(resource(i));
        }
        var scope = new Scope("io.opentelemetry.shop", "1.2.3", "{}", "", 0);
        for (int i = 0; i < one.series(); i++) {
            series.add(series(one, i, resources.get(i / 50), scope));
        }
        var walk = new double[one.series()];
        var counts = new long[one.series()][BOUNDS.length + 1];
        var batches = new ArrayList<Batch>();
        var batch = new Batch();
        for (int point = 0; point < one.points(); point++) {
            for (int i = 0; i < one.series(); i++) {
                if (i % 50 == 0 && batch.size() >= 1000) {
                    batches.add(batch);
                    batch = new Batch();
                }
                // One SDK reports all its series with one time.
                long time =
                        EPOCH
                                + point * one.step()
                                + (one.jitter() == 0
                                        ? 0
                                        : new Random(i / 50 * 100_003L + point)
                                                .nextLong(one.jitter()));
                add(batch, one, series.get(i), i, time, walk, counts);
            }
        }
        batches.add(batch);
        return batches;
    }

    private void add(
            Batch batch,
            Case one,
            Series series,
            int i,
            long time,
            double[] walk,
            long[][] counts) {
        long start = EPOCH - MINUTE * (i / 50 % 1000 + 1);
        switch (one.name()) {
            case "gauge-double" -> {
                walk[i] = Math.round((walk[i] + random.nextGaussian()) * 100) / 100.0;
                batch.numbers.add(
                        series, time, 0, 0, Numbers.DOUBLE, Double.doubleToRawLongBits(walk[i]));
            }
            case "noise" ->
                    batch.numbers.add(
                            series,
                            time,
                            0,
                            0,
                            Numbers.DOUBLE,
                            Double.doubleToRawLongBits(random.nextDouble()));
            case "counter-double" -> {
                walk[i] += random.nextInt(100) * 0.001;
                batch.numbers.add(
                        series,
                        time,
                        start,
                        0,
                        Numbers.DOUBLE,
                        Double.doubleToRawLongBits(walk[i]));
            }
            case "histogram" -> histogram(batch, series, time, start, walk, counts[i], i);
            default -> {
                walk[i] += random.nextInt(100);
                batch.numbers.add(series, time, start, 0, Numbers.INT, (long) walk[i]);
            }
        }
    }

    private void histogram(
            Batch batch,
            Series series,
            long time,
            long start,
            double[] walk,
            long[] counts,
            int i) {
        for (int request = random.nextInt(20); request > 0; request--) {
            double seconds = Math.exp(random.nextGaussian() - 3);
            int bucket = 0;
            while (bucket < BOUNDS.length && seconds > BOUNDS[bucket]) {
                bucket++;
            }
            counts[bucket]++;
            walk[i] += seconds;
        }
        long count = 0;
        for (long bucket : counts) {
            batch.histograms.counts.push(bucket);
            count += bucket;
        }
        for (double bound : BOUNDS) {
            batch.histograms.bounds.push(Double.doubleToRawLongBits(bound));
        }
        batch.histograms.add(series, time, start, 0, count, Histograms.HAS_SUM, walk[i], 0, 0);
    }

    private Resource resource(int number) {
        return new Resource(
                attributes(
                        "service.name", "shop-" + number % 20,
                        "service.instance.id", "instance-" + number,
                        "deployment.environment.name", "prod",
                        "data_plane_id", "plane-" + number % 3,
                        "cloud.region", "eu-central-" + number % 2,
                        "host.name", "host-" + number,
                        "telemetry.sdk.name", "opentelemetry",
                        "telemetry.sdk.language", "java",
                        "telemetry.sdk.version", "1.60.0"),
                "https://opentelemetry.io/schemas/1.30.0",
                0,
                "");
    }

    private Series series(Case one, int i, Resource resource, Scope scope) {
        boolean histogram = one.name().equals("histogram");
        boolean counter = one.name().contains("counter");
        var metric =
                new Metric(
                        resource,
                        scope,
                        histogram ? "http.server.request.duration" : "shop.metric." + i % 10,
                        histogram ? "s" : "1",
                        histogram
                                ? MetricType.HISTOGRAM
                                : counter ? MetricType.SUM : MetricType.GAUGE,
                        histogram || counter ? Temporality.CUMULATIVE : Temporality.UNSPECIFIED,
                        counter,
                        "",
                        "{}");
        return registry.intern(
                metric,
                attributes(
                        "http.request.method", "GET",
                        "http.route", "/api/v1/things/{id}/" + i % 50,
                        "http.response.status_code", "200"));
    }

    private static String attributes(String... keysAndValues) {
        var entries = new ArrayList<Attributes.Entry>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            entries.add(
                    new Attributes.Entry(
                            keysAndValues[i], new AttributeValue.Text(keysAndValues[i + 1])));
        }
        return Attributes.of(entries).toJson();
    }

    private static void delete(Path folder) throws IOException {
        try (var paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
