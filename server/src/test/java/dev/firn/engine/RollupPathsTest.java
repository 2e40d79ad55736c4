package dev.firn.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.engine.StreamMaker.Event;
import dev.firn.model.Batch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Rows that come from memory are those that the statements compute from the stored points, to the
/// last bit, whatever is late, sent twice, or dies.
class RollupPathsTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long MIDNIGHT = 1_795_132_800L * SECOND;
    private static final long START = MIDNIGHT + 21 * 3_600 * SECOND;
    private static final long SPAN = 4 * 3_600 * SECOND; // over a midnight
    private static final int SEEDS = Integer.getInteger("firn.rollup.seeds", 2);
    private static final List<String> TABLES = List.of("rollup_5m", "rollup_1h", "rollup_1d");

    @TempDir static Path folder;
    private static EngineFixture engine;

    @BeforeAll
    static void start() {
        engine = new EngineFixture(folder);
    }

    @AfterAll
    static void stop() {
        engine.close();
    }

    private static List<Event> inOrder(List<List<Event>> streams) {
        return streams.stream()
                .flatMap(List::stream)
                .sorted(Comparator.comparingLong(Event::time))
                .toList();
    }

    private static Batch batch(List<Event> events) {
        var batch = new Batch();
        events.forEach(event -> event.add().accept(batch));
        return batch;
    }

    private static void assertAsByStatements(RollupRun run, String name)
            throws InterruptedException {
        long from = MIDNIGHT / SECOND;
        var expected =
                RollupRun.byStatements(
                        engine,
                        run.sink.database,
                        name + "_statements",
                        TABLES,
                        from,
                        from + 3 * 86_400);
        assertThat(expected.getFirst()).hasSizeGreaterThan(200);
        for (int i = 0; i < TABLES.size(); i++) {
            String table = TABLES.get(i);
            assertSame(name + " " + table + "_now", run.rows(table + "_now"), expected.get(i));
        }
        run.passTo(MIDNIGHT + 3 * 86_400 * SECOND);
        run.workOff();
        for (int i = 0; i < TABLES.size(); i++) {
            String table = TABLES.get(i);
            assertSame(name + " " + table, run.rows(table + " FINAL"), expected.get(i));
            assertSame(
                    name + " " + table + "_now at the end",
                    run.rows(table + "_now"),
                    expected.get(i));
        }
    }

    private static void assertSame(String what, List<String> rows, List<String> expected) {
        var missing = new ArrayList<>(expected);
        missing.removeAll(new HashSet<>(rows));
        var odd = new ArrayList<>(rows);
        odd.removeAll(new HashSet<>(expected));
        assertThat(odd.stream().limit(3).toList())
                .as(what + ": " + odd.size() + " rows")
                .isEqualTo(missing.stream().limit(3).toList());
        assertThat(rows).as(what).hasSameSizeAs(expected);
    }

    /// Points come as they are made; windows are closed behind them.
    @Test
    void liveStreamsAreRolledUpFromMemory() throws InterruptedException {
        var run = new RollupRun(engine, "live", START);
        var random = new Random(1);
        var events = inOrder(new StreamMaker(11).streams(30, START, SPAN));
        for (int from = 0; from < events.size(); ) {
            int to = Math.min(events.size(), from + 1 + random.nextInt(1_500));
            run.passTo(events.get(to - 1).time());
            run.store(batch(events.subList(from, to)));
            for (int steps = random.nextInt(3); steps > 0; steps--) {
                run.rollups.step();
            }
            from = to;
        }
        assertAsByStatements(run, "live");
        // The statements have the windows in which points were sent twice, and those after them.
        assertThat(run.metric("firn_rollup_rows_total")).isGreaterThan(200);
    }

    /// History is sent, in order, long after.
    @Test
    void historyIsRolledUpFromMemoryAndNoPointIsReadBack() throws InterruptedException {
        var run = new RollupRun(engine, "history", START + 10 * 86_400 * SECOND);
        var random = new Random(2);
        var streams = new StreamMaker(12).streams(30, START, SPAN);
        streams.replaceAll(RollupPathsTest::ascending);
        var events = inOrder(streams);
        for (int from = 0; from < events.size(); ) {
            int to = Math.min(events.size(), from + 1 + random.nextInt(2_000));
            run.store(batch(events.subList(from, to)));
            run.clock.advance(random.nextInt(8) * SECOND);
            for (int steps = random.nextInt(3); steps > 0; steps--) {
                run.rollups.step();
            }
            from = to;
        }
        assertAsByStatements(run, "history");
        assertThat(run.metric("firn_rollup_windows_total")).isZero();
    }

    private static List<Event> ascending(List<Event> stream) {
        var kept = new ArrayList<Event>();
        for (Event event : stream) {
            if (kept.isEmpty() || kept.getLast().time() < event.time()) {
                kept.add(event);
            }
        }
        return kept;
    }

    /// Some of the points come late, by seconds or by hours.
    private static List<Event> withLateOnes(List<Event> events, Random random) {
        record Place(long at, Event event) {}
        return events.stream()
                .map(event ->
                        new Place(
                                event.time()
                                        + (random.nextInt(40) == 0
                                                ? random.nextLong(
                                                        (random.nextBoolean() ? 60 : 5_000)
                                                                * SECOND)
                                                : 0),
                                event))
                .sorted(Comparator.comparingLong(Place::at))
                .map(Place::event)
                .toList();
    }

    @Test
    void lateOnesAndEndsOfTheProcessAnywhereDoNoHarm() throws InterruptedException {
        int kills = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            var run = new RollupRun(engine, "ends_" + seed, START);
            var random = new Random(100 + seed);
            var events =
                    withLateOnes(
                            inOrder(new StreamMaker(20 + seed).streams(20, START, SPAN)), random);
            long lag = seed % 2 == 0 ? 0 : 3_600 * SECOND; // live, or an hour behind
            for (int from = 0; from < events.size(); ) {
                int to = Math.min(events.size(), from + 1 + random.nextInt(900));
                run.passTo(events.get(to - 1).time() + lag);
                run.sink.log.add(batch(events.subList(from, to)));
                boolean killed = storeAndStep(run, random, random.nextInt(6) == 0);
                if (killed) {
                    kills++;
                    if (random.nextInt(4) == 0) {
                        engine.kill();
                        engine.awaitAlive();
                    }
                    run.restart();
                }
                run.sink.runToEnd();
                from = to;
            }
            assertAsByStatements(run, "ends_" + seed);
        }
        assertThat(kills).isGreaterThan(2 * SEEDS);
    }

    /// The end of this process, as far as sink and worker can tell.
    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private static boolean storeAndStep(RollupRun run, Random random, boolean kill)
            throws InterruptedException {
        int[] left = {random.nextInt(30)};
        run.failpoint =
                kill
                        ? step -> {
                            if (left[0]-- == 0) {
                                throw new Killed();
                            }
                        }
                        : Failpoint.NONE;
        try {
            run.sink.runToEnd();
            for (int steps = random.nextInt(3); steps > 0; steps--) {
                run.rollups.step();
            }
            return false;
        } catch (Killed e) {
            return true;
        } finally {
            run.failpoint = Failpoint.NONE;
        }
    }
}
