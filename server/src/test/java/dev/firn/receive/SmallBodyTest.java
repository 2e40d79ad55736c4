package dev.firn.receive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.sun.management.ThreadMXBean;
import dev.firn.model.Batch;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Collections;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Bodies that take little to send and would take much to hold: limits must be seen before anything
/// is made of what breaks them.
class SmallBodyTest {
    private static final int MANY = 1_000_000;
    private static final long NOW = RandomOtlp.NOW;

    private final ReceiveLimits limits =
            new ReceiveLimits(
                    1_000,
                    2,
                    3,
                    5,
                    600,
                    50,
                    4,
                    20,
                    2,
                    6,
                    Duration.ofHours(2),
                    ReceiveLimits.UNBOUNDED,
                    Duration.ofMinutes(1),
                    Duration.ofHours(1));
    private final SeriesRegistry registry =
            new SeriesRegistry(SeriesIdentity.SHA_256, DecoderTrial.CLOCK, 1_000);
    private final OtlpProtobufDecoder decoder =
            new OtlpProtobufDecoder(
                    new SeriesCache(new Random(1), 1 << 20), registry, limits, DecoderTrial.CLOCK);
    private final Batch batch = new Batch();
    private final ExportMetricsServiceRequest.Builder request =
            ExportMetricsServiceRequest.newBuilder();

    SmallBodyTest() {
        request.addResourceMetricsBuilder().addScopeMetricsBuilder().addMetricsBuilder();
        metric().setName("m");
    }

    private io.opentelemetry.proto.metrics.v1.Metric.Builder metric() {
        return request.getResourceMetricsBuilder(0).getScopeMetricsBuilder(0).getMetricsBuilder(0);
    }

    private NumberDataPoint.Builder addPoint() {
        return metric().getGaugeBuilder().addDataPointsBuilder().setTimeUnixNano(NOW).setAsInt(1);
    }

    /// Decodes the request; the thread may allocate a little only.
    private long decode() {
        byte[] body = request.build().toByteArray();
        batch.clear();
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        long refused = decoder.decode(body, body.length, "test", batch);
        assertThat(threads.getCurrentThreadAllocatedBytes() - before)
                .as("bytes allocated for a body of %s bytes", body.length)
                .isLessThan(2_000_000 + 2L * body.length); // scattered fields are copied together
        return refused;
    }

    private String message() {
        return decoder.refusals().answer().message();
    }

    private static Iterable<KeyValue> empty(int count) {
        return Collections.nCopies(count, KeyValue.getDefaultInstance());
    }

    @Test
    void bucketsBeyondTheLimitAreNotHeld() {
        var point = ExponentialHistogramDataPoint.newBuilder().setTimeUnixNano(NOW);
        point.getPositiveBuilder().addAllBucketCounts(Collections.nCopies(MANY, 0L));
        metric().getExponentialHistogramBuilder().addDataPoints(point);
        assertThat(decode()).isEqualTo(1);
        assertThat(message()).contains("limits.buckets_per_point_max");
        assertThat(batch.exponential.positive.values()).hasSizeLessThan(100);

        metric().getHistogramBuilder()
                .addDataPoints(
                        HistogramDataPoint.newBuilder()
                                .setTimeUnixNano(NOW)
                                .addAllBucketCounts(Collections.nCopies(MANY, 0L))
                                .addAllExplicitBounds(Collections.nCopies(MANY, 0.)));
        assertThat(decode()).isEqualTo(1);
        assertThat(message()).contains("limits.buckets_per_point_max");
        assertThat(batch.histograms.counts.values()).hasSizeLessThan(100);
        assertThat(batch.histograms.bounds.values()).hasSizeLessThan(100);

        metric().getSummaryBuilder()
                .addDataPoints(
                        SummaryDataPoint.newBuilder()
                                .setTimeUnixNano(NOW)
                                .addAllQuantileValues(
                                        Collections.nCopies(
                                                MANY,
                                                SummaryDataPoint.ValueAtQuantile
                                                        .getDefaultInstance())));
        assertThat(decode()).isEqualTo(1);
        assertThat(message()).contains("limits.buckets_per_point_max");
        assertThat(batch.summaries.quantiles.values()).hasSizeLessThan(100);
    }

    @Test
    void valuesOfARequestAreLimited() {
        for (int i = 0; i < 7; i++) {
            metric().getHistogramBuilder()
                    .addDataPointsBuilder()
                    .setTimeUnixNano(NOW)
                    .addBucketCounts(1)
                    .addBucketCounts(2)
                    .addExplicitBounds(0.5);
        }
        assertThat(decode()).isEqualTo(1); // 6 of 3 values are 18
        assertThat(message()).contains("limits.values_per_request_max");
        assertThat(batch.histograms.size()).isEqualTo(6);
        assertThat(decode()).isEqualTo(1); // counted anew
    }

    @Test
    void exemplarsOfARequestAreLimited() {
        for (int i = 0; i < 40; i++) {
            addPoint().addAllExemplars(Collections.nCopies(20_000, Exemplar.getDefaultInstance()));
        }
        assertThat(decode()).isZero();
        assertThat(batch.exemplars.size()).isEqualTo(6);
        assertThat(decoder.frame().exemplars.dropped()).isEqualTo(40 * 20_000 - 6);
    }

    @Test
    void anExemplarWithTooManyAttributesIsDropped() {
        addPoint().addExemplarsBuilder().addAllFilteredAttributes(empty(MANY));
        assertThat(decode()).isZero();
        assertThat(batch.exemplars.size()).isZero();
        assertThat(decoder.frame().exemplars.dropped()).isEqualTo(1);
    }

    @Test
    void attributesOfAPointAreCountedBeforeTheyAreParsed() {
        addPoint().addAllAttributes(empty(MANY));
        addPoint();
        assertThat(decode()).isEqualTo(1);
        assertThat(message()).contains("limits.attributes_per_point_max");
    }

    @Test
    void attributesOfAResourceScopeOrMetricAreCountedBeforeTheyAreParsed() {
        addPoint();
        var resource = request.getResourceMetricsBuilder(0).getResourceBuilder();
        resource.addAllAttributes(empty(6));
        assertThat(decode()).isEqualTo(1);
        assertThat(message())
                .contains("limits.attributes_per_resource_max")
                .contains("metric \"m\"");
        resource.clearAttributes().addAllAttributes(empty(MANY));
        assertThat(decode()).isEqualTo(1);
        resource.clearAttributes();
        for (int i = 0; i < 6; i++) {
            resource.addEntityRefsBuilder();
        }
        assertThat(decode()).isEqualTo(1);
        assertThat(message()).contains("limits.attributes_per_resource_max");
        resource.clear();
        var scope =
                request.getResourceMetricsBuilder(0).getScopeMetricsBuilder(0).getScopeBuilder();
        scope.addAllAttributes(empty(6));
        assertThat(decode()).isEqualTo(1);
        assertThat(message()).contains("limits.attributes_per_resource_max");
        scope.clear();
        metric().addAllMetadata(empty(6));
        assertThat(decode()).isEqualTo(1);
        assertThat(message()).contains("limits.attributes_per_resource_max");
        metric().clearMetadata().addAllMetadata(empty(5));
        assertThat(decode()).isZero();
    }

    @Test
    void theBytesOfAnIdentityAreLimitedOverAllLevels() {
        addPoint().addAttributesBuilder().setKey("k".repeat(140));
        metric().setDescription("d".repeat(140));
        var resource = request.getResourceMetricsBuilder(0);
        resource.setSchemaUrl("r".repeat(140));
        var scope = resource.getScopeMetricsBuilder(0);
        scope.getScopeBuilder().setName("s".repeat(20));
        assertThat(decode()).isZero();
        addPoint();
        scope.getScopeBuilder().setName("s".repeat(300));
        assertThat(decode()).isEqualTo(1); // the point without attributes is small enough
        assertThat(message()).contains("limits.identity_bytes_max");
        metric().setDescription("d".repeat(MANY));
        assertThat(decode()).isEqualTo(2);
        assertThat(message()).contains("limits.identity_bytes_max").contains("metric \"m\"");
        scope.getScopeBuilder().setName("s".repeat(MANY));
        assertThat(decode()).isEqualTo(2);
        resource.setSchemaUrl("r".repeat(MANY));
        assertThat(decode()).isEqualTo(2);
        assertThat(message()).contains("limits.identity_bytes_max").contains("metric \"m\"");
    }

    @Test
    void whatIsRefusedMustStillBeWellFormed() {
        addPoint();
        var bad =
                KeyValue.newBuilder()
                        .setUnknownFields(
                                UnknownFieldSet.newBuilder()
                                        .addField(
                                                1,
                                                UnknownFieldSet.Field.newBuilder()
                                                        .addLengthDelimited(
                                                                ByteString.copyFrom(
                                                                        new byte[] {-1}))
                                                        .build())
                                        .build());
        request.getResourceMetricsBuilder(0)
                .getResourceBuilder()
                .addAllAttributes(empty(10))
                .addAttributes(bad);
        assertThatThrownBy(this::decode)
                .isInstanceOf(Receiver.MalformedBody.class)
                .hasMessageContaining("UTF-8");
    }
}
