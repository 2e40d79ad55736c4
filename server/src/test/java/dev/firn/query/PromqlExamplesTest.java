package dev.firn.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Series and answers that Prometheus publishes with its tests of `increase`, `histogram_quantile`
/// and native histograms (promql/promqltest/testdata: functions, histograms, native_histograms),
/// asked of the views over rollups. Where PromQL extrapolates to a range's ends, the ranges are
/// such that there is nothing to add.
class PromqlExamplesTest {
    private static final long START = 1_748_736_000L; // 2025-06-01, midnight UTC
    private static final long STEP = 300;

    @TempDir static Path data;
    private static TestStore store;

    @BeforeAll
    static void start() throws InterruptedException {
        store = new TestStore(data);
        StoreViews.define(store.client, TestStore.DATABASE, false);
    }

    @AfterAll
    static void stop() {
        store.close();
    }

    @BeforeEach
    void empty() throws InterruptedException {
        for (String table : List.of("series", "samples", "histograms", "exponential_histograms")) {
            store.client.execute("TRUNCATE TABLE otel_metrics." + table);
        }
    }

    private static void series(int id, String name, String type, String service)
            throws InterruptedException {
        store.client.execute(
                "INSERT INTO otel_metrics.series (metric_id, series_id, metric_name, type, unit,"
                        + " temporality, monotonic, service_name) VALUES (1, %d, '%s', '%s', '',"
                                .formatted(id, name, type)
                        + " 'cumulative', "
                        + (type.equals("sum") ? 1 : 0)
                        + ", '"
                        + service
                        + "')");
    }

    /// A value each five minutes from the start on.
    private static void counter(int id, String path, double... values) throws InterruptedException {
        series(id, "http_requests", "sum", path);
        var rows = new ArrayList<String>();
        for (int i = 0; i < values.length; i++) {
            rows.add(
                    "(1, %d, fromUnixTimestamp(%d), %s, 'w', 1, 36500)"
                            .formatted(id, START + i * STEP, values[i]));
        }
        store.client.execute(
                "INSERT INTO otel_metrics.samples (metric_id, series_id, time, value, src, seq,"
                        + " retention_days) VALUES "
                        + String.join(",", rows));
    }

    private static double[] ramp(double from, double step, int times) {
        double[] values = new double[times + 1];
        Arrays.setAll(values, i -> from + i * step);
        return values;
    }

    private static double[] then(double[] a, double[] b) {
        double[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    private static String increases() throws InterruptedException {
        return String.join(
                ", ",
                store.rows(
                        "SELECT service_name, sum(increase) FROM v_counter_hourly GROUP BY"
                                + " service_name ORDER BY service_name"));
    }

    /// `load 5m http_requests{path="/foo"} 0+10x10, {path="/bar"} 0+10x5 0+10x5`, at 50m [50m] and
    /// at 100m [100m].
    @Test
    void increaseOverAReset() throws InterruptedException {
        counter(1, "/foo", ramp(0, 10, 10));
        counter(2, "/bar", Arrays.copyOf(then(ramp(0, 10, 5), ramp(0, 10, 5)), 11));
        assertThat(increases()).isEqualTo("/bar|90, /foo|100");
        empty();
        counter(1, "/foo", ramp(0, 10, 10));
        counter(2, "/bar", then(ramp(0, 10, 5), ramp(0, 10, 5)));
        assertThat(increases()).isEqualTo("/bar|100, /foo|100");
    }

    /// `0 1 2 3 2 3 4`, one reset; `1 2 3 1`, and a constant.
    @Test
    void increaseCountsWhatCameAfterAResetInFull() throws InterruptedException {
        counter(1, "a", 0, 1, 2, 3, 2, 3, 4);
        counter(2, "b", 1, 2, 3, 1);
        counter(3, "c", 5, 5, 5, 5);
        assertThat(increases()).isEqualTo("a|7, b|3, c|0");
    }

    private static void histogram(int id, String name, String bounds, long... perStep)
            throws InterruptedException {
        series(id, name, "histogram", "");
        var rows = new ArrayList<String>();
        for (int i = 0; i <= 10; i++) {
            int step = i;
            long[] counts = Arrays.stream(perStep).map(n -> n * step).toArray();
            rows.add(
                    "(1, %d, fromUnixTimestamp(%d), %d, 0, 1, %s, %s, 'w', 1, 36500)"
                            .formatted(
                                    id,
                                    START + i * STEP,
                                    Arrays.stream(counts).sum(),
                                    bounds,
                                    Arrays.toString(counts)));
        }
        store.client.execute(
                "INSERT INTO otel_metrics.histograms (metric_id, series_id, time, count, sum, has,"
                        + " bounds, bucket_counts, src, seq, retention_days) VALUES "
                        + String.join(",", rows));
    }

    private static double[] quantiles(String name) throws InterruptedException {
        String row =
                store.rows(
                                "SELECT p50, p95, p99 FROM v_histogram_hourly WHERE metric_name = '"
                                        + name
                                        + "' AND timestamp = '2025-06-01 00:00:00'")
                        .getFirst();
        return Arrays.stream(row.split("\\|")).mapToDouble(Double::parseDouble).toArray();
    }

    /// `testhistogram_bucket`: start="positive" has 0.15 at the median and 1 (the last bound) where
    /// PromQL's quantile falls into the bucket without one; start="negative" -0.15 and 0.3. A
    /// quantile here is at most a tenth of its bucket away.
    @Test
    void quantilesOfExplicitBuckets() throws InterruptedException {
        histogram(1, "testhistogram", "[0.1, 0.2, 1]", 5, 2, 4, 1);
        double[] positive = quantiles("testhistogram");
        assertThat(positive[0]).isCloseTo(0.15, within(0.01));
        assertThat(positive[1]).isEqualTo(1);
        assertThat(positive[2]).isEqualTo(1);
        histogram(2, "testhistogram_negative", "[-0.2, -0.1, 0.3]", 1, 1, 0, 1);
        double[] negative = quantiles("testhistogram_negative");
        assertThat(negative[0]).isCloseTo(-0.15, within(0.01));
        assertThat(negative[1]).isEqualTo(0.3);
    }

    /// `request_duration_seconds_bucket{job="job1"}` and `job2` of both instances together: 0.125
    /// at the median.
    @Test
    void quantilesOfSeveralSeriesComeFromTheirMergedBuckets() throws InterruptedException {
        histogram(1, "request_duration", "[0.1, 0.2]", 1, 2, 1); // job1, ins1
        histogram(2, "request_duration", "[0.1, 0.2]", 2, 3, 1); // job1, ins2
        // ranks: 5 of 10 events; 3 below 0.1, so (5 - 3) / 5 of the way to 0.2
        assertThat(quantiles("request_duration")[0]).isCloseTo(0.14, within(0.01));
    }

    /// `{{schema:0 sum:5 count:4 buckets:[1 2 1]}}`: the median is 2^0.5, PromQL's exponential
    /// interpolation of the middle of (1, 2]; with a zero bucket of 4 more it is in that one.
    @Test
    void quantilesOfExponentialBuckets() throws InterruptedException {
        nativeHistogram(1, "single_histogram", 0, "[1, 2, 1]", 4, 0, -1);
        assertThat(quantiles("single_histogram")[0]).isCloseTo(Math.sqrt(2), within(1e-12));
        nativeHistogram(2, "zero_histogram", 0, "[1, 2, 1]", 9, 5, -1);
        assertThat(quantiles("zero_histogram")[0]).isZero();
        // {{schema:1 …}}: three buckets of base 2^0.5 around 1
        nativeHistogram(3, "finer_histogram", 1, "[1, 2, 1]", 4, 0, -1);
        assertThat(quantiles("finer_histogram")[0]).isCloseTo(Math.pow(2, 0.25), within(1e-12));
    }

    private static void nativeHistogram(
            int id, String name, int scale, String buckets, long count, long zero, int offset)
            throws InterruptedException {
        series(id, name, "exponential_histogram", "");
        store.client.execute(
                ("INSERT INTO otel_metrics.exponential_histograms (metric_id, series_id, time,"
                                + " start_time, count, sum, has, scale, zero_count, positive_offset,"
                                + " positive_counts, src, seq, retention_days) VALUES (1, %d, fromUnixTimestamp(%d), fromUnixTimestamp(%d),"
                                + " %d, 5, 1, %d, %d, %d, %s, 'w', 1, 36500)")
                        .formatted(id, START + 60, START, count, scale, zero, offset, buckets));
    }
}
