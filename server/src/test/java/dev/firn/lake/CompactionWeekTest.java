package dev.firn.lake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.OwnMetrics;
import dev.firn.lake.compact.Compaction;
import dev.firn.lake.compact.ManifestRewrite;
import dev.firn.model.Batch;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.metrics.InMemoryMetricsReporter;
import org.apache.iceberg.metrics.ScanMetricsResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Days of small commits with compaction and manifests on their schedule. Shorter than a week of
/// minutes (`LakeCompactBench` has that), with the same course.
class CompactionWeekTest {
    private static final int DAYS = 9;
    private static final int COMMITS_A_DAY = 24;
    private static final long DAY_NANOS = 86_400_000_000_000L;
    private static final long HOUR_MICROS = 3_600_000_000L;
    private static final long FIRST_DAY = 20_000;

    @TempDir Path folder;

    @Test
    void daysOfSmallCommitsLeaveFewFilesAndCheapPlans() throws Exception {
        var random = new RandomPoints(new Random(3), 20, 1);
        try (var lake = new TestLake(folder)) {
            Compaction compaction = CompactionTest.compaction(lake.catalog, 64 << 20, 32 << 20);
            var manifests = new ManifestRewrite(lake.catalog, Duration.ofMinutes(1), 12);
            var commit = new LakeCommit(new Backoff(new Random(1), 0, 0), 1);
            var runs = new Runs(new Runs.Settings(1, 256 << 20, 1000), new OwnMetrics());
            int rows = 0;
            for (int i = 0; i < DAYS * COMMITS_A_DAY; i++) {
                Batch batch = random.batch(20);
                shift(batch, i);
                rows += 20;
                PointsRun run = runs.start();
                run.add(batch, "w", i + 1);
                Table table = lake.catalog.load(LakePaths.POINTS);
                commit.commit(
                        table,
                        "w",
                        i == 0 ? null : "at-" + i,
                        "at-" + (i + 1),
                        run.writePoints(table));
                if (i % 8 == 7) {
                    compaction.run(Compaction.Scope.ALL, LakePace.unlimited());
                    manifests.run(LakePace.unlimited());
                }
            }
            Table table = lake.catalog.load(LakePaths.POINTS);
            List<DataFile> files = CompactionTest.files(table);
            assertThat(files.stream().mapToLong(DataFile::recordCount).sum()).isEqualTo(rows);
            assertThat(files).hasSizeLessThan(DAYS * 20);
            assertThat(table.currentSnapshot().dataManifests(table.io())).hasSizeLessThan(24);
            assertPlan(table, files);
        }
    }

    /// Moves the points to the hour of their commit; start times do not matter here.
    private static void shift(Batch batch, int commit) {
        long at =
                (FIRST_DAY + commit / COMMITS_A_DAY) * DAY_NANOS
                        + commit % COMMITS_A_DAY * HOUR_MICROS * 1000;
        for (var kind : dev.firn.model.Points.Kind.values()) {
            var points = batch.points(kind);
            for (int i = 0; i < points.size(); i++) {
                points.time[i] = at + points.time[i] % (HOUR_MICROS * 1000);
            }
        }
    }

    private static void assertPlan(Table table, List<DataFile> files) throws Exception {
        int day = (int) FIRST_DAY + 3;
        long from = day * 24 * HOUR_MICROS + 5 * HOUR_MICROS;
        var reporter = new InMemoryMetricsReporter();
        var planned = new ArrayList<String>();
        try (var tasks =
                table.newScan()
                        .metricsReporter(reporter)
                        .filter(
                                Expressions.and(
                                        Expressions.greaterThanOrEqual("time", from),
                                        Expressions.lessThan("time", from + HOUR_MICROS)))
                        .planFiles()) {
            for (FileScanTask task : tasks) {
                planned.add(task.file().location());
            }
        }
        List<String> ofDay =
                files.stream()
                        .filter(file -> file.partition().get(0, Integer.class) == day)
                        .map(DataFile::location)
                        .toList();
        assertThat(planned).isNotEmpty().isSubsetOf(ofDay);
        ScanMetricsResult metrics = Objects.requireNonNull(reporter.scanReport()).scanMetrics();
        assertThat(Objects.requireNonNull(metrics.scannedDataManifests()).value())
                .as("manifests opened")
                .isLessThanOrEqualTo(2);
    }
}
