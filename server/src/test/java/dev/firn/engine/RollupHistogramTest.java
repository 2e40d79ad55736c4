package dev.firn.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Rollups of histograms of both kinds against naive merging of their buckets.
class RollupHistogramTest {
    private static final long START = 1_795_132_800_000L;
    private static final long AGE_MAX = 600_000;
    private static final int SERIES = 600;

    @TempDir static Path folder;
    private static EngineFixture engine;

    /// A point: buckets by their upper bound (explicit) or index at the scale (exponential).
    private record Point(
            long time,
            long start,
            boolean stale,
            int form,
            TreeMap<Double, Long> buckets,
            double sum) {
        long count() {
            return buckets.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    @BeforeAll
    static void start() {
        engine = new EngineFixture(folder);
    }

    @AfterAll
    static void stop() {
        engine.close();
    }

    /// What is merged and compared, by kind of histogram.
    private interface Kind {
        Point point(long time, long start, boolean stale, int form, double[] seen);

        /// The same counts in a coarser form that both can have.
        int common(int a, int b);

        TreeMap<Double, Long> on(TreeMap<Double, Long> buckets, int from, int to);
    }

    /// `form` is a set of bounds as bits over 1, 2, 5, 10, 20; a bucket's key is its bound,
    /// infinity for the last.
    private static final Kind EXPLICIT =
            new Kind() {
                private final double[] all = {1, 2, 5, 10, 20};

                private TreeSet<Double> bounds(int form) {
                    var bounds = new TreeSet<Double>(List.of(Double.POSITIVE_INFINITY));
                    for (int i = 0; i < all.length; i++) {
                        if ((form >> i & 1) == 1) {
                            bounds.add(all[i]);
                        }
                    }
                    return bounds;
                }

                @Override
                public Point point(long time, long start, boolean stale, int form, double[] seen) {
                    var buckets = new TreeMap<Double, Long>();
                    bounds(form).forEach(bound -> buckets.put(bound, 0L));
                    for (double one : seen) {
                        buckets.merge(buckets.ceilingKey(one), 1L, Long::sum);
                    }
                    return new Point(time, start, stale, form, buckets, Arrays.stream(seen).sum());
                }

                @Override
                public int common(int a, int b) {
                    return a & b;
                }

                @Override
                public TreeMap<Double, Long> on(TreeMap<Double, Long> buckets, int from, int to) {
                    var result = new TreeMap<Double, Long>();
                    bounds(to).forEach(bound -> result.put(bound, 0L));
                    buckets.forEach(
                            (bound, n) -> result.merge(result.ceilingKey(bound), n, Long::sum));
                    return result;
                }
            };

    /// `form` is the scale; a bucket's key is its index.
    private static final Kind EXPONENTIAL =
            new Kind() {
                @Override
                public Point point(long time, long start, boolean stale, int form, double[] seen) {
                    var buckets = new TreeMap<Double, Long>();
                    for (double one : seen) {
                        // Exact: values are powers of two, whose bucket is the one they end.
                        double index = Math.getExponent(one) * (double) (1 << form) - 1;
                        buckets.merge(index, 1L, Long::sum);
                    }
                    return new Point(time, start, stale, form, buckets, Arrays.stream(seen).sum());
                }

                @Override
                public int common(int a, int b) {
                    return Math.min(a, b);
                }

                @Override
                public TreeMap<Double, Long> on(TreeMap<Double, Long> buckets, int from, int to) {
                    var result = new TreeMap<Double, Long>();
                    buckets.forEach((index, n) ->
                            result.merge(Math.floor(index / (1 << from - to)), n, Long::sum));
                    return result;
                }
            };

    private static List<Point> randomSeries(Kind kind, boolean delta, Random random) {
        var points = new ArrayList<Point>();
        long time = START + random.nextInt(600_000);
        long start = time - random.nextInt(1_200_000);
        double[] seen = {};
        int form = form(kind, random);
        for (int i = random.nextInt(40); i > 0; i--) {
            time += random.nextInt(12) == 0 ? random.nextInt(2_000_000) : 15_000;
            boolean restart = random.nextInt(15) == 0;
            if (restart && random.nextBoolean()) {
                start = time - random.nextInt(15_000) - 1;
            }
            if (random.nextInt(10) == 0) {
                form = form(kind, random);
            }
            int before = delta || restart ? 0 : seen.length;
            double[] more =
                    random.doubles(before + random.nextInt(6))
                            .map(x -> Math.pow(2, (int) (x * 6) - 1))
                            .toArray();
            System.arraycopy(seen, 0, more, 0, before);
            seen = more;
            points.add(kind.point(time, start, random.nextInt(25) == 0, form, seen));
        }
        return points;
    }

    private static int form(Kind kind, Random random) {
        return kind == EXPLICIT ? random.nextInt(32) : random.nextInt(4);
    }

    private static Map<String, String> model(
            Kind kind, boolean delta, int series, List<Point> points) {
        var windows = new TreeMap<Long, List<Object[]>>(); // of (form, buckets)
        var numbers = new TreeMap<Long, double[]>(); // count, sum, unknown, resets, stale
        Point before = null;
        for (Point point : points) {
            long window = point.time / 300_000 * 300;
            double[] row = numbers.computeIfAbsent(window, key -> new double[5]);
            if (point.stale) {
                row[4]++;
                continue;
            }
            int form = point.form;
            TreeMap<Double, Long> gained = point.buckets;
            double sum = point.sum;
            if (!delta && before == null && point.time - point.start > AGE_MAX) {
                gained = new TreeMap<>(gained);
                gained.replaceAll((key, n) -> 0L);
                sum = 0;
                row[2]++;
            } else if (!delta && before != null) {
                int common = kind.common(form, before.form);
                var difference = kind.on(point.buckets, form, common);
                kind.on(before.buckets, before.form, common)
                        .forEach((key, n) -> difference.merge(key, -n, Long::sum));
                boolean fell =
                        point.count() < before.count()
                                || kind == EXPLICIT
                                        && difference.values().stream().anyMatch(n -> n < 0);
                if (point.start > before.start || fell) {
                    row[3]++;
                } else {
                    gained = difference;
                    form = common;
                    sum -= before.sum;
                }
            }
            row[0] += gained.values().stream().mapToLong(Long::longValue).sum();
            row[1] += sum;
            windows.computeIfAbsent(window, key -> new ArrayList<>())
                    .add(new Object[] {form, gained});
            before = point;
        }
        var rows = new TreeMap<String, String>();
        numbers.forEach((window, row) ->
                rows.put(
                        series + "@" + window,
                        Arrays.toString(row)
                                + merged(kind, windows.getOrDefault(window, List.of()))));
        return rows;
    }

    @SuppressWarnings("unchecked")
    private static String merged(Kind kind, List<Object[]> parts) {
        if (parts.isEmpty()) {
            return "{}";
        }
        int form = parts.stream().mapToInt(part -> (int) part[0]).reduce(kind::common).getAsInt();
        var sum = new TreeMap<Double, Long>();
        for (Object[] part : parts) {
            kind.on((TreeMap<Double, Long>) part[1], (int) part[0], form)
                    .forEach((key, n) -> sum.merge(key, n, Long::sum));
        }
        sum.values().removeIf(n -> n <= 0);
        return sum.toString();
    }

    private static String explicitRow(int series, Point point) {
        var bounds =
                point.buckets.keySet().stream()
                        .filter(Double::isFinite)
                        .map(String::valueOf)
                        .collect(Collectors.joining(",", "[", "]"));
        return "(%d,fromUnixTimestamp64Milli(%d),fromUnixTimestamp64Milli(%d),%d,%s,%s,%s,%d,90)"
                .formatted(
                        series,
                        point.time,
                        point.start,
                        point.count(),
                        point.sum,
                        bounds,
                        point.buckets.values(),
                        point.stale ? 1 : 0);
    }

    private static String exponentialRow(int series, Point point) {
        int offset = point.buckets.isEmpty() ? 0 : point.buckets.firstKey().intValue();
        var counts = new ArrayList<Long>();
        for (double i = offset; !point.buckets.isEmpty() && i <= point.buckets.lastKey(); i++) {
            counts.add(point.buckets.getOrDefault(i, 0L));
        }
        return "(%d,fromUnixTimestamp64Milli(%d),fromUnixTimestamp64Milli(%d),%d,%s,%d,%d,%s,%d,%s,%d,90)"
                .formatted(
                        series,
                        point.time,
                        point.start,
                        point.count(),
                        point.sum,
                        point.form,
                        offset,
                        counts,
                        offset - 1,
                        counts,
                        point.stale ? 1 : 0);
    }

    private static Map<String, String> prepare(Kind kind, String database)
            throws InterruptedException {
        new Schema(database, TimePrecision.MILLIS).migrate(engine.client);
        var random = new Random(4);
        var series = new ArrayList<String>();
        var rows = new ArrayList<String>();
        var expected = new TreeMap<String, String>();
        for (int i = 0; i < SERIES; i++) {
            int id = i;
            boolean delta = i % 3 == 0;
            var points = randomSeries(kind, delta, random);
            series.add("(0,%d,'histogram','%s')".formatted(i, delta ? "delta" : "cumulative"));
            points.forEach(point ->
                    rows.add(
                            kind == EXPLICIT ? explicitRow(id, point) : exponentialRow(id, point)));
            expected.putAll(model(kind, delta, i, points));
        }
        engine.client.executeLong(
                "INSERT INTO "
                        + database
                        + ".series (metric_id, series_id, type, temporality) VALUES "
                        + String.join(",", series));
        String columns =
                kind == EXPLICIT
                        ? ".histograms (series_id, time, start_time, count, sum, bounds, bucket_counts, flags, retention_days)"
                        : ".exponential_histograms (series_id, time, start_time, count, sum, scale, positive_offset, positive_counts, negative_offset, negative_counts, flags, retention_days)";
        engine.client.executeLong(
                "INSERT INTO " + database + columns + " VALUES " + String.join(",", rows));
        return expected;
    }

    private static void roll(RollupSql.Kind kind, String database) throws InterruptedException {
        var sql = new RollupSql(database, AGE_MAX, 1, 1);
        var random = new Random(2);
        long version = 0;
        long end = START / 1000 + 86_400;
        for (long from = START / 1000; from < end; ) {
            long to = Math.min(end, from + 300L * (1 + random.nextInt(80)));
            for (String statement : sql.rollUp(kind, "1", from, to, ++version)) {
                engine.client.execute(statement);
            }
            from = to;
        }
    }

    @Test
    void explicitOnesAreMergedOnCommonBounds() throws InterruptedException {
        var expected = prepare(EXPLICIT, "explicit");
        roll(RollupSql.Kind.HISTOGRAMS, "explicit");
        compare(
                "explicit",
                expected,
                "mapFilter((k, v) -> v > 0, mapFromArrays(arrayPushBack(bounds, inf), if(empty(buckets), [0], buckets)))");
    }

    @Test
    void exponentialOnesAreMergedAtTheLeastScale() throws InterruptedException {
        var expected = prepare(EXPONENTIAL, "exponential");
        roll(RollupSql.Kind.EXPONENTIAL_HISTOGRAMS, "exponential");
        compare(
                "exponential",
                expected,
                "mapFilter((k, v) -> v > 0, mapFromArrays(arrayMap(i -> toFloat64(positive_offset + i - 1), arrayEnumerate(positive_buckets)), positive_buckets))");
    }

    /// Buckets four billion apart: the scale falls until they fit, no event is lost.
    @Test
    void exponentialOnesFarApartAreMergedAtAScaleThatHoldsThem() throws InterruptedException {
        new Schema("far", TimePrecision.MILLIS).migrate(engine.client);
        engine.client.executeLong(
                "INSERT INTO far.series (metric_id, series_id, type, temporality) VALUES (0, 1, 'histogram', 'delta')");
        var rows = new ArrayList<String>();
        int[] offsets = {-2_000_000_000, 2_000_000_000, 5, 1_900_000_000};
        int[] minutes = {0, 1, 2, 6}; // the last alone in its five minutes
        for (int i = 0; i < offsets.length; i++) {
            long time = START + minutes[i] * 60_000L;
            rows.add(
                    "(1,fromUnixTimestamp64Milli(%d),fromUnixTimestamp64Milli(%d),3,1,20,%d,[1,2],0,[],0,90)"
                            .formatted(time, time - 1_000, offsets[i]));
        }
        engine.client.executeLong(
                "INSERT INTO far.exponential_histograms (series_id, time, start_time, count, sum, scale, positive_offset, positive_counts, negative_offset, negative_counts, flags, retention_days) VALUES "
                        + String.join(",", rows));
        roll(RollupSql.Kind.EXPONENTIAL_HISTOGRAMS, "far");
        var sql = new RollupSql("far", AGE_MAX, 3_650, 3_650);
        for (RollupSql.Longer longer : RollupSql.Longer.values()) {
            for (String statement :
                    sql.rollUp(longer, "1", START / 1000, START / 1000 + 86_400, 1, true)) {
                engine.client.execute(statement);
            }
        }
        var windows = new ArrayList<String>();
        for (String table : List.of("rollup_5m", "rollup_1h", "rollup_1d")) {
            for (var row :
                    engine.client.query(
                            "SELECT scale, positive_offset, length(positive_buckets), arraySum(positive_buckets), positive_buckets[1], positive_buckets[-1] FROM far."
                                    + table
                                    + " FINAL ORDER BY time")) {
                int scale = (int) row.number(0);
                long buckets = row.number(2);
                windows.add(
                        "%d events, %d and %d at the ends"
                                .formatted(row.number(3), row.number(4), row.number(5)));
                assertThat(buckets).isBetween(1L, 1L << 14);
                if (buckets > 2) { // 20 - 18: four billion in fewer than 16,384
                    assertThat(scale).isEqualTo(2);
                    assertThat(row.number(1)).isEqualTo(Math.floorDiv(-2_000_000_000L, 1 << 18));
                }
            }
        }
        assertThat(windows)
                .containsExactly(
                        "9 events, 3 and 3 at the ends",
                        "3 events, 1 and 2 at the ends",
                        "12 events, 3 and 3 at the ends",
                        "12 events, 3 and 3 at the ends");
    }

    private static void compare(String database, Map<String, String> expected, String buckets)
            throws InterruptedException {
        var stored = new TreeMap<String, String>();
        for (var row :
                engine.client.query(
                        "SELECT series_id, toUnixTimestamp(time), increase, sum_increase, unknown_baselines, resets, stale_count,"
                                + " mapKeys(m), mapValues(m) FROM (SELECT *, "
                                + buckets
                                + " AS m FROM "
                                + database
                                + ".rollup_5m FINAL)")) {
            var merged = new TreeMap<Double, Long>();
            String[] keys = row.text(7).replaceAll("[\\[\\]]", "").split(",");
            String[] values = row.text(8).replaceAll("[\\[\\]]", "").split(",");
            for (int i = 0; i < keys.length && !keys[i].isEmpty(); i++) {
                merged.put(
                        keys[i].equals("inf")
                                ? Double.POSITIVE_INFINITY
                                : Double.parseDouble(keys[i]),
                        Long.parseLong(values[i]));
            }
            stored.put(
                    row.text(0) + "@" + row.text(1),
                    Arrays.toString(
                                    new double[] {
                                        row.real(2),
                                        row.real(3),
                                        row.real(4),
                                        row.real(5),
                                        row.real(6)
                                    })
                            + merged);
        }
        assertThat(expected).hasSizeGreaterThan(1_000);
        for (var row : expected.entrySet()) {
            assertThat(stored.get(row.getKey())).as(row.getKey()).isEqualTo(row.getValue());
        }
        assertThat(stored).hasSameSizeAs(expected);
    }
}
