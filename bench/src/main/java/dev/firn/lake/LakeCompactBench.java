package dev.firn.lake;

import dev.firn.base.Clock;
import dev.firn.base.NioDisk;
import dev.firn.base.OwnMetrics;
import dev.firn.lake.compact.Compaction;
import dev.firn.lake.compact.CompactionMetrics;
import dev.firn.lake.compact.ManifestRewrite;
import dev.firn.lake.keep.RetentionRules;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;

/// Rows a second on one core of compaction. `merge` (the default) makes files as a commit a minute
/// leaves them, of each of several shapes, and merges them at once; `week N` makes N small commits,
/// a minute of points each, with compaction each ten and manifests each thirty, and prints what is
/// left: files, manifests, the time of a commit and of planning one hour.
public final class LakeCompactBench {
    private static final long DAY = 86_400_000_000_000L;
    private static final long EPOCH = 20_000 * DAY;
    private static final long MINUTE = 60_000_000_000L;
    private static final long SECOND = 1_000_000_000L;
    private static final int BUCKETS = 15;

    private record Case(String name, int files, int series, int points, boolean histograms) {}

    private final Random random = new Random(5);
    private final SeriesRegistry registry =
            new SeriesRegistry(SeriesIdentity.SHA_256, Clock.system(), 10_000_000);
    private final Path folder = Files.createTempDirectory("firn-compact-bench");
    private int commits;

    private LakeCompactBench() throws IOException {}

    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 1 && arguments[0].equals("week")) {
            new LakeCompactBench().week(Integer.parseInt(arguments[1]));
            return;
        }
        for (Case one :
                List.of(
                        new Case("warm-up", 60, 2_000, 6, false),
                        new Case("numbers, 6 a series and file", 60, 10_000, 6, false),
                        new Case("numbers, 1 a series and file", 60, 60_000, 1, false),
                        new Case("numbers, 60 a series and file", 16, 10_000, 60, false),
                        new Case("histograms, 6 a series and file", 30, 3_000, 6, true))) {
            new LakeCompactBench().merge(one);
        }
    }

    private void merge(Case one) throws Exception {
        try (LakeCatalog catalog = open()) {
            List<Series> series = series(one.series(), one.histograms());
            for (int file = 0; file < one.files(); file++) {
                commit(catalog, batch(series, file, one.points()));
            }
            List<DataFile> before = files(catalog);
            Compaction compaction = compaction(catalog);
            long cpu = cpuNanos();
            long wall = System.nanoTime();
            List<Compaction.Merge> merges =
                    compaction.run(Compaction.Scope.ALL, LakePace.unlimited());
            double cpuSeconds = (cpuNanos() - cpu) / 1e9;
            double seconds = (System.nanoTime() - wall) / 1e9;
            long rows = merges.stream().mapToLong(Compaction.Merge::rows).sum();
            long stored = before.stream().mapToLong(DataFile::recordCount).sum();
            List<DataFile> after = files(catalog);
            System.out.printf(
                    "%-32s %,10d rows in %3d files -> %d  %5.2f M rows/s/core (wall %5.2f)"
                            + "  %5.2f -> %5.2f bytes/point%n",
                    one.name(),
                    stored,
                    before.size(),
                    after.size(),
                    rows / cpuSeconds / 1e6,
                    rows / seconds / 1e6,
                    bytes(before) / (double) stored,
                    bytes(after) / (double) stored);
        } finally {
            delete();
        }
    }

    private void week(int minutes) throws Exception {
        try (LakeCatalog catalog = open()) {
            List<Series> series = series(50, false);
            Compaction compaction = compaction(catalog);
            var manifests = new ManifestRewrite(catalog, Duration.ofMinutes(30), 40);
            long began = System.nanoTime();
            long inCommits = 0;
            long rewritten = 0;
            for (int minute = 0; minute < minutes; minute++) {
                long start = System.nanoTime();
                commit(catalog, batch(series, minute, 1));
                inCommits += System.nanoTime() - start;
                if (minute % 10 == 9) {
                    rewritten +=
                            compaction.run(Compaction.Scope.ALL, LakePace.unlimited()).stream()
                                    .mapToLong(Compaction.Merge::rows)
                                    .sum();
                }
                if (minute % 30 == 29) {
                    manifests.run(LakePace.unlimited());
                }
                if (minute % 1440 == 1439 || minute + 1 == minutes) {
                    report(catalog, minute + 1, inCommits, rewritten, began);
                    inCommits = 0;
                }
            }
        } finally {
            delete();
        }
    }

    private static void report(
            LakeCatalog catalog, int minutes, long inCommits, long rewritten, long began)
            throws IOException {
        Table table = catalog.load(LakePaths.POINTS);
        long from = EPOCH / 1000 + 7 * 3_600_000_000L;
        long start = System.nanoTime();
        int planned = 0;
        try (CloseableIterable<FileScanTask> tasks =
                table.newScan()
                        .filter(
                                Expressions.and(
                                        Expressions.greaterThanOrEqual("time", from),
                                        Expressions.lessThan("time", from + 3_600_000_000L)))
                        .planFiles()) {
            for (FileScanTask task : tasks) {
                planned += task.file().recordCount() > 0 ? 1 : 0;
            }
        }
        System.out.printf(
                "%,6d commits: %d files, %d manifests, %.0f ms a commit, rows rewritten %.1f times,"
                        + " one hour planned in %.1f ms (%d files), %.0f s so far%n",
                minutes,
                files(catalog).size(),
                table.currentSnapshot().dataManifests(table.io()).size(),
                inCommits / 1e6 / ((minutes - 1) % 1440 + 1),
                rewritten / (50.0 * minutes),
                (System.nanoTime() - start) / 1e6,
                planned,
                (System.nanoTime() - began) / 1e9);
    }

    private LakeCatalog open() {
        LakeCatalog catalog = LakeCatalog.sqlite(folder, new NioDisk());
        catalog.createTables(List.of(PointsTable.table(), SeriesTable.table()));
        return catalog;
    }

    private static Compaction compaction(LakeCatalog catalog) {
        return new Compaction(
                catalog,
                new Compaction.Settings(128 << 20, 64 << 20),
                new CompactionMetrics(new OwnMetrics()),
                new Backoff(new Random(1), 0, 0),
                Clock.system(),
                new RetentionRules(List.of()));
    }

    private void commit(LakeCatalog catalog, Batch batch) {
        PointsRun run = new Runs(Runs.Settings.DEFAULT, new OwnMetrics()).start();
        run.add(batch, "writer", commits + 1);
        Table table = catalog.load(LakePaths.POINTS);
        String previous = commits == 0 ? null : "at-" + commits;
        commits++;
        new LakeCommit(new Backoff(random, 0, 0), 1)
                .commit(table, "writer", previous, "at-" + commits, run.writePoints(table));
    }

    private static List<DataFile> files(LakeCatalog catalog) throws IOException {
        var files = new ArrayList<DataFile>();
        try (CloseableIterable<FileScanTask> tasks =
                catalog.load(LakePaths.POINTS).newScan().planFiles()) {
            tasks.forEach(task -> files.add(task.file()));
        }
        return files;
    }

    private static long bytes(List<DataFile> files) {
        return files.stream().mapToLong(DataFile::fileSizeInBytes).sum();
    }

    /// A minute of points.
    private Batch batch(List<Series> series, int minute, int points) {
        var batch = new Batch();
        for (int i = 0; i < series.size(); i++) {
            for (int point = 0; point < points; point++) {
                long time =
                        EPOCH
                                + minute * MINUTE
                                + point * (MINUTE / points)
                                + random.nextInt(2_000_000)
                                + i / 50 % 50 * SECOND / 50;
                add(batch, series.get(i), time, minute * points + point, i);
            }
        }
        return batch;
    }

    private void add(Batch batch, Series series, long time, int at, int i) {
        long start = EPOCH - MINUTE;
        if (series.metric().type() == MetricType.HISTOGRAM) {
            for (int bucket = 0; bucket < BUCKETS; bucket++) {
                batch.histograms.counts.push((long) at * bucket + i % 7);
                if (bucket > 0) {
                    batch.histograms.bounds.push(Double.doubleToRawLongBits(bucket * 0.1));
                }
            }
            batch.histograms.add(
                    series, time, start, 0, at * 100L, Histograms.HAS_SUM, at * 0.5, 0, 0);
        } else {
            batch.numbers.add(series, time, start, 0, Numbers.INT, at * 60L + random.nextInt(50));
        }
    }

    private List<Series> series(int count, boolean histograms) {
        var scope = new Scope("io.opentelemetry.shop", "1.2.3", "{}", "", 0);
        var series = new ArrayList<Series>();
        for (int i = 0; i < count; i++) {
            String resource =
                    "{\"data_plane_id\":\"plane-1\",\"host.name\":\"host-"
                            + i / 50
                            + "\",\"service.name\":\"shop-"
                            + i / 50 % 20
                            + "\"}";
            var metric =
                    new Metric(
                            new Resource(resource, "", 0, ""),
                            scope,
                            "shop.metric." + i % 10,
                            "1",
                            histograms ? MetricType.HISTOGRAM : MetricType.SUM,
                            Temporality.CUMULATIVE,
                            !histograms,
                            "",
                            "{}");
            series.add(
                    registry.intern(
                            metric,
                            Attributes.of(
                                    List.of(
                                            new Attributes.Entry(
                                                    "http.route",
                                                    new AttributeValue.Text(
                                                            "/api/v1/things/{id}/" + i % 50))))));
        }
        return series;
    }

    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private void delete() throws IOException {
        try (var paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
