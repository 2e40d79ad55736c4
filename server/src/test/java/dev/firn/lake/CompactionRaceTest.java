package dev.firn.lake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.lake.compact.Compaction;
import dev.firn.lake.compact.CompactionMetrics;
import dev.firn.lake.compact.ManifestRewrite;
import dev.firn.lake.keep.RetentionRules;
import dev.firn.model.Batch;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Two compactors and a rewriter of manifests against three writers, expiry and each other, while a
/// quarter of the answers are false.
final class CompactionRaceTest {
    private static final int WRITERS = 3;
    private static final int COMMITS = 8;
    private static final double FALSE_SHARE = 0.25;

    @TempDir Path data;

    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicInteger merged = new AtomicInteger();
    private final CountDownLatch compacted = new CountDownLatch(1);
    private final Map<Map<String, Object>, Integer> expected = new HashMap<>();

    @ParameterizedTest
    @EnumSource(TestHome.Kind.class)
    @Timeout(120)
    void nothingIsLostAndNothingDoubled(TestHome.Kind kind) throws Exception {
        List<LakeTable> tables = List.of(PointsTable.table(), SeriesTable.table());
        try (var home = new TestHome(kind, data, tables);
                var threads = Executors.newCachedThreadPool()) {
            List<Future<?>> writers = new ArrayList<>();
            for (int writer = 0; writer < WRITERS; writer++) {
                int number = writer;
                writers.add(threads.submit(() -> write(home, number)));
            }
            List<Future<?>> upkeep = new ArrayList<>();
            upkeep.add(threads.submit(() -> compact(home, 71)));
            upkeep.add(threads.submit(() -> compact(home, 72)));
            upkeep.add(threads.submit(() -> expire(home)));
            try {
                for (Future<?> writer : writers) {
                    writer.get();
                }
            } finally {
                over.set(true);
            }
            for (Future<?> one : upkeep) {
                one.get();
            }
            home.truth();
            var counts = new HashMap<Map<String, Object>, Integer>();
            new LakeReader(home.catalog().load(LakePaths.POINTS))
                    .read(
                            Expressions.alwaysTrue(),
                            List.of(),
                            row -> counts.merge(PlainRows.of(row), 1, Integer::sum));
            assertThat(counts).isEqualTo(expected);
            assertThat(merged).hasPositiveValue();
        }
    }

    private Void write(TestHome home, int number) throws Exception {
        var random = new Random(number);
        String name = "w" + number;
        var points = new RandomPoints(random, 12, 1);
        var runs = new Runs(Runs.Settings.DEFAULT, new OwnMetrics());
        var commit = new LakeCommit(new Backoff(random, 5, 300), 1_000);
        LakeCatalog mine = home.lying(random, FALSE_SHARE);
        for (int seq = 1; seq <= COMMITS; seq++) {
            if (seq == COMMITS) { // one compaction at least comes between
                assertThat(compacted.await(90, TimeUnit.SECONDS)).isTrue();
            }
            Batch batch = points.batch(40);
            synchronized (expected) {
                PlainRows.of(batch, name, seq).forEach(row -> expected.merge(row, 1, Integer::sum));
            }
            PointsRun run = runs.start();
            run.add(batch, name, seq);
            Table table = mine.load(LakePaths.POINTS);
            List<DataFile> files = run.writePoints(table);
            commit.commit(table, name, seq == 1 ? null : "at-" + (seq - 1), "at-" + seq, files);
        }
        return null;
    }

    /// Upkeep that never rests starves writers, and real upkeep rests for minutes.
    private static void rest(long millis) {
        LockSupport.parkNanos(millis * 1_000_000);
    }

    private Void compact(TestHome home, int seed) throws Exception {
        var random = new Random(seed);
        LakeCatalog catalog = home.lying(random, FALSE_SHARE);
        var compaction =
                new Compaction(
                        catalog,
                        new Compaction.Settings(128 << 20, 32 << 20),
                        new CompactionMetrics(new OwnMetrics()),
                        new Backoff(random, 5, 100),
                        Clock.system(),
                        new RetentionRules(List.of()));
        var manifests = new ManifestRewrite(catalog, Duration.ofMinutes(1), 3);
        while (!over.get()) {
            try {
                for (Compaction.Merge merge :
                        compaction.run(Compaction.Scope.ALL, LakePace.unlimited())) {
                    if (merge.outcome().equals("merged")) {
                        merged.incrementAndGet();
                        compacted.countDown();
                    }
                }
                manifests.run(LakePace.unlimited());
            } catch (RuntimeException e) {
                // an unknown end: the round is over, and the next plans anew
            }
            rest(random.nextInt(150));
        }
        return null;
    }

    private void expire(TestHome home) {
        Table table = home.catalog().load(LakePaths.POINTS);
        while (!over.get()) {
            TestUpkeep.expire(table);
            rest(80);
        }
    }
}
