package dev.firn.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.config.RollupConfig;
import dev.firn.lake.LakeEdits;
import dev.firn.model.Batch;
import dev.firn.model.CheckpointStore;
import dev.firn.model.Fingerprint;
import dev.firn.model.SeriesIdentity;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineFollowerTest {
    private static final long DAY = 86_400_000_000_000L;
    private static final long NOW = Clock.system().nanos() / DAY * DAY - DAY + 3_123_456_789L;

    private static final java.util.regex.Pattern NUMBER =
            java.util.regex.Pattern.compile("[0-9]{19,20}");

    @TempDir static Path folder;
    private static EngineFixture engine;

    @BeforeAll
    static void start() {
        engine = new EngineFixture(folder.resolve("engine"));
    }

    @AfterAll
    static void stop() {
        engine.close();
    }

    /// A lake with a writer, and an engine that follows it.
    private static final class Following implements AutoCloseable {
        final String database;
        final LakeEdits lake;
        final MemoryCutLog log = new MemoryCutLog();
        final PointMaker maker;
        final SeriesIdentity identity;
        final Map<String, CheckpointStore.Checkpoint> checkpoints = new HashMap<>();
        final LakeEdits.Writer writer;
        Failpoint failpoint = Failpoint.NONE;
        Schema schema;
        EngineFollower follower;
        private long epoch;

        Following(String database, long seed, SeriesIdentity identity) {
            this.database = database;
            this.identity = identity;
            lake = new LakeEdits(folder.resolve(database));
            maker = new PointMaker(seed, identity);
            writer = lake.new Writer(log);
            schema = new Schema(database, TimePrecision.MILLIS);
            follower = restart();
        }

        EngineFollower restart() {
            schema = new Schema(database, TimePrecision.MILLIS);
            follower =
                    new EngineFollower(
                            "centre",
                            ++epoch,
                            lake.history(identity),
                            engine.client,
                            EngineHome.child(engine.process::restart),
                            schema,
                            Retention.days(Retention.DEFAULT_DAYS),
                            new CheckpointStore() {
                                @Override
                                public @Nullable Checkpoint read(String sink) {
                                    return checkpoints.get(sink);
                                }

                                @Override
                                public void write(Checkpoint checkpoint) {
                                    checkpoints.put(checkpoint.sink(), checkpoint);
                                }
                            },
                            Clock.system(),
                            new OwnMetrics(),
                            1,
                            failpoint);
            return follower;
        }

        void send(int cuts) throws InterruptedException {
            for (int i = 0; i < cuts; i++) {
                log.add(maker.batch(30, 12, NOW - i % 3 * DAY, DAY), new Batch());
            }
            writer.commit(cuts);
        }

        /// Runs until the engine shows the newest snapshot.
        void follow() throws InterruptedException {
            long deadline = System.nanoTime() + 60_000_000_000L;
            long newest = lake.history(identity).newest().snapshot();
            do {
                assertThat(System.nanoTime()).isLessThan(deadline);
                follower.run();
            } while (follower.applied() != newest);
        }

        void assertShows(java.util.function.Predicate<MemoryCutLog.MemoryCut> cuts)
                throws InterruptedException {
            var expected =
                    TableRows.expected(
                            log.cuts.stream().filter(cuts).toList(), Retention.DEFAULT_DAYS);
            var stored = TableRows.stored(engine, database);
            for (Table table : Table.values()) {
                assertThat(oneNan(stored.get(table)))
                        .as(table.label())
                        .isEqualTo(oneNan(expected.get(table)));
            }
        }

        /// Iceberg's generic writer, with which this test rewrites files, makes all NaN one;
        /// [FromLakeTest] compares bits.
        private static List<String> oneNan(@Nullable List<String> rows) {
            return java.util.Objects.requireNonNull(rows).stream()
                    .map(row ->
                            NUMBER.matcher(row)
                                    .replaceAll(number ->
                                            Double.isNaN(
                                                            Double.longBitsToDouble(
                                                                    new java.math.BigInteger(
                                                                                    number.group())
                                                                            .longValue()))
                                                    ? "NaN"
                                                    : number.group()))
                    .sorted()
                    .toList();
        }

        @Override
        public void close() throws Exception {
            engine.client.execute("DROP DATABASE " + database);
            lake.close();
        }
    }

    private static Following following(String database, long seed) {
        return new Following(database, seed, SeriesIdentity.SHA_256);
    }

    @Test
    void appendsRewritesAndDeletesAreFollowedSnapshotBySnapshot() throws Exception {
        try (var following = following("followed", 1)) {
            following.follow();
            following.send(4);
            following.send(3);
            following.follow();
            following.assertShows(cut -> true);

            following.lake.compact();
            following.send(2);
            following.follow();
            following.assertShows(cut -> true);
            following.follower.run(); // at rest it moves its tag
            assertThat(following.lake.tags()).contains("firn.follow.centre");

            following.lake.erase(cut -> cut == 2 || cut == 8);
            following.send(2);
            following.follow();
            following.assertShows(cut -> cut.sequence() != 2 && cut.sequence() != 8);
        }
    }

    @Test
    void ofErasuresThatAreBehindEachOtherADayIsReadOnce() throws Exception {
        var daysRead = new int[1];
        try (var following = following("together", 7)) {
            following.failpoint = step -> daysRead[0] += step.equals("day done") ? 1 : 0;
            following.restart();
            following.send(3);
            following.follow();
            following.lake.erase(cut -> cut == 1);
            following.send(2);
            following.lake.erase(cut -> cut == 2);
            following.lake.erase(cut -> cut == 4);
            following.send(2);
            following.follow();
            following.assertShows(cut -> !List.of(1L, 2L, 4L).contains(cut.sequence()));
            assertThat(daysRead[0]).isBetween(1, 4); // the days that points are from
            following.follower.run();
            assertThat(following.follower.contents())
                    .satisfies(contents ->
                            assertThat(contents.positions().values()).containsExactly(7L));
        }
    }

    @Test
    void aDeletedDayLeavesTheEngine() throws Exception {
        try (var following = following("deleted", 2)) {
            following.send(3);
            following.follow();
            following.lake.deleteDay(Math.floorDiv(NOW, DAY));
            following.follow();
            assertThat(
                            engine.rows(
                                    "SELECT count() FROM deleted.samples WHERE time >= "
                                            + "fromUnixTimestamp64Milli("
                                            + NOW / DAY * DAY / 1_000_000
                                            + ") AND time < fromUnixTimestamp64Milli("
                                            + (NOW / DAY + 1) * DAY / 1_000_000
                                            + ")"))
                    .containsExactly("0");
            assertThat(engine.rows("SELECT count() > 0 FROM deleted.samples")).containsExactly("1");
        }
    }

    @Test
    void rollupsOfRowsThatWentGoWithThem() throws Exception {
        try (var following = following("rolled", 8)) {
            following.follow();
            var clock = new TestClock(NOW + 3 * DAY);
            var rollups =
                    new Rollups(
                            engine.client,
                            following.schema,
                            RollupConfig.DEFAULTS,
                            Retention.days(Retention.DEFAULT_DAYS),
                            clock,
                            new OwnMetrics(),
                            Failpoint.NONE);
            rollups.open();
            following.send(9);
            following.follow();
            workOff(rollups, clock);
            List<String> tables = List.of("rollup_5m", "rollup_1h", "rollup_1d");
            var before = rollups("rolled", tables, " FINAL");

            following.lake.erase(cut -> cut == 3 || cut == 7);
            following.lake.deleteDay(Math.floorDiv(NOW, DAY));
            following.follow();
            long from = (NOW - 3 * DAY) / DAY * 86_400;
            var expected =
                    RollupRun.byStatements(
                            engine, "rolled", "rolled_left", tables, from, from + 6 * 86_400);
            assertThat(expected).isNotEqualTo(before);
            assertThat(rollups("rolled", tables, "_now")).isEqualTo(expected);
            workOff(rollups, clock);
            assertThat(rollups("rolled", tables, " FINAL")).isEqualTo(expected);
            assertThat(
                            engine.rows(
                                    "SELECT count() FROM rolled.rollup_5m WHERE deleted = 0 AND (metric_id, series_id, time) NOT IN (SELECT metric_id, series_id, time FROM rolled_left.rollup_5m)"))
                    .containsExactly("0");
        }
    }

    private static void workOff(Rollups rollups, TestClock clock) throws InterruptedException {
        int steps = 0;
        do {
            clock.advance(RollupHours.HOUR_QUIET_NANOS);
            while (rollups.step()) {
                assertThat(steps++).isLessThan(10_000);
            }
            assertThat(steps++).isLessThan(10_000);
        } while (!rollups.idle());
    }

    private static List<List<String>> rollups(String database, List<String> tables, String suffix)
            throws InterruptedException {
        var rows = new ArrayList<List<String>>();
        for (String table : tables) {
            rows.add(
                    engine
                            .rows(
                                    "SELECT %s FROM %s.%s%s"
                                            .formatted(RollupSql.ALL, database, table, suffix))
                            .stream()
                            .sorted()
                            .toList());
        }
        return rows;
    }

    /// An erasure rests the rollups and waits for the follower, who must not wait for the rollups.
    @Test
    void whoErasesAndWhoFollowsDoNotWaitForEachOther() throws Exception {
        try (var following = following("waiting", 9)) {
            following.send(3);
            following.follow();
            following.lake.deleteDay(Math.floorDiv(NOW, DAY));
            var begun = new CountDownLatch(1);
            following.failpoint =
                    step -> {
                        if (step.equals("job begun")) {
                            begun.countDown();
                        }
                    };
            following.restart();
            var computing = following.schema.rollups().computing();
            computing.lock();
            var follower =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    following.follow();
                                } catch (InterruptedException e) {
                                    Thread.currentThread().interrupt();
                                }
                            });
            begun.await();
            boolean deleted =
                    following.follower.delete(
                            "ALTER TABLE waiting.series DELETE WHERE metric_id = 0", 30_000);
            computing.unlock();
            assertThat(deleted).isTrue();
            follower.join();
            assertThat(following.follower.applied())
                    .isEqualTo(following.lake.history(following.identity).newest().snapshot());
        }
    }

    @Test
    void afterSnapshotsWentDaysAreComparedAndNothingIsLostOrDoubled() throws Exception {
        try (var following = following("expired", 3)) {
            following.send(4);
            following.follow();
            following.send(3);
            following.lake.erase(cut -> cut == 1);
            following.send(2);
            following.lake.compact();
            following.lake.expireAll();
            following.restart();
            following.follow();
            following.assertShows(cut -> cut.sequence() != 1);
        }
    }

    @Test
    void killedAnywhereItGoesOnWithoutLossOrDouble() throws Exception {
        try (var following = following("killed", 4)) {
            var random = new Random(4);
            following.failpoint =
                    step -> {
                        if (random.nextInt(12) == 0) {
                            throw new Killed();
                        }
                    };
            following.restart();
            for (int round = 0; round < 6; round++) {
                following.send(1 + random.nextInt(3));
                if (round == 2) {
                    following.lake.erase(cut -> cut == 1);
                    following.send(1);
                    following.lake.erase(cut -> cut == 2);
                }
                if (round == 4) {
                    following.lake.compact();
                    following.lake.expireAll();
                }
                for (int runs = 0; runs < 8; runs++) {
                    try {
                        following.follower.run();
                    } catch (Killed e) {
                        following.restart();
                    }
                }
            }
            following.failpoint = Failpoint.NONE;
            following.restart();
            following.follow();
            following.assertShows(cut -> cut.sequence() > 2);
        }
    }

    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    @Test
    void anEngineKilledInTheMiddleIsFilledAllTheSame() throws Exception {
        try (var following = following("engineless", 5)) {
            following.send(3);
            var killed = new boolean[1];
            following.failpoint =
                    step -> {
                        if (step.equals("after histograms") && !killed[0]) {
                            killed[0] = true;
                            engine.kill();
                        }
                    };
            following.restart();
            following.follow();
            following.assertShows(cut -> true);
        }
    }

    @Test
    void ofTwoSeriesWithOneIdOneIsKeptOutAndNeverMixed() throws Exception {
        SeriesIdentity colliding =
                canonical -> {
                    var whole = SeriesIdentity.SHA_256.fingerprint(canonical);
                    return new Fingerprint(Long.remainderUnsigned(whole.high(), 3), whole.low());
                };
        try (var following = new Following("collided", 6, colliding)) {
            following.send(3);
            following.follow();
            assertThat(
                            engine.rows(
                                    "SELECT series_id, uniqExact(fingerprint) FROM collided.series"
                                            + " GROUP BY series_id HAVING uniqExact(fingerprint) > 1"))
                    .isEmpty();
            List<String> stored =
                    engine.rows("SELECT series_id, hex(fingerprint) FROM collided.series FINAL");
            long kept = 0;
            for (var cut : following.log.cuts) {
                for (Batch batch : cut.batches()) {
                    for (int row = 0; row < batch.numbers.size(); row++) {
                        var series = batch.numbers.series[row];
                        kept +=
                                stored.contains(
                                                series.id()
                                                        + "|"
                                                        + series.fingerprint()
                                                                .toString()
                                                                .toUpperCase(java.util.Locale.ROOT))
                                        ? 1
                                        : 0;
                    }
                }
            }
            assertThat(engine.rows("SELECT count() FROM collided.samples"))
                    .containsExactly("" + kept);
        }
    }
}
