package dev.firn.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.engine.RollupModel.Form;
import dev.firn.engine.RollupModel.Point;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The rollups' SQL against the naive model, on thousands of random series.
class RollupTest {
    private static final long START = 1_795_132_800_000L; // 2026-11-19, midnight UTC
    private static final int SERIES = 2_000;
    private static final long AGE_MAX = 600_000;
    private static final long ALL = START / 1000 + 86_400;

    @TempDir static Path folder;
    private static EngineFixture engine;
    private static final List<List<Point>> POINTS = new ArrayList<>();

    @BeforeAll
    static void start() {
        engine = new EngineFixture(folder);
        var random = new Random(42);
        for (int i = 0; i < SERIES; i++) {
            POINTS.add(randomSeries(form(i), random));
        }
    }

    @AfterAll
    static void stop() {
        engine.close();
    }

    private static Form form(int series) {
        return Form.values()[series % 4];
    }

    private static List<Point> randomSeries(Form form, Random random) {
        var points = new ArrayList<Point>();
        long time = START + random.nextInt(600_000);
        long start = random.nextInt(3) == 0 ? 0 : time - random.nextInt(1_200_000);
        double value = random.nextInt(1000);
        int count = random.nextInt(60);
        for (int i = 0; i < count; i++) {
            time += random.nextInt(12) == 0 ? random.nextInt(3_000_000) : 15_000;
            boolean unknown = false;
            if (random.nextInt(15) == 0) { // restarts, with and without saying so
                value = random.nextInt(20);
                unknown = random.nextInt(3) == 0;
                start =
                        unknown
                                ? time
                                : random.nextInt(2) == 0 ? start : time - random.nextInt(15_000);
            }
            value =
                    form == Form.CUMULATIVE
                            ? value + random.nextInt(10)
                            : random.nextInt(100) - (form == Form.UP_DOWN ? 50 : 0);
            boolean stale = random.nextInt(25) == 0;
            double sent =
                    switch (random.nextInt(80)) {
                        case 0 -> Double.NaN;
                        case 1 -> Double.POSITIVE_INFINITY;
                        case 2 -> Double.NEGATIVE_INFINITY;
                        default -> value;
                    };
            points.add(new Point(time, start, sent, stale, unknown, i));
            if (random.nextInt(10) == 0) { // sent twice, sometimes otherwise
                double twin = random.nextInt(2) == 0 ? sent : value + 1;
                points.add(
                        new Point(time, start, twin, stale, unknown, 1000 + random.nextInt(1000)));
            }
        }
        return points;
    }

    private static Schema make(String database) throws InterruptedException {
        var schema = new Schema(database, TimePrecision.MILLIS);
        schema.migrate(engine.client);
        var rows = new StringBuilder();
        for (int i = 0; i < SERIES; i++) {
            rows.append(i == 0 ? "" : ",")
                    .append(
                            "(%d,%d,'%s','%s',%d)"
                                    .formatted(
                                            i % 7,
                                            i,
                                            form(i) == Form.GAUGE ? "gauge" : "sum",
                                            form(i) == Form.GAUGE
                                                    ? ""
                                                    : form(i) == Form.DELTA
                                                            ? "delta"
                                                            : "cumulative",
                                            form(i) == Form.CUMULATIVE ? 1 : 0));
        }
        engine.client.executeLong(
                "INSERT INTO "
                        + database
                        + ".series (metric_id, series_id, type, temporality, monotonic) VALUES "
                        + rows);
        return schema;
    }

    private static String row(int series, Point point) {
        String value =
                Double.isNaN(point.value())
                        ? "nan"
                        : Double.isInfinite(point.value())
                                ? point.value() > 0 ? "inf" : "-inf"
                                : "" + point.value();
        return "(%d,%d,fromUnixTimestamp64Milli(%d),fromUnixTimestamp64Milli(%d),%s,%d,'w',%d,90)"
                .formatted(
                        series % 7,
                        series,
                        point.time(),
                        point.start(),
                        value,
                        (point.stale() ? 1 : 0)
                                | (point.unknown() ? SampleFlags.START_EQUALS_TIME : 0),
                        point.seq());
    }

    private static void insert(String database, List<String> rows) throws InterruptedException {
        for (int from = 0; from < rows.size(); from += 20_000) {
            engine.client.executeLong(
                    "INSERT INTO "
                            + database
                            + ".samples (metric_id, series_id, time, start_time, value, flags, src, seq, retention_days) VALUES "
                            + String.join(
                                    ",", rows.subList(from, Math.min(rows.size(), from + 20_000))));
        }
    }

    private static List<String> allRows() {
        var rows = new ArrayList<String>();
        for (int i = 0; i < SERIES; i++) {
            for (Point point : POINTS.get(i)) {
                rows.add(row(i, point));
            }
        }
        return rows;
    }

    private static Map<String, String> expected() {
        var expected = new TreeMap<String, String>();
        for (int i = 0; i < SERIES; i++) {
            int series = i;
            RollupModel.rows(form(i), POINTS.get(i), AGE_MAX)
                    .forEach((window, text) -> expected.put(series + "@" + window, text));
        }
        return expected;
    }

    private static Map<String, String> stored(String table) throws InterruptedException {
        var stored = new TreeMap<String, String>();
        for (var row :
                engine.client.query(
                        "SELECT series_id, toUnixTimestamp(time), count, sum, min, max,"
                                + " toUnixTimestamp64Milli(first_time), toUnixTimestamp64Milli(first_start), first_value,"
                                + " toUnixTimestamp64Milli(last_time), toUnixTimestamp64Milli(last_start), last_value,"
                                + " nan_count, stale_count, increase, duplicates, conflicts, unknown_baselines, resets FROM "
                                + table)) {
            stored.put(
                    row.text(0) + "@" + row.text(1),
                    row.number(2)
                            + "|"
                            + row.real(3)
                            + "|"
                            + row.real(4)
                            + "|"
                            + row.real(5)
                            + "|"
                            + row.text(6)
                            + "|"
                            + row.text(7)
                            + "|"
                            + row.real(8)
                            + "|"
                            + row.text(9)
                            + "|"
                            + row.text(10)
                            + "|"
                            + row.real(11)
                            + "|"
                            + row.text(12)
                            + "|"
                            + row.text(13)
                            + "|"
                            + row.real(14)
                            + "|"
                            + row.text(15)
                            + "|"
                            + row.text(16)
                            + "|"
                            + row.text(17)
                            + "|"
                            + row.text(18));
        }
        return stored;
    }

    @Test
    void numbersAreAsTheNaiveModelSays() throws InterruptedException {
        make("whole");
        insert("whole", allRows());
        var sql = new RollupSql("whole", AGE_MAX, 1, 1);
        for (String statement : sql.rollUp(RollupSql.Kind.SAMPLES, "1", START / 1000, ALL, 1)) {
            engine.client.execute(statement);
        }
        assertSame(stored("whole.rollup_5m FINAL"), expected());
    }

    @Test
    void windowByWindowGivesTheSame() throws InterruptedException {
        make("steps");
        insert("steps", allRows());
        var sql = new RollupSql("steps", AGE_MAX, 1, 1);
        var random = new Random(1);
        long version = 0;
        for (long from = START / 1000; from < ALL; ) {
            long to = Math.min(ALL, from + 300L * (1 + random.nextInt(80)));
            for (String statement : sql.rollUp(RollupSql.Kind.SAMPLES, "1", from, to, ++version)) {
                engine.client.execute(statement);
            }
            from = to;
        }
        assertSame(stored("steps.rollup_5m FINAL"), expected());
    }

    private static void assertSame(Map<String, String> stored, Map<String, String> expected) {
        assertThat(expected).hasSizeGreaterThan(5_000);
        for (var row : expected.entrySet()) {
            assertThat(stored.get(row.getKey())).as(row.getKey()).isEqualTo(row.getValue());
        }
        assertThat(stored).hasSameSizeAs(expected);
    }
}
