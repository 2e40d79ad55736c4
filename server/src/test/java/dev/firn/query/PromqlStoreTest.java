package dev.firn.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.config.PrometheusExporterConfig.Translation;
import dev.firn.config.PromqlConfig;
import dev.firn.config.QueryClassesConfig;
import dev.firn.query.promql.eval.QueryException;
import dev.firn.query.promql.eval.SeriesSource.Cursor;
import dev.firn.query.promql.eval.SeriesSource.Selection;
import dev.firn.query.promql.lang.Matcher;
import dev.firn.query.promql.store.PromqlStore;
import dev.firn.query.promql.value.Samples;
import dev.firn.query.promql.value.StaleNan;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What PromQL reads of the engine's rows, held against a model that sorts them in memory.
final class PromqlStoreTest {
    private static final long BASE = 1_795_132_800_000L; // 2026-11-20

    @TempDir static Path data;
    private static TestStore store;

    @BeforeAll
    static void start() throws InterruptedException {
        store = new TestStore(data);
    }

    @AfterAll
    static void stop() {
        store.close();
    }

    @BeforeEach
    void empty() throws InterruptedException {
        store.client.execute("TRUNCATE TABLE otel_metrics.series");
        store.client.execute("TRUNCATE TABLE otel_metrics.samples");
    }

    /// A stored row.
    private record Row(
            long series, long at, long start, double value, boolean stale, String src, long seq) {
        long bits() {
            return Double.doubleToRawLongBits(value);
        }

        String sql() {
            return "(1,%d,fromUnixTimestamp64Milli(%d),fromUnixTimestamp64Milli(%d),reinterpretAsFloat64(toUInt64(%s)),0,%d,'%s',%d,36500)"
                    .formatted(
                            series,
                            at,
                            start,
                            Long.toUnsignedString(bits()),
                            stale ? 1 : 0,
                            src,
                            seq);
        }
    }

    private static void series(long id, String name, String type, String temporality, String labels)
            throws InterruptedException {
        store.client.execute(
                """
                INSERT INTO otel_metrics.series (metric_id, series_id, metric_name, type, temporality, monotonic,
                    resource, scope_attributes, attributes, first_seen, last_seen)
                VALUES (1, %d, '%s', '%s', '%s', 1, '{}', '{}', '%s', '2026-01-01', '2026-12-31')
                """
                        .formatted(id, name, type, temporality, labels));
    }

    private static void insert(List<Row> rows) throws InterruptedException {
        store.client.execute(
                "INSERT INTO otel_metrics.samples VALUES "
                        + String.join(",", rows.stream().map(Row::sql).toList()));
    }

    private static PromqlStore promql(long samplesMax, long seriesMax) {
        var defaults = PromqlConfig.DEFAULTS;
        var config =
                new PromqlConfig(
                        "",
                        List.of(),
                        Translation.UNDERSCORE_ESCAPING_WITH_SUFFIXES,
                        true,
                        defaults.histograms(),
                        false,
                        defaults.lookbackNanos(),
                        samplesMax,
                        seriesMax,
                        defaults.timeMaxNanos(),
                        1);
        return new PromqlStore(
                store.client,
                TestStore.DATABASE,
                config,
                QueryClassesConfig.DEFAULT.interactive(),
                PromqlStore.ZERO_THRESHOLD,
                System::nanoTime);
    }

    private static Map<String, Samples> read(
            PromqlStore from, String name, long start, long end, BooleanSupplier canceled) {
        var found = new TreeMap<String, Samples>();
        var matchers = List.of(new Matcher(Matcher.Type.EQUAL, "__name__", name));
        var source = from.source(Duration.ofSeconds(60), canceled);
        try (Cursor cursor = source.select(new Selection(matchers, start, end, ""))) {
            while (cursor.next()) {
                assertThat(found.put(cursor.labels().toString(), cursor.samples())).isNull();
            }
        }
        return found;
    }

    private static Map<String, Samples> read(String name, long start, long end) {
        return read(promql(1_000_000, 1_000), name, start, end, () -> false);
    }

    private static List<Row> random(Random random, int series, int count) {
        var rows = new ArrayList<Row>();
        for (int i = 0; i < count; i++) {
            long at = BASE + 1_000L * random.nextInt(40);
            long start = random.nextInt(3) == 0 ? 0 : BASE - 1_000L * random.nextInt(3);
            rows.add(
                    new Row(
                            random.nextInt(series),
                            at,
                            start,
                            random.nextInt(20) == 0 ? Double.NaN : random.nextInt(100),
                            random.nextInt(15) == 0,
                            random.nextBoolean() ? "w1" : "w2",
                            1 + random.nextInt(3)));
        }
        return rows;
    }

    /// One row a (time, start): the highest (src, seq), then flags, then bits.
    private static List<Row> once(List<Row> rows, long series) {
        Comparator<Row> order =
                Comparator.comparing(Row::src)
                        .thenComparing(Row::seq)
                        .thenComparing(Row::stale)
                        .thenComparing((a, b) -> Long.compareUnsigned(a.bits(), b.bits()));
        var best = new TreeMap<Long, TreeMap<Long, Row>>();
        for (Row row : rows) {
            if (row.series == series) {
                best.computeIfAbsent(row.at, _ -> new TreeMap<>())
                        .merge(row.start, row, (a, b) -> order.compare(a, b) >= 0 ? a : b);
            }
        }
        return best.values().stream().flatMap(starts -> starts.values().stream()).toList();
    }

    private static TreeMap<Long, Double> expected(
            List<Row> rows, long series, boolean delta, long from, long to) {
        var expected = new TreeMap<Long, Double>();
        double total = 0;
        for (Row row : once(rows, series)) {
            total += row.stale || !Double.isFinite(row.value) ? 0 : row.value;
            if (row.at >= from && row.at <= to) {
                expected.put(row.at, row.stale ? StaleNan.VALUE : delta ? total : row.value);
            }
        }
        return expected;
    }

    private static TreeMap<Long, Double> found(Samples samples) {
        var found = new TreeMap<Long, Double>();
        for (int i = 0; i < samples.times().length; i++) {
            found.put(samples.times()[i], samples.values()[i]);
        }
        assertThat(found).hasSize(samples.times().length);
        return found;
    }

    private static void sameBits(TreeMap<Long, Double> found, TreeMap<Long, Double> expected) {
        assertThat(found.keySet()).isEqualTo(expected.keySet());
        expected.forEach((at, value) ->
                assertThat(Double.doubleToRawLongBits(Objects.requireNonNull(found.get(at))))
                        .as("at %d", at)
                        .isEqualTo(Double.doubleToRawLongBits(value)));
    }

    @Test
    void everyPointCountsOnceWhoeverSentItHowOften() throws InterruptedException {
        for (String temporality : new String[] {"cumulative", "delta"}) {
            empty();
            for (int id = 0; id < 5; id++) {
                series(id, "requests", "sum", temporality, "{\"id\":\"" + id + "\"}");
            }
            var random = new Random(7);
            var rows = new ArrayList<Row>();
            for (int round = 0; round < 3; round++) {
                List<Row> more = random(random, 5, 150);
                insert(more);
                rows.addAll(more);
            }
            for (int round = 0; round < 10; round++) {
                long from = BASE + 1_000L * random.nextInt(20);
                long to = from + 1_000L * random.nextInt(30);
                Map<String, Samples> found = read("requests_total", from, to);
                for (int id = 0; id < 5; id++) {
                    var expected = expected(rows, id, temporality.equals("delta"), from, to);
                    Samples samples =
                            found.getOrDefault(
                                    "{__name__=\"requests_total\", id=\"" + id + "\"}",
                                    Samples.NONE);
                    sameBits(found(samples), expected);
                }
            }
        }
    }

    @Test
    void streamsThatLookAlikeAreOneSeries() throws InterruptedException {
        series(1, "size", "gauge", "", "{}");
        series(2, "size", "sum", "cumulative", "{\"nothing\":\"\"}");
        series(3, "size", "gauge", "", "{\"nothing\":\"\"}");
        insert(
                List.of(
                        new Row(1, BASE, 0, 1, false, "w", 1),
                        new Row(3, BASE, 0, 2, false, "w", 1),
                        new Row(1, BASE + 1_000, 0, 3, false, "w", 1),
                        new Row(3, BASE + 2_000, 0, 4, false, "w", 1),
                        new Row(2, BASE + 3_000, 0, 5, false, "w", 1)));
        Map<String, Samples> found = read("size", BASE, BASE + 10_000);
        assertThat(found.keySet()).containsExactly("{__name__=\"size\"}");
        assertThat(found(Objects.requireNonNull(found.get("{__name__=\"size\"}"))))
                .as("the counter's sender calls it size, too")
                .isEqualTo(
                        new TreeMap<>(
                                Map.of(
                                        BASE,
                                        2.0,
                                        BASE + 1_000,
                                        3.0,
                                        BASE + 2_000,
                                        4.0,
                                        BASE + 3_000,
                                        5.0)));
        assertThat(read("size_total", BASE, BASE + 10_000)).hasSize(1);
    }

    @Test
    void manySeriesComeInBatchesEachOnce() throws InterruptedException {
        var rows = new ArrayList<Row>();
        var values = new ArrayList<String>();
        for (int id = 0; id < 4_500; id++) {
            values.add(
                    "(1, %d, 'many', 'gauge', '', 0, '{}', '{}', '{\"id\":\"%d\"}', '2026-01-01', '2026-12-31')"
                            .formatted(id, id));
            rows.add(new Row(id, BASE, 0, id, false, "w", 1));
        }
        store.client.executeLong(
                "INSERT INTO otel_metrics.series (metric_id, series_id, metric_name, type, temporality, monotonic,"
                        + " resource, scope_attributes, attributes, first_seen, last_seen) VALUES "
                        + String.join(",", values));
        store.client.executeLong(
                "INSERT INTO otel_metrics.samples VALUES "
                        + String.join(",", rows.stream().map(Row::sql).toList()));
        var many = promql(1_000_000, 10_000);
        Map<String, Samples> found = read(many, "many", BASE, BASE, () -> false);
        assertThat(found).hasSize(4_500);
        found.forEach((labels, samples) ->
                assertThat(labels)
                        .isEqualTo(
                                "{__name__=\"many\", id=\"" + (int) samples.values()[0] + "\"}"));
        assertThatThrownBy(() -> read(promql(1_000_000, 4_499), "many", BASE, BASE, () -> false))
                .isInstanceOf(QueryException.class)
                .hasMessageContaining("more than 4499 series");
    }

    @Test
    void limitsAndCancellingEndAQuery() throws InterruptedException {
        series(1, "size", "gauge", "", "{}");
        insert(random(new Random(1), 2, 300));
        assertThatThrownBy(() -> read(promql(5, 1_000), "size", BASE, BASE + 60_000, () -> false))
                .isInstanceOf(QueryException.class)
                .hasMessageContaining("too many samples");
        assertThatThrownBy(() -> read(promql(500, 1_000), "size", BASE, BASE + 60_000, () -> true))
                .isInstanceOf(QueryException.class)
                .hasMessageContaining("canceled");
        assertThatThrownBy(() ->
                        promql(500, 10)
                                .source(Duration.ofNanos(1), () -> false)
                                .select(
                                        new Selection(
                                                List.of(
                                                        new Matcher(
                                                                Matcher.Type.EQUAL,
                                                                "__name__",
                                                                "size")),
                                                BASE,
                                                BASE,
                                                "")))
                .isInstanceOf(QueryException.class)
                .hasMessageContaining("timed out");
    }
}
