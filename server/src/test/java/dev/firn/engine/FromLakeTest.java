package dev.firn.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.lake.LakeEdits;
import dev.firn.model.Batch;
import dev.firn.model.Retried;
import dev.firn.model.SeriesIdentity;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FromLakeTest {
    private static final long DAY = 86_400_000_000_000L;
    private static final String SERIES =
            "SELECT metric_id, series_id, hex(fingerprint), metric_name, type, unit, temporality,"
                    + " monotonic, service_name, environment, http_route, resource, scope_name,"
                    + " scope_version, scope_attributes, attributes, resource_map, scope_map,"
                    + " attributes_map, description, metadata, resource_schema_url,"
                    + " scope_schema_url, resource_dropped_attributes, scope_dropped_attributes,"
                    + " entity_refs, revision, retention_days, first_seen, last_seen FROM %s.series"
                    + " FINAL ORDER BY series_id";

    @TempDir static Path folder;
    private static EngineFixture engine;
    private static final long NOW = Clock.system().nanos() / DAY * DAY - DAY + 3_123_456_789L;

    @BeforeAll
    static void start() {
        engine = new EngineFixture(folder.resolve("engine"));
    }

    @AfterAll
    static void stop() {
        engine.close();
    }

    /// Cuts of all kinds of points over some days, some of them too old for the engine.
    private static void fill(SinkFixture fixture, PointMaker maker, Random random, int cuts) {
        for (int i = 0; i < cuts; i++) {
            var old = maker.batch(1 + random.nextInt(3), 4, NOW - 200 * DAY, 5);
            fixture.log.add(
                    maker.batch(1 + random.nextInt(60), 12, NOW - random.nextInt(8) * DAY, DAY),
                    random.nextInt(4) == 0 ? old : new Batch());
        }
    }

    private static SinkFixture fixture(String database, LakeEdits lake) {
        var fixture = new SinkFixture(engine, database);
        fixture.history = lake.history(SeriesIdentity.SHA_256);
        fixture.restart();
        return fixture;
    }

    private static void rebuild(SinkFixture fixture, DayRange range) throws Exception {
        var asked = new FutureTask<Retried>(() -> fixture.sink.rebuild(range, 20_000));
        Thread.ofVirtual().start(asked);
        while (!asked.isDone()) {
            fixture.sink.run();
        }
        assertThat(asked.get().taken()).as(asked.get().outcome()).isTrue();
        runToEnd(fixture);
    }

    private static void runToEnd(SinkFixture fixture) throws InterruptedException {
        do {
            fixture.sink.run();
        } while (fixture.sink.lakeProgress().running());
        fixture.runToEnd();
    }

    private static Map<String, List<String>> all(String database) throws InterruptedException {
        var rows = new java.util.TreeMap<String, List<String>>();
        TableRows.stored(engine, database).forEach((table, of) -> rows.put(table.label(), of));
        rows.put("series", engine.rows(SERIES.formatted(database)));
        rows.put("src", engine.rows("SELECT DISTINCT src FROM " + database + ".samples"));
        return rows;
    }

    private static void wipe(String database) throws InterruptedException {
        for (Table table : Table.values()) {
            engine.client.execute("TRUNCATE TABLE " + database + "." + table.label());
        }
        engine.client.execute("TRUNCATE TABLE " + database + ".series");
    }

    @Test
    void rebuiltFromTheLakeItIsEqualInEveryColumn() throws Exception {
        for (long seed = 1; seed <= 2; seed++) {
            String database = "rebuilt" + seed;
            var random = new Random(seed);
            try (var lake = new LakeEdits(folder.resolve(database))) {
                SinkFixture fixture = fixture(database, lake);
                fill(fixture, new PointMaker(seed), random, 12);
                fixture.runToEnd();
                lake.new Writer(fixture.log.unreleased()).commitAll(1 + random.nextInt(5));
                fixture.log.add(
                        new PointMaker(seed + 50).batch(20, 3, NOW, DAY)); // not in the lake
                fixture.runToEnd();
                var live = all(database);

                wipe(database);
                fixture.checkpoint = 12; // as if cut 13 had not been taken in
                fixture.restart();
                rebuild(fixture, DayRange.ALL);
                assertThat(all(database)).as("seed %d", seed).isEqualTo(live);
                rebuild(fixture, DayRange.ALL); // over what is there
                assertThat(all(database)).as("again, seed %d", seed).isEqualTo(live);
                long day = Math.floorDiv(NOW, DAY);
                rebuild(fixture, new DayRange(day - 3, day));
                assertThat(all(database)).as("in part, seed %d", seed).isEqualTo(live);
                assertThat(lake.tags()).isEmpty();
                fixture.drop();
            }
        }
    }

    @Test
    void aRebuildBrokenOffAnywhereIsCompletedByTheNextProcess() throws Exception {
        String database = "broken";
        var random = new Random(5);
        try (var lake = new LakeEdits(folder.resolve(database))) {
            SinkFixture fixture = fixture(database, lake);
            fill(fixture, new PointMaker(5), random, 6);
            fixture.runToEnd();
            lake.new Writer(fixture.log.unreleased()).commitAll(2);
            var live = all(database);
            var kills = new int[] {12};
            fixture.failpoint =
                    step -> {
                        if (kills[0] > 0 && random.nextInt(9) == 0) {
                            kills[0]--;
                            throw new Killed();
                        }
                    };
            fixture.restart();
            while (kills[0] > 0) {
                try {
                    rebuild(fixture, DayRange.ALL);
                } catch (Killed | java.util.concurrent.ExecutionException e) {
                    fixture.restart();
                }
            }
            runToEnd(fixture);
            assertThat(all(database)).isEqualTo(live);
            fixture.drop();
        }
    }

    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    @Test
    void cutsThatTheLogReleasedComeFromTheLake() throws Exception {
        String database = "behind";
        try (var lake = new LakeEdits(folder.resolve(database))) {
            SinkFixture fixture = fixture(database, lake);
            var maker = new PointMaker(6);
            fill(fixture, maker, new Random(6), 3);
            fixture.runToEnd();
            fixture.sink.onClose();
            fill(fixture, maker, new Random(7), 9);
            lake.new Writer(fixture.log.unreleased()).commitAll(4);
            fixture.log.oldest = 11;
            fixture.restart();
            runToEnd(fixture);
            var caughtUp = all(database);
            assertThat(fixture.sink.troubles()).isEmpty();
            fixture.log.add(maker.batch(5, 5, NOW, 5));
            fixture.runToEnd();

            var whole = new SinkFixture(engine, "whole");
            fixture.log.cuts.subList(0, 12).forEach(cut -> whole.log.cuts.add(cut));
            whole.runToEnd();
            assertThat(caughtUp).isEqualTo(all("whole"));
            whole.drop();
            fixture.drop();
        }
    }

    @Test
    void aRunningSinkThatTheLogLeavesBehindCatchesUpFromTheLake() throws Exception {
        String database = "outrun";
        try (var lake = new LakeEdits(folder.resolve(database))) {
            SinkFixture fixture = fixture(database, lake);
            var maker = new PointMaker(8);
            fill(fixture, maker, new Random(8), 2);
            fixture.runToEnd();
            fill(fixture, maker, new Random(9), 5);
            lake.new Writer(fixture.log.unreleased()).commitAll(9);
            fixture.log.oldest = 6;
            runToEnd(fixture);

            var whole = new SinkFixture(engine, "whole2");
            whole.log.cuts.addAll(fixture.log.cuts);
            whole.runToEnd();
            assertThat(all(database)).isEqualTo(all("whole2"));
            whole.drop();
            fixture.drop();
        }
    }
}
