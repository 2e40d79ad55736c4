package dev.firn.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.OwnMetrics;
import dev.firn.config.RollupConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// After an erasure the rollups are those of the points that are left, at once in the views, and in
/// the tables when the worker has been there; nothing of what went stands in any row.
class RollupErasureTest {
    private static final long START = 1_795_132_800L; // midnight UTC
    private static final long DAY = 86_400;
    private static final long STEP = 420;
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

    /// Points of a counter and a histogram (series 1, 11) and of two that stay (2, 12), over two
    /// days; every second one is of cut 7, the others of cut 3.
    private static List<Long> times() {
        var times = new ArrayList<Long>();
        for (long time = START + 60; time < START + 2 * DAY; time += STEP) {
            times.add(time);
        }
        return times;
    }

    private interface Left {
        boolean test(int series, long time, long seq);
    }

    /// A database with those points, rolled up.
    private static final class Store {
        final Schema schema;
        final TestClock clock = new TestClock((START + 4 * DAY) * 1_000_000_000L);
        final Rollups rollups;

        Store(String database, Left left) throws InterruptedException {
            schema = new Schema(database, TimePrecision.MILLIS);
            schema.migrate(engine.client);
            execute(
                    "INSERT INTO %s.series (metric_id, series_id, metric_name, type, temporality,"
                            + " monotonic) VALUES (1, 1, 'c', 'sum', 'cumulative', 1), (1, 2, 'c',"
                            + " 'sum', 'cumulative', 1), (5, 11, 'h', 'histogram', 'cumulative', 0),"
                            + " (5, 12, 'h', 'histogram', 'cumulative', 0)");
            for (int series = 1; series <= 2; series++) {
                execute(
                        "INSERT INTO %s.samples (metric_id, series_id, time, start_time, value, src,"
                                + " seq, retention_days) VALUES "
                                + rows(
                                        series,
                                        left,
                                        "(1,%d,fromUnixTimestamp(%d),fromUnixTimestamp(%d),%d,'w',%d,3650)"));
                execute(
                        "INSERT INTO %s.histograms (metric_id, series_id, time, start_time, count,"
                                + " sum, bounds, bucket_counts, src, seq, retention_days) VALUES "
                                + rows(
                                        series + 10,
                                        left,
                                        "(5,%1$d,fromUnixTimestamp(%2$d),fromUnixTimestamp(%3$d),%4$d,%4$d,[1],[%4$d,0],'w',%5$d,3650)"));
            }
            rollups =
                    new Rollups(
                            engine.client,
                            schema,
                            RollupConfig.DEFAULTS,
                            Retention.days(3650),
                            clock,
                            new OwnMetrics(),
                            Failpoint.NONE);
            rollups.open();
            workOff();
        }

        private static String rows(int series, Left left, String form) {
            var rows = new ArrayList<String>();
            List<Long> times = times();
            for (int i = 0; i < times.size(); i++) {
                long time = times.get(i);
                long seq = i % 2 == 0 ? 3 : 7;
                if (left.test(series, time, seq)) {
                    rows.add(form.formatted(series, time, START, i * series, seq));
                }
            }
            return rows.isEmpty() ? form.formatted(99, 0, 0, 0, 0) : String.join(",", rows);
        }

        void execute(String sql) throws InterruptedException {
            engine.client.executeLong(sql.replace("%s", schema.database()));
        }

        void workOff() throws InterruptedException {
            int steps = 0;
            do {
                clock.advance(RollupHours.HOUR_QUIET_NANOS);
                while (rollups.step()) {
                    assertThat(steps++).isLessThan(10_000);
                }
                assertThat(steps++).isLessThan(10_000);
            } while (!rollups.idle());
        }

        void erase(String series, String points, long from, long to) throws InterruptedException {
            var erasure = new EngineErasure(engine.client, schema, null);
            var rows = new EngineErasure.Rows(series, points, from * 1_000, to * 1_000);
            var counted = erasure.count(rows);
            assertThat(counted.get("rollup_5m")).isPositive();
            assertThat(counted.get("rollup_1d")).isPositive();
            assertThat(erasure.deleteRows(rows, 10_000)).isEqualTo(counted);
        }

        List<String> rows(String table) throws InterruptedException {
            var rows =
                    new ArrayList<>(
                            engine.rows(
                                    "SELECT %s FROM %s.%s WHERE series_id < 99"
                                            .formatted(RollupSql.ALL, schema.database(), table)));
            Collections.sort(rows);
            return rows;
        }

        void assertAs(Store other) throws InterruptedException {
            for (String table : TABLES) {
                assertThat(rows(table + "_now")).isEqualTo(other.rows(table + " FINAL"));
            }
            workOff();
            for (String table : TABLES) {
                assertThat(rows(table + " FINAL")).isEqualTo(other.rows(table + " FINAL"));
                assertThat(rows(table + "_now")).isEqualTo(other.rows(table + " FINAL"));
            }
        }

        long stored(String condition) throws InterruptedException {
            long all = 0;
            for (String table : TABLES) {
                all +=
                        Long.parseLong(
                                engine.rows(
                                                "SELECT count() FROM %s.%s WHERE %s"
                                                        .formatted(
                                                                schema.database(),
                                                                table,
                                                                condition))
                                        .getFirst());
            }
            return all;
        }
    }

    @Test
    void aTimeOfASeriesIsErasedAndItsBordersAreComputedAnew() throws InterruptedException {
        long from = START + 10 * 3_600 + 130;
        long to = START + 13 * 3_600 + 700;
        var store = new Store("span", (series, time, seq) -> true);
        store.erase(
                "series_id IN (1, 11)",
                "time >= toDateTime64(%d, 3, 'UTC') AND time < toDateTime64(%d, 3, 'UTC')"
                        .formatted(from, to),
                from,
                to);
        assertThat(
                        store.stored(
                                "series_id IN (1, 11) AND toUnixTimestamp(time) BETWEEN "
                                        + (from - 299)
                                        + " AND "
                                        + (to - 1)))
                .isZero();
        var left =
                new Store(
                        "span_left",
                        (series, time, seq) -> series % 10 == 2 || time < from || time >= to);
        store.assertAs(left);
    }

    @Test
    void aDayOfASeriesIsErasedAndTheNextStartsFromTheDayBefore() throws InterruptedException {
        long to = START + DAY;
        var store = new Store("day", (series, time, seq) -> true);
        store.erase(
                "series_id IN (1, 11)", "time < toDateTime64(%d, 3, 'UTC')".formatted(to), 0, to);
        assertThat(store.stored("series_id IN (1, 11) AND toUnixTimestamp(time) < " + to)).isZero();
        store.workOff(); // which finds out that the stream of what is first now was watched
        store.assertAs(
                new Store("day_left", (series, time, seq) -> series % 10 == 2 || time >= to));
    }

    @Test
    void aSeriesIsErasedForGood() throws InterruptedException {
        var store = new Store("whole", (series, time, seq) -> true);
        store.erase("series_id IN (1, 11)", "1", 0, EngineErasure.Rows.EVER / 1_000);
        assertThat(store.stored("series_id IN (1, 11)")).isZero();
        store.assertAs(new Store("whole_left", (series, time, seq) -> series % 10 == 2));
        assertThat(store.stored("series_id IN (1, 11)")).isZero();
        assertThat(store.stored("series_id IN (2, 12)")).isPositive();
    }

    @Test
    void whatCameAfterTheErasureStays() throws InterruptedException {
        var store = new Store("cut", (series, time, seq) -> true);
        store.erase(
                "series_id IN (1, 11)",
                "NOT (src = 'w' AND seq > 5)",
                0,
                EngineErasure.Rows.EVER / 1_000);
        store.assertAs(new Store("cut_left", (series, time, seq) -> series % 10 == 2 || seq == 7));
    }
}
