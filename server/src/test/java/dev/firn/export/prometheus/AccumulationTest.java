package dev.firn.export.prometheus;

import static dev.firn.export.prometheus.PageFixture.PROTOBUF;
import static dev.firn.export.prometheus.PageFixture.TEXT;
import static dev.firn.export.prometheus.PageFixture.counter;
import static dev.firn.export.prometheus.PageFixture.exponential;
import static dev.firn.export.prometheus.PageFixture.histogram;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Forall;
import dev.firn.export.prometheus.PageFixture.Spec;
import io.prometheus.metrics.expositionformats.generated.com_google_protobuf_4_36_2.Metrics.Histogram;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// metrics/data-model.md, "Sums: Delta-to-Cumulative".
class AccumulationTest {
    private static final long[] NONE = {};

    private final PageFixture page = new PageFixture();

    @Test
    void deltasOfACounterAddUpAsTheNaiveModelDoes() {
        Spec spec = counter("c").delta();
        Forall.of(
                200,
                3,
                random -> {
                    var fresh = new PageFixture();
                    double total = 0;
                    double last = 0;
                    for (int i = 0; i < 20; i++) {
                        double start = random.nextInt(3) == 0 ? random.nextInt(30) : last;
                        double time = start + random.nextInt(3);
                        double value = random.nextInt(100);
                        fresh.add(spec, time, start, value);
                        if (i == 0 || time > last) {
                            boolean goesOn = i > 0 && (start >= last || start == 0);
                            total = goesOn ? total + value : value;
                            last = time;
                        }
                    }
                    fresh.export();
                    assertThat(fresh.samples(TEXT)).containsExactly("c_total " + (long) total);
                });
    }

    @Test
    void histogramsOfOtherBoundsBeginAnew() {
        Spec spec = histogram("h").delta();
        page.addHistogram(spec, 2, 1, 1.5, new double[] {1}, new long[] {1, 2});
        page.addHistogram(spec, 3, 2, 2, new double[] {1}, new long[] {3, 4});
        page.export();
        assertThat(page.samples(TEXT))
                .containsExactly(
                        "h_bucket{le=\"1\"} 4",
                        "h_bucket{le=\"+Inf\"} 10",
                        "h_sum 3.5",
                        "h_count 10");
        page.addHistogram(spec, 4, 3, 2, new double[] {2}, new long[] {1, 0});
        page.export();
        assertThat(page.samples(TEXT)).contains("h_bucket{le=\"2\"} 1", "h_count 1");
    }

    @Test
    void nativeHistogramsHaveTheSpecificationsSpans() throws IOException {
        page.addExponential(
                exponential("e"),
                2,
                1,
                0,
                0,
                1,
                3,
                new long[] {10, 0, 0, 20, 5, 2},
                -3,
                new long[] {1, 0, 0, 0, 2});
        Histogram histogram = exported();
        assertThat(histogram.getSchema()).isZero();
        assertThat(histogram.getZeroThreshold()).isEqualTo(1e-128);
        assertThat(histogram.getPositiveSpan(0).getOffset()).isEqualTo(4);
        assertThat(histogram.getPositiveSpan(0).getLength()).isEqualTo(6);
        assertThat(histogram.getPositiveDeltaList()).containsExactly(10L, -10L, 0L, 20L, -15L, -3L);
        assertThat(histogram.getNegativeSpanList()).hasSize(2);
        assertThat(histogram.getNegativeSpan(0).getOffset()).isEqualTo(-2);
        assertThat(histogram.getNegativeSpan(1).getOffset()).isEqualTo(3);
        assertThat(histogram.getNegativeDeltaList()).containsExactly(1L, 1L);
        assertThat(histogram.getCreatedTimestamp().getSeconds()).isEqualTo(1_760_000_001);
    }

    private Histogram exported() throws IOException {
        page.export();
        return new ProtobufReader(page.bytes(PROTOBUF))
                .families
                .getFirst()
                .getMetric(0)
                .getHistogram();
    }

    @Test
    void scalesThatPrometheusLacksAreMadeCoarserOrDropped() throws IOException {
        page.addExponential(
                exponential("e"), 2, 1, 10, 0, 0, -5, new long[] {1, 1, 1, 1, 1, 1, 1, 1}, 0, NONE);
        page.addExponential(exponential("f"), 2, 1, -5, 0, 0, 0, new long[] {1}, 0, NONE);
        Histogram histogram = exported();
        assertThat(histogram.getSchema()).isEqualTo(8);
        // -5 | -4 -3 -2 -1 | 0 1 2 by four: -2 | -1 | 0, one more by upper edges
        assertThat(histogram.getPositiveSpan(0).getOffset()).isEqualTo(-1);
        assertThat(histogram.getPositiveDeltaList()).containsExactly(1L, 3L, -1L);
        assertThat(page.samples(TEXT)).noneMatch(line -> line.startsWith("f"));
    }

    @Test
    void deltasOfExponentialHistogramsMergeAtTheCoarserScale() throws IOException {
        Spec spec = exponential("e").delta();
        page.addExponential(spec, 2, 1, 1, 0, 1, 2, new long[] {1, 2, 3}, 0, NONE);
        page.addExponential(spec, 3, 2, 0, 0, 0, 3, new long[] {5}, 0, NONE);
        Histogram histogram = exported();
        assertThat(histogram.getSchema()).isZero();
        assertThat(histogram.getSampleCount()).isEqualTo(12);
        assertThat(buckets(histogram)).isEqualTo(Map.of(2L, 3L, 3L, 3L, 4L, 5L));
    }

    @Test
    void aWiderZeroBucketTakesWholeBucketsIn() throws IOException {
        Spec spec = exponential("e").delta();
        // (1, 2], (2, 4], (4, 8]
        page.addExponential(spec, 2, 1, 0, 0, 1, 0, new long[] {1, 2, 3}, 0, NONE);
        page.addExponential(spec, 3, 2, 0, 3, 1, 5, new long[] {1}, 0, NONE);
        Histogram histogram = exported();
        assertThat(histogram.getZeroThreshold()).isEqualTo(4);
        assertThat(histogram.getZeroCount()).isEqualTo(5);
        assertThat(buckets(histogram)).isEqualTo(Map.of(3L, 3L, 6L, 1L));
    }

    private static Map<Long, Long> buckets(Histogram histogram) {
        var buckets = new TreeMap<Long, Long>();
        long index = 0;
        long count = 0;
        int delta = 0;
        for (var span : histogram.getPositiveSpanList()) {
            index += span.getOffset();
            for (int i = 0; i < span.getLength(); i++) {
                count += histogram.getPositiveDelta(delta++);
                if (count > 0) {
                    buckets.put(index, count);
                }
                index++;
            }
        }
        return buckets;
    }
}
