package dev.firn.receive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.model.Batch;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RefusalTest {
    private static final long NOW = RandomOtlp.NOW;
    private static final long HOUR = 3_600_000_000_000L;

    private final ReceiveLimits limits =
            new ReceiveLimits(
                    10,
                    2,
                    3,
                    5,
                    600,
                    50,
                    4,
                    40,
                    2,
                    6,
                    Duration.ofHours(2),
                    Duration.ofHours(48),
                    Duration.ofMinutes(1),
                    Duration.ofHours(1));
    private final SettableClock clock = new SettableClock(NOW);
    private final SeriesRegistry registry = new SeriesRegistry(SeriesIdentity.SHA_256, clock, 15);
    private final SeriesCache cache = new SeriesCache(new Random(1), 1 << 20);
    private final OtlpProtobufDecoder decoder =
            new OtlpProtobufDecoder(cache, registry, limits, clock);
    private final Batch batch = new Batch();

    private long decode(byte[] body, String sender) {
        batch.clear();
        return decoder.decode(body, body.length, sender, batch);
    }

    private long decode(Metric.Builder metric) {
        var request = ExportMetricsServiceRequest.newBuilder();
        request.addResourceMetricsBuilder().addScopeMetricsBuilder().addMetrics(metric);
        return decode(request.build().toByteArray(), "test");
    }

    private long decodeAt(long time, long start) {
        var metric = Metric.newBuilder().setName("m");
        metric.getGaugeBuilder()
                .addDataPoints(point())
                .addDataPointsBuilder()
                .setTimeUnixNano(time)
                .setStartTimeUnixNano(start);
        long refused = decode(metric);
        assertThat(batch.size()).isEqualTo(2 - (int) refused); // the good point stays
        return refused;
    }

    private static NumberDataPoint.Builder point() {
        return NumberDataPoint.newBuilder().setTimeUnixNano(NOW).setAsInt(1);
    }

    private String message() {
        return decoder.refusals().answer().message();
    }

    @Test
    void timesOutsideTheBoundsAreRefused() {
        assertThat(decodeAt(0, 0)).isEqualTo(1);
        assertThat(message())
                .isEqualTo(
                        "refused 1 points: 1 because time_unix_nano is 0 (first in metric \"m\");"
                                + " the rest was stored");
        assertThat(decodeAt(-1, 0)).isEqualTo(1);
        assertThat(decodeAt(NOW, -1)).isEqualTo(1);
        assertThat(decodeAt(Long.MAX_VALUE, 0)).isEqualTo(1);
        assertThat(message()).contains("limits.future_max");
        assertThat(decodeAt(NOW + 2 * HOUR, 0)).isZero();
        assertThat(decodeAt(NOW + 2 * HOUR + 1, 0)).isEqualTo(1);
        assertThat(decodeAt(NOW - 48 * HOUR, 0)).isZero();
        assertThat(decodeAt(NOW - 48 * HOUR - 1, 0)).isEqualTo(1);
        assertThat(message()).contains("limits.late_max");
    }

    @Test
    void oddTimesWithinTheBoundsAreCounted() {
        decodeAt(NOW + HOUR, 0);
        assertThat(decoder.frame().future()).isEqualTo(1);
        assertThat(decoder.frame().late()).isZero();
        decodeAt(NOW - 2 * HOUR, 0);
        assertThat(decoder.frame().future()).isZero();
        assertThat(decoder.frame().late()).isEqualTo(1);
    }

    @Test
    void withoutALimitNoPointIsTooLate() {
        var unlimited = new OtlpProtobufDecoder(cache, registry, ReceiveLimits.defaults(), clock);
        var metric = Metric.newBuilder().setName("m");
        metric.getGaugeBuilder().addDataPointsBuilder().setTimeUnixNano(1);
        var request = ExportMetricsServiceRequest.newBuilder();
        request.addResourceMetricsBuilder().addScopeMetricsBuilder().addMetrics(metric);
        byte[] body = request.build().toByteArray();
        assertThat(unlimited.decode(body, body.length, "test", batch)).isZero();
    }

    private static HistogramDataPoint.Builder histogram(List<Long> counts, List<Double> bounds) {
        return HistogramDataPoint.newBuilder()
                .setTimeUnixNano(NOW)
                .addAllBucketCounts(counts)
                .addAllExplicitBounds(bounds);
    }

    private long decode(HistogramDataPoint.Builder point) {
        var metric = Metric.newBuilder().setName("h");
        metric.getHistogramBuilder().addDataPoints(point);
        return decode(metric);
    }

    @Test
    void histogramsOfBadShapeAreRefused() {
        assertThat(decode(histogram(List.of(), List.of()))).isZero();
        assertThat(decode(histogram(List.of(1L), List.of()))).isZero();
        assertThat(decode(histogram(List.of(1L, 2L), List.of(0.5)))).isZero();
        assertThat(decode(histogram(List.of(), List.of(0.5)))).isEqualTo(1);
        assertThat(decode(histogram(List.of(1L), List.of(0.5)))).isEqualTo(1);
        assertThat(decode(histogram(List.of(1L, 1L), List.of()))).isEqualTo(1);
        assertThat(decode(histogram(List.of(1L, 1L, 1L), List.of(0.5, 0.5)))).isEqualTo(1);
        assertThat(decode(histogram(List.of(1L, 1L), List.of(Double.NaN)))).isEqualTo(1);
        assertThat(message()).contains("metric \"h\"").contains("rise strictly");
        assertThat(decode(histogram(List.of(1L, 1L), List.of(Double.POSITIVE_INFINITY)))).isZero();
        assertThat(decode(histogram(List.of(1L, 1L, 1L, 1L, 1L), List.of(1., 2., 3., 4.))))
                .isEqualTo(1);
        assertThat(message()).contains("limits.buckets_per_point_max");
        assertThat(batch.histograms.counts.pending()).isZero();
    }

    @Test
    void aStaleMarkerOfAnyShapeIsKeptWithoutValues() {
        var stale =
                histogram(List.of(1L), List.of(0.5))
                        .setFlags(1)
                        .setCount(5)
                        .setSum(Double.longBitsToDouble(0x7ff0000000000002L));
        stale.addExemplarsBuilder().setAsInt(1);
        assertThat(decode(stale)).isZero();
        assertThat(batch.histograms.flags[0]).isEqualTo(1);
        assertThat(batch.histograms.count[0]).isZero();
        assertThat(batch.histograms.has[0]).isZero();
        assertThat(batch.histograms.counts.length(0)).isZero();
        assertThat(batch.histograms.bounds.length(0)).isZero();
        assertThat(batch.exemplars.size()).isZero();
    }

    private long decodeExponential(int scale, int offset, int buckets) {
        var metric = Metric.newBuilder().setName("e");
        var point = ExponentialHistogramDataPoint.newBuilder().setTimeUnixNano(NOW).setScale(scale);
        point.getNegativeBuilder().setOffset(offset);
        for (int i = 0; i < buckets; i++) {
            point.getNegativeBuilder().addBucketCounts(1);
        }
        metric.getExponentialHistogramBuilder().addDataPoints(point);
        return decode(metric);
    }

    @Test
    void exponentialHistogramsOfBadShapeAreRefused() {
        assertThat(decodeExponential(20, 0, 4)).isZero();
        assertThat(decodeExponential(-11, Integer.MIN_VALUE, 4)).isZero();
        assertThat(decodeExponential(21, 0, 1)).isEqualTo(1);
        assertThat(decodeExponential(-12, 0, 1)).isEqualTo(1);
        assertThat(decodeExponential(0, Integer.MAX_VALUE - 2, 2)).isZero();
        assertThat(decodeExponential(0, Integer.MAX_VALUE - 2, 3)).isEqualTo(1);
        assertThat(decodeExponential(0, 0, 5)).isEqualTo(1);
        assertThat(batch.exponential.negative.pending()).isZero();
    }

    @Test
    void metricsWithoutNameAreRefused() {
        var metric = Metric.newBuilder();
        metric.getGaugeBuilder().addDataPoints(point()).addDataPoints(point());
        assertThat(decode(metric)).isEqualTo(2);
        assertThat(message()).contains("2 because the metric has no name");
    }

    @Test
    void pointsBeyondTheRequestsLimitAreRefused() {
        var metric = Metric.newBuilder().setName("m");
        for (int i = 0; i < 60; i++) {
            metric.getGaugeBuilder().addDataPoints(point());
        }
        assertThat(decode(metric)).isEqualTo(10);
        assertThat(batch.size()).isEqualTo(50);
        assertThat(message()).contains("limits.points_per_request_max");
    }

    @Test
    void exemplarsBeyondTheLimitAreDropped() {
        var metric = Metric.newBuilder().setName("m");
        var point = point();
        for (int i = 0; i < 5; i++) {
            point.addExemplarsBuilder().setAsInt(i);
        }
        metric.getGaugeBuilder().addDataPoints(point);
        assertThat(decode(metric)).isZero();
        assertThat(batch.exemplars.size()).isEqualTo(2);
        assertThat(decoder.frame().exemplars.dropped()).isEqualTo(3);
    }

    @Test
    void pointsWithTooManyAttributesAreRefused() {
        var metric = Metric.newBuilder().setName("m");
        for (int many = 1; many < 6; many++) {
            var point = point();
            for (int i = 0; i < many; i++) {
                point.addAttributes(KeyValue.newBuilder().setKey("k" + i));
            }
            metric.getGaugeBuilder().addDataPoints(point);
        }
        assertThat(decode(metric)).isEqualTo(2);
        assertThat(message()).contains("limits.attributes_per_point_max");
    }

    @Test
    void aSenderMayBringSoManyNewSeriesAMinute() {
        assertThat(decode(SeriesCacheTest.body(0, 12), "a")).isEqualTo(2);
        assertThat(message()).contains("limits.new_series_per_sender");
        assertThat(decode(SeriesCacheTest.body(0, 10), "a")).isZero(); // known ones stay welcome
        assertThat(decode(SeriesCacheTest.body(10, 12), "b")).isZero();
        clock.advance(Duration.ofSeconds(12)); // two new ones at ten a minute
        assertThat(decode(SeriesCacheTest.body(12, 15), "a")).isEqualTo(1);
    }

    @Test
    void beyondTheMostSeriesOnlyKnownOnesAreStored() {
        assertThat(decode(SeriesCacheTest.body(0, 10), "a")).isZero();
        assertThat(decode(SeriesCacheTest.body(10, 18), "b")).isEqualTo(3);
        assertThat(message()).contains("limits.series_max");
        assertThat(decode(SeriesCacheTest.body(0, 15), "b")).isZero();
        registry.evictIdle(-10);
        assertThat(decode(SeriesCacheTest.body(18, 20), "c")).isZero();
    }

    @Test
    void beyondTheirMemoryOnlyKnownSeriesAreStored() {
        var small = new SeriesRegistry(SeriesIdentity.SHA_256, clock, 1_000, 2_000);
        var own =
                new OtlpProtobufDecoder(
                        new SeriesCache(new Random(1), 1 << 20), small, limits, clock);
        byte[] body = SeriesCacheTest.body(0, 10);
        batch.clear();
        long refused = own.decode(body, body.length, "a", batch);
        assertThat(refused).isBetween(1L, 9L);
        assertThat(own.refusals().answer().message()).contains("limits.series_bytes_max");
        assertThat(small.bytes()).isBetween(2_000L, 3_000L);
        batch.clear();
        assertThat(own.decode(body, body.length, "a", batch)).isEqualTo(refused);
        assertThat(batch.size()).isEqualTo(10 - (int) refused);
        small.evictIdle(-10);
        assertThat(small.bytes()).isZero();
    }

    @Test
    void senderBudgetsForgetTheSenderUnheardOfLongest() {
        var budgets = new SenderBudgets(clock, 1, 2);
        assertThat(budgets.take("a")).isTrue();
        assertThat(budgets.take("a")).isFalse();
        assertThat(budgets.take("b")).isTrue();
        assertThat(budgets.take("c")).isTrue();
        assertThat(budgets.take("c")).isFalse();
        assertThat(budgets.take("a")).isTrue();
    }

    @Test
    void aLongMetricNameIsShortenedInTheMessage() {
        var metric = Metric.newBuilder().setName("x".repeat(99) + "😀" + "y".repeat(10_000));
        metric.getGaugeBuilder().addDataPoints(point().setTimeUnixNano(0));
        decode(metric);
        assertThat(message()).contains("\"" + "x".repeat(99) + "…\"").hasSizeLessThan(400);
    }
}
