package dev.firn.lake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.base.Disk;
import dev.firn.base.NioDisk;
import dev.firn.base.OwnMetrics;
import dev.firn.model.Cut;
import dev.firn.model.Position;
import dev.firn.model.Retried;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class LakeSinkTest {
    private static final LakeSink.Settings SETTINGS = new LakeSink.Settings(60_000, 1 << 20, 5_000);

    @TempDir Path data;

    private final MemoryLog.State state = new MemoryLog.State("w1");
    private final ManualClock clock = new ManualClock();
    private MemoryCheckpoint checkpoint = new MemoryCheckpoint();
    private final List<String> steps = new ArrayList<>();

    /// What a crash looks like from inside.
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }

    static final class ManualClock implements Clock {
        private long nanos = 1_700_000_000_000_000_000L;

        @Override
        public long nanos() {
            return nanos;
        }

        @Override
        public long ticks() {
            return nanos;
        }

        void advanceMillis(long millis) {
            nanos += millis * 1_000_000;
        }
    }

    /// One process's life.
    private final class Life implements AutoCloseable {
        final MemoryLog log;
        final LakeCatalog catalog;
        final LakeSink sink;
        final OwnMetrics metrics = new OwnMetrics();

        Life(MemoryLog.State state, Disk disk, LakeSink.Settings settings, Failpoint failpoint) {
            log = new MemoryLog(state);
            catalog = LakeCatalog.sqlite(data, disk);
            catalog.createTables(TestTables.both());
            var lakeMetrics = new LakeMetrics(metrics);
            var backoff = new Backoff(new Random(1), 0, 0);
            var rounds =
                    new LakeRounds(
                            log,
                            catalog,
                            TestRun::new,
                            new LakeIntents(checkpoint),
                            lakeMetrics,
                            new LakeCommit(backoff, 3),
                            clock,
                            failpoint);
            sink = new LakeSink(settings, log, rounds, lakeMetrics, backoff, clock);
        }

        /// Rounds until nothing moves any more; the clock makes every commit due.
        void settle() throws InterruptedException {
            for (int idle = 0; idle < 3 && sink.stopped() == null; ) {
                long before = sink.committed();
                sink.round();
                clock.advanceMillis(20_000);
                idle = sink.committed() == before && before == log.newest() ? idle + 1 : 0;
            }
        }

        @Override
        public void close() {
            catalog.close();
        }
    }

    private Life life() {
        return life(step -> {});
    }

    private Life life(Failpoint failpoint) {
        return new Life(state, new NioDisk(), SETTINGS, failpoint);
    }

    private Map<String, Integer> expectedPoints(MemoryLog.State of) {
        var expected = new TreeMap<String, Integer>();
        for (int i = 0; i < of.cuts.size(); i++) {
            for (long id : of.cuts.get(i)) {
                if (!of.quarantined.containsKey(i + 1L)) {
                    expected.merge(
                            new TestTables.Row(of.writer, i + 1, id).toString(), 1, Integer::sum);
                }
            }
        }
        return expected;
    }

    private Map<String, Integer> expectedSeries(MemoryLog.State of) {
        var expected = new TreeMap<String, Integer>();
        for (long seq = 1; seq <= of.cuts.size(); seq++) {
            if (!of.quarantined.containsKey(seq)) {
                expected.put(new TestTables.Row(of.writer, seq, 0).toString(), 1);
            }
        }
        return expected;
    }

    private void assertExactlyOnce() {
        try (var catalog = LakeCatalog.sqlite(data, new NioDisk())) {
            assertThat(TestTables.counts(catalog.load(LakePaths.POINTS)))
                    .isEqualTo(expectedPoints(state));
            assertThat(TestTables.counts(catalog.load(LakePaths.SERIES)))
                    .isEqualTo(expectedSeries(state));
        }
    }

    @Test
    void cutsAreCommittedWhenTheyAreOldEnough() throws Exception {
        state.append(1, 2);
        state.append(3);
        try (var life = life()) {
            for (int i = 0; i < 5; i++) {
                life.sink.round();
            }
            assertThat(life.sink.committed()).isZero();
            clock.advanceMillis(60_000);
            life.sink.round();
            assertThat(life.sink.committed()).isEqualTo(2);
            assertThat(state.released).isEqualTo(2);
            assertThat(new String(life.metrics.page(), StandardCharsets.UTF_8))
                    .contains("firn_lake_commits_total{outcome=\"committed\",table=\"points\"} 1.0")
                    .contains("firn_lake_rows_total{table=\"points\"} 3.0")
                    .contains("s3_uploader_files_processed_total{status=\"success\"} 2.0")
                    .contains("s3_uploader_files_processed_total{status=\"error\"} 0.0")
                    .contains("firn_lake_sink_stopped 0.0");
            var points = new LakeLs(life.catalog).table(LakePaths.POINTS);
            assertThat(points.rows()).isEqualTo(3);
            assertThat(points.snapshots().getLast().position())
                    .isEqualTo("w1=" + points.positions().get("w1"));
            assertThat(new LakeLs(life.catalog).files(LakePaths.POINTS)).hasSize(1);
            assertThat(new LakeLs(life.catalog).tables()).hasSize(2);
        }
        assertExactlyOnce();
    }

    @Test
    void memoryMakesACommitDue() throws Exception {
        for (int i = 0; i < 10; i++) {
            state.append(i, i + 100, i + 200);
        }
        var settings = new LakeSink.Settings(60_000, 700, 1_000);
        try (var life = new Life(state, new NioDisk(), settings, step -> {})) {
            for (int i = 0; i < 40; i++) {
                life.sink.round();
            }
            assertThat(life.sink.committed()).isEqualTo(8); // two cuts of 300 bytes at a time
            life.settle();
        }
        assertExactlyOnce();
    }

    @Test
    void whileMemoryIsShortACommitIsDueSooner() throws Exception {
        state.append(1, 2);
        try (var life = life()) {
            life.sink.round();
            clock.advanceMillis(6_000);
            life.sink.round();
            assertThat(life.sink.committed()).isZero();
            life.sink.memoryIsShort(() -> true);
            life.sink.round();
            assertThat(life.sink.committed()).isEqualTo(1);
        }
        assertExactlyOnce();
    }

    @Test
    void aWorkerCommitsOnRequestAndAtItsClose() throws Exception {
        state.append(1);
        try (var catalog = LakeCatalog.sqlite(data, new NioDisk())) {
            catalog.createTables(TestTables.both());
            var sink =
                    LakeSink.start(
                            SETTINGS,
                            new MemoryLog(state),
                            catalog,
                            TestRun::new,
                            checkpoint,
                            new LakeMetrics(new OwnMetrics()),
                            new Backoff(new Random(1), 1, 10),
                            Clock.system());
            try (sink) {
                assertThat(sink.commitNow(30_000)).isTrue();
                assertThat(sink.committed()).isEqualTo(1);
                synchronized (state) {
                    state.append(2);
                }
            }
            assertThat(sink.committed()).isEqualTo(2);
        }
        assertExactlyOnce();
    }

    @ParameterizedTest
    @EnumSource(Failpoint.Step.class)
    void aCrashAfterAnyStepLosesAndDoublesNothing(Failpoint.Step step) throws Exception {
        for (int occurrence = 1; occurrence <= 3; occurrence++) {
            state.append(occurrence * 10L, occurrence * 10L + 1);
            state.append(occurrence * 10L + 2, MemoryLog.POISON);
            state.append(occurrence * 10L + 3);
            var left = new int[] {occurrence};
            boolean killed = false;
            try (var life =
                    life(reached -> {
                        if (reached == step && --left[0] == 0) {
                            throw new Killed();
                        }
                    })) {
                life.settle();
            } catch (Killed e) {
                killed = true;
            }
            assertThat(killed || occurrence > 1).isTrue();
            state.append(occurrence * 10L + 4); // the next run takes in more than the one before
            try (var life = life()) {
                life.settle();
                assertThat(life.sink.stopped()).isNull();
            }
            assertExactlyOnce();
        }
        assertThat(state.quarantined).containsOnlyKeys(2L, 6L, 10L);
    }

    @Test
    void afterACrashBetweenTheTablesEachGoesOnFromItsOwnPosition() throws Exception {
        state.append(1);
        state.append(2);
        try (var life =
                life(step -> {
                    if (step == Failpoint.Step.SERIES_COMMITTED) {
                        throw new Killed();
                    }
                })) {
            life.settle();
        } catch (Killed e) {
            steps.add("killed");
        }
        assertThat(steps).containsExactly("killed");
        assertThat(position(LakePaths.SERIES).sequence()).isEqualTo(2);
        assertThat(storedPosition(LakePaths.POINTS)).isNull();
        assertThat(state.released).isZero();
        state.append(3);
        try (var life = life()) {
            life.sink.round(); // points alone take in what they lack
            life.sink.round();
            life.sink.round();
            assertThat(position(LakePaths.POINTS).sequence()).isEqualTo(2);
            assertThat(position(LakePaths.SERIES).epoch()).isEqualTo(1);
            assertThat(position(LakePaths.POINTS).epoch()).isEqualTo(2);
            life.settle();
        }
        assertThat(position(LakePaths.SERIES)).isEqualTo(position(LakePaths.POINTS));
        assertExactlyOnce();
    }

    private @org.jspecify.annotations.Nullable String storedPosition(String table) {
        try (var catalog = LakeCatalog.sqlite(data, new NioDisk())) {
            return LakeLs.positions(catalog.load(table)).get("w1");
        }
    }

    private Position position(String table) {
        return Position.parse(java.util.Objects.requireNonNull(storedPosition(table)));
    }

    @Test
    void aRefusedCutGoesToQuarantineAndTheRestGoesOn() throws Exception {
        for (int i = 1; i <= 12; i++) {
            state.append(i, i == 7 ? MemoryLog.POISON : i == 10 ? MemoryLog.POISON_AT_ONCE : -i);
        }
        try (var life = life()) {
            life.settle();
            assertThat(life.sink.stopped()).isNull();
            assertThat(new String(life.metrics.page(), StandardCharsets.UTF_8))
                    .contains("firn_lake_quarantined_cuts_total 2.0");
        }
        assertThat(state.quarantined).containsOnlyKeys(7L, 10L);
        assertThat(state.quarantined.get(7L)).contains("cannot write -13");
        assertThat(state.released).isEqualTo(12);
        assertExactlyOnce();
    }

    @Test
    void theLagCountsFromTheOldestCutThatIsMissing() throws Exception {
        state.append(1);
        Failpoint slow =
                step -> {
                    if (step == Failpoint.Step.SERIES_COMMITTED) {
                        clock.advanceMillis(10_000);
                    }
                };
        try (var life = life(slow)) {
            life.sink.round();
            clock.advanceMillis(60_000);
            state.append(2);
            life.sink.round(); // sees the second cut and commits the first
            assertThat(life.sink.committed()).isEqualTo(1);
            assertThat(lag(life)).isEqualTo(10.0);
            life.settle();
            assertThat(lag(life)).isZero();
        }
    }

    private static double lag(Life life) {
        return new String(life.metrics.page(), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith("firn_lake_lag_seconds "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' '))))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aRunOfRefusalsIsHeldInTheLog() throws Exception {
        for (int i = 1; i <= 5; i++) {
            state.append(i, MemoryLog.POISON);
        }
        state.append(6);
        try (var life = life()) {
            for (int i = 0; i < 200; i++) {
                life.sink.round();
                clock.advanceMillis(20_000);
            }
            assertThat(state.quarantined).containsOnlyKeys(1L, 2L, 3L);
            assertThat(life.sink.trouble()).contains("refuses cut 4");
            mend(4);
            mend(5);
            life.settle();
            assertThat(life.sink.trouble()).isNull();
        }
        assertExactlyOnce();
    }

    @Test
    void aLogWithoutTheCutsThatTheLakeNeedsStopsTheSink() throws Exception {
        state.append(1);
        state.append(2);
        state.append(3);
        state.oldest = 3;
        try (var life = life()) {
            life.settle();
            assertThat(life.sink.stopped())
                    .contains("needs cut 1")
                    .contains("begins with cut 3")
                    .contains("cuts 1 to 2 would be missing");
        }
    }

    @Test
    void aQuarantinedCutIsTakenOnceAfterItsCauseIsMended() throws Exception {
        for (int i = 1; i <= 5; i++) {
            state.append(i, i == 3 ? MemoryLog.POISON : -i - 100);
        }
        try (var life = life()) {
            life.settle();
            assertThat(state.quarantined).containsOnlyKeys(3L);
            var cut = cut(life, 3);
            Retried again = retry(life, cut);
            assertThat(again.taken()).isFalse();
            assertThat(again.outcome()).contains("refuses it again").contains("cannot write -13");
            assertExactlyOnce();
        }
        var before = position(LakePaths.POINTS);
        mend(3);
        try (var life = life()) {
            life.settle();
            var cut = cut(life, 3);
            assertThat(retry(life, cut)).isEqualTo(Retried.taken("committed"));
            state.quarantined.clear();
            assertExactlyOnce();
            assertThat(retry(life, cut)).isEqualTo(Retried.taken("it was there already"));
            assertExactlyOnce();
            assertThat(position(LakePaths.POINTS)).isEqualTo(before); // the chain is not disturbed
            state.append(6);
            life.settle();
        }
        assertExactlyOnce();
    }

    @ParameterizedTest
    @EnumSource(
            value = Failpoint.Step.class,
            names = {"SERIES_COMMITTED", "POINTS_COMMITTED"})
    void aRetryThatIsKilledIsCompletedByTheNext(Failpoint.Step step) throws Exception {
        state.append(1);
        state.append(2, MemoryLog.POISON);
        try (var life = life()) {
            life.settle();
        }
        mend(2);
        boolean killed = false;
        var armed = new boolean[1];
        try (var life =
                life(reached -> {
                    if (armed[0] && reached == step) {
                        throw new Killed();
                    }
                })) {
            life.settle();
            armed[0] = true;
            retry(life, cut(life, 2));
        } catch (Killed e) {
            killed = true;
        }
        assertThat(killed).isTrue();
        try (var life = life()) {
            life.settle();
            assertThat(retry(life, cut(life, 2)).taken()).isTrue();
            state.append(3);
            life.settle();
        }
        state.quarantined.clear();
        assertExactlyOnce();
    }

    @Test
    void aRetryWaitsUntilTheTablesHavePassedTheCut() throws Exception {
        state.append(1);
        try (var life = life()) {
            assertThat(life.sink.retry(cut(life, 1), 1).outcome()).contains("stands at cut 0");
        }
    }

    private static Cut cut(Life life, long sequence) throws InterruptedException {
        long released = life.log.state.released;
        life.log.state.released = 0; // quarantine has a copy of its own
        Cut cut = life.log.next(sequence - 1, 0);
        life.log.state.released = released;
        return java.util.Objects.requireNonNull(cut);
    }

    /// As if the writer could write it now; the cut stays what it was, with its digest.
    private void mend(int sequence) {
        state.cuts.get(sequence - 1)[1] = -99;
    }

    /// Asks on a thread of its own while the test drives the rounds.
    private static Retried retry(Life life, Cut cut) throws Exception {
        var asked = new FutureTask<>(() -> life.sink.retry(cut, 60_000));
        Thread.ofVirtual().start(asked);
        while (!asked.isDone()) {
            life.sink.round();
        }
        return asked.get();
    }

    @Test
    void aCommitOfADeadProcessThatArrivesLateIsTakenForWhatItIs() throws Exception {
        state.append(1);
        try (var life =
                life(step -> {
                    if (step == Failpoint.Step.INTENT_WRITTEN) {
                        throw new Killed();
                    }
                })) {
            life.settle();
        } catch (Killed e) {
            steps.add("killed");
        }
        String late =
                java.util.Objects.requireNonNull(checkpoint.read("lake"))
                        .fields()
                        .getOrDefault("series.next", "");
        state.append(2);
        try (var life =
                life(step -> {
                    if (step == Failpoint.Step.INTENT_WRITTEN && steps.size() == 1) {
                        steps.add("late");
                        arrive(late);
                    }
                })) {
            life.settle();
            assertThat(life.sink.stopped()).isNull();
        }
        assertThat(steps).containsExactly("killed", "late");
        assertExactlyOnce();
    }

    private void arrive(String position) {
        try (var catalog = LakeCatalog.sqlite(data, new NioDisk())) {
            var table = catalog.load(LakePaths.SERIES);
            var files = List.of(TestTables.write(table, List.of(new TestTables.Row("w1", 1, 0))));
            new LakeCommit(new Backoff(new Random(1), 0, 0), 1)
                    .commit(table, "w1", null, position, files);
        }
    }

    @Test
    void aCloneStopsAndNamesBothPositionsAndTheOriginalGoesOn() throws Exception {
        state.append(1);
        try (var life = life()) {
            life.settle();
        }
        var clone = state.copy();
        MemoryCheckpoint original = checkpoint;
        MemoryCheckpoint cloned = checkpoint.copy();
        state.append(2);
        try (var life = life()) {
            life.settle();
        }
        String stored = java.util.Objects.requireNonNull(storedPosition(LakePaths.SERIES));
        checkpoint = cloned;
        clone.append(3);
        try (var life = new Life(clone, new NioDisk(), SETTINGS, step -> {})) {
            life.settle();
            String expected = Position.parse(stored).sequence() == 2 ? ":1:" : "";
            assertThat(life.log.stopped).contains(stored).contains(expected).contains("clone");
            assertThat(life.sink.stopped()).isEqualTo(life.log.stopped);
            assertThat(life.sink.commitNow(1_000)).isFalse();
            assertThat(new String(life.metrics.page(), StandardCharsets.UTF_8))
                    .contains("firn_lake_sink_stopped 1.0");
        }
        checkpoint = original;
        state.append(4);
        try (var life = life()) {
            life.settle();
            assertThat(life.sink.stopped()).isNull();
        }
        assertExactlyOnce();
    }

    @Test
    void twoClonesThatRunAtOnceCannotBothGoOn() throws Exception {
        var clone = state.copy();
        MemoryCheckpoint original = checkpoint;
        MemoryCheckpoint cloned = checkpoint.copy();
        state.append(1);
        clone.append(2);
        var first = life();
        first.sink.round(); // both know the lake as it is before either commits
        checkpoint = cloned;
        var second = new Life(clone, new NioDisk(), SETTINGS, step -> {});
        second.sink.round();
        checkpoint = original;
        try (first;
                second) {
            first.settle();
            second.settle();
            assertThat(first.log.stopped).isNull();
            assertThat(second.log.stopped).contains("the lake stands at position");
        }
        assertExactlyOnce();
    }

    @Test
    void aLogThatLostCutsWhichTheLakeHasStops() throws Exception {
        state.append(1);
        state.append(2);
        try (var life = life()) {
            life.settle();
        }
        state.cuts.clear();
        try (var life = life()) {
            life.sink.round();
            assertThat(life.log.stopped).contains("cut 0").contains("must have lost cuts");
        }
    }

    @Test
    void aFullDiskDelaysAndLosesNothing() throws Exception {
        var disk = new LosingDisk(new NioDisk());
        state.append(1, 2);
        try (var life = new Life(state, disk, SETTINGS, step -> {})) {
            life.sink.round();
            disk.full = true;
            clock.advanceMillis(60_000);
            for (int i = 0; i < 5; i++) {
                life.sink.round();
            }
            assertThat(life.sink.committed()).isZero();
            assertThat(state.released).isZero();
            assertThat(state.quarantined).isEmpty();
            disk.full = false;
            life.settle();
            assertThat(life.sink.committed()).isEqualTo(1);
        }
        assertExactlyOnce();
    }

    @Test
    void powerLossAtAnyDiskOperationLosesAndDoublesNothing() throws Exception {
        boolean completed = false;
        for (int operation = 1; !completed; operation += 5) {
            var disk = new LosingDisk(new NioDisk());
            state.append(operation, operation + 1_000);
            try (var life = new Life(state, disk, SETTINGS, step -> {})) {
                disk.dieAfter(operation);
                life.settle();
                completed = !disk.dead();
            } catch (LosingDisk.PowerLost e) {
                completed = false;
            }
            disk.losePower();
            try (var life = life()) {
                life.settle();
                assertThat(life.sink.stopped()).isNull();
            }
            assertExactlyOnce();
        }
    }

    @Test
    void theStableMetadataNameShowsTheNewestSnapshot() throws Exception {
        state.append(1);
        try (var life = life()) {
            life.settle();
            var table = life.catalog.load(LakePaths.POINTS);
            String stable =
                    Files.readString(LakePaths.local(LakePaths.currentMetadata(table.location())));
            assertThat(stable)
                    .contains("\"current-snapshot-id\":" + table.currentSnapshot().snapshotId());
        }
    }
}
