package dev.firn.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Three writers, each with catalogs of its own, against each other, compaction and expiry, while a
/// third of the answers are false.
final class LakeRaceTest {
    private static final int WRITERS = 3;
    private static final int COMMITS = 6;
    private static final double FALSE_SHARE = 0.3;

    @TempDir Path data;

    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicInteger staleAccepted = new AtomicInteger();
    private final CountDownLatch compacted = new CountDownLatch(1);

    private static String position(long sequence) {
        return new dev.firn.model.Position(9, sequence, sequence).toString();
    }

    @ParameterizedTest
    @EnumSource(TestHome.Kind.class)
    @Timeout(120)
    void nothingIsLostAndNothingDoubled(TestHome.Kind kind) throws Exception {
        try (var home = new TestHome(kind, data);
                var threads = Executors.newCachedThreadPool()) {
            List<Future<?>> writers = new ArrayList<>();
            for (int writer = 0; writer < WRITERS; writer++) {
                int number = writer;
                writers.add(threads.submit(() -> write(home, "w" + number, number)));
            }
            List<Future<?>> upkeep = new ArrayList<>();
            upkeep.add(threads.submit(() -> compact(home)));
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
            assertLake(home);
        }
    }

    private void assertLake(TestHome home) {
        Table table = home.catalog().load(LakePaths.POINTS);
        Map<String, Integer> expected = new TreeMap<>();
        Map<String, String> positions = new TreeMap<>();
        for (int writer = 0; writer < WRITERS; writer++) {
            positions.put("w" + writer, position(COMMITS));
            for (long seq = 1; seq <= COMMITS; seq++) {
                expected.put(new TestTables.Row("w" + writer, seq, seq).toString(), 1);
            }
        }
        assertThat(TestTables.counts(table)).isEqualTo(expected);
        assertThat(LakeLs.positions(table)).isEqualTo(positions);
        assertThat(staleAccepted).hasValue(0);
        assertThat(compacted.getCount()).as(TestUpkeep.lastEnd).isZero();
    }

    private Void write(TestHome home, String name, int seed) throws Exception {
        var random = new Random(seed);
        var commit = new LakeCommit(new Backoff(random, 5, 300), 1_000);
        LakeCatalog mine = home.lying(random, FALSE_SHARE);
        LakeCatalog twin = home.lying(random, FALSE_SHARE);
        try (var second = Executors.newSingleThreadExecutor()) {
            for (int seq = 1; seq <= COMMITS; seq++) {
                if (seq == COMMITS) { // one compaction at least comes between
                    assertThat(compacted.await(90, TimeUnit.SECONDS))
                            .as(TestUpkeep.lastEnd)
                            .isTrue();
                }
                String before = seq == 1 ? null : position(seq - 1);
                String next = position(seq);
                long number = seq;
                Callable<LakeCommit.Outcome> other =
                        () -> {
                            Table table = twin.load(LakePaths.POINTS);
                            return commit.commit(
                                    table, name, before, next, files(table, name, number));
                        };
                Future<LakeCommit.Outcome> racing = seq % 3 == 0 ? second.submit(other) : null;
                Table table = mine.load(LakePaths.POINTS);
                commit.commit(table, name, before, next, files(table, name, number));
                if (racing != null) {
                    racing.get();
                }
                if (seq % 4 == 0 && before != null) {
                    repeat(commit, table, name, before, next, number);
                }
            }
        }
        return null;
    }

    private void repeat(
            LakeCommit commit, Table table, String name, String before, String next, long seq) {
        if (commit.commit(table, name, before, next, files(table, name, seq))
                != LakeCommit.Outcome.ALREADY) {
            staleAccepted.incrementAndGet();
        }
        try {
            commit.commit(table, name, position(seq - 2), before, files(table, name, seq - 1));
            staleAccepted.incrementAndGet();
        } catch (ForeignPosition e) {
            assertThat(e.stored()).isEqualTo(next);
        }
    }

    private static List<DataFile> files(Table table, String src, long seq) {
        return List.of(TestTables.write(table, List.of(new TestTables.Row(src, seq, seq))));
    }

    /// Upkeep that never rests starves writers, and real upkeep rests for minutes.
    private static void pace(long millis) {
        LockSupport.parkNanos(millis * 1_000_000);
    }

    private void compact(TestHome home) {
        var random = new Random(77);
        Table table = home.lying(random, FALSE_SHARE).load(LakePaths.POINTS);
        Table truth = home.catalog().load(LakePaths.POINTS);
        while (!over.get()) {
            TestUpkeep.compact(table);
            if (compacted.getCount() > 0 && TestUpkeep.compacted(truth)) {
                compacted.countDown();
            }
            pace(random.nextInt(150));
        }
    }

    private void expire(TestHome home) {
        Table table = home.catalog().load(LakePaths.POINTS);
        while (!over.get()) {
            TestUpkeep.expire(table);
            pace(80);
        }
    }
}
