package dev.firn.ops.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/// Reads bodies with the generated classes, and holds every point against the protocol.
final class Reports {
    private Reports() {}

    /// All bodies of a fresh simulation, hour by hour over the lanes.
    static List<Body> bodies(LoadOptions options, LedgerSink sink) {
        List<Body> bodies = new ArrayList<>();
        for (Lane lane : new Shop(options).lanes(sink)) {
            each(lane, bodies::add);
        }
        return bodies;
    }

    static void each(Lane lane, Consumer<Body> take) {
        while (!lane.ended()) {
            Body body = lane.next();
            if (body != null) {
                take.accept(body);
            }
        }
        lane.close();
    }

    static ExportMetricsServiceRequest parse(byte[] body) {
        try {
            var request = ExportMetricsServiceRequest.parseFrom(body);
            assertThat(request.getSerializedSize()).isEqualTo(body.length);
            return request;
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    /// Fails on whatever the protocol forbids; answers the number of points.
    static int check(ExportMetricsServiceRequest request) {
        int points = 0;
        for (ResourceMetrics resource : request.getResourceMetricsList()) {
            unique(resource.getResource().getAttributesList());
            assertThat(resource.getUnknownFields().asMap()).isEmpty();
            for (var scope : resource.getScopeMetricsList()) {
                assertThat(scope.getScope().getName()).isNotEmpty();
                for (Metric metric : scope.getMetricsList()) {
                    assertThat(metric.getName()).isNotEmpty();
                    assertThat(metric.getUnit()).isNotEmpty();
                    points += check(metric);
                }
            }
        }
        return points;
    }

    private static int check(Metric metric) {
        return switch (metric.getDataCase()) {
            case GAUGE -> {
                metric.getGauge().getDataPointsList().forEach(Reports::check);
                yield metric.getGauge().getDataPointsCount();
            }
            case SUM -> {
                temporality(metric.getSum().getAggregationTemporality());
                metric.getSum().getDataPointsList().forEach(Reports::check);
                metric.getSum().getDataPointsList().forEach(p -> started(p.getStartTimeUnixNano()));
                yield metric.getSum().getDataPointsCount();
            }
            case HISTOGRAM -> {
                temporality(metric.getHistogram().getAggregationTemporality());
                metric.getHistogram().getDataPointsList().forEach(Reports::check);
                yield metric.getHistogram().getDataPointsCount();
            }
            case EXPONENTIAL_HISTOGRAM -> {
                temporality(metric.getExponentialHistogram().getAggregationTemporality());
                metric.getExponentialHistogram().getDataPointsList().forEach(Reports::check);
                yield metric.getExponentialHistogram().getDataPointsCount();
            }
            case SUMMARY -> {
                for (var point : metric.getSummary().getDataPointsList()) {
                    times(point.getStartTimeUnixNano(), point.getTimeUnixNano());
                    assertThat(point.getQuantileValuesCount()).isEqualTo(3);
                }
                yield metric.getSummary().getDataPointsCount();
            }
            case DATA_NOT_SET -> throw new AssertionError(metric.getName() + " has no data");
        };
    }

    private static void temporality(AggregationTemporality temporality) {
        assertThat(temporality)
                .isIn(
                        AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE,
                        AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA);
    }

    private static void started(long start) {
        assertThat(start).isPositive();
    }

    private static void times(long start, long time) {
        assertThat(time).isPositive();
        assertThat(start).isBetween(0L, time);
    }

    private static void unique(List<KeyValue> attributes) {
        Set<String> keys = new HashSet<>();
        for (KeyValue attribute : attributes) {
            assertThat(keys.add(attribute.getKey())).as(attribute.getKey()).isTrue();
            assertThat(attribute.getValue().getValueCase().getNumber()).isPositive();
        }
    }

    private static void check(NumberDataPoint point) {
        times(point.getStartTimeUnixNano(), point.getTimeUnixNano());
        unique(point.getAttributesList());
        assertThat(point.getValueCase()).isNotEqualTo(NumberDataPoint.ValueCase.VALUE_NOT_SET);
    }

    private static void check(HistogramDataPoint point) {
        times(point.getStartTimeUnixNano(), point.getTimeUnixNano());
        started(point.getStartTimeUnixNano());
        unique(point.getAttributesList());
        assertThat(point.getBucketCountsCount()).isEqualTo(point.getExplicitBoundsCount() + 1);
        assertThat(sum(point.getBucketCountsList())).isEqualTo(point.getCount());
        assertThat(point.getExplicitBoundsList()).isSorted().doesNotHaveDuplicates();
        assertThat(point.hasMin()).isEqualTo(point.hasMax());
        if (point.hasMin()) {
            mean(point.getCount(), point.getSum(), point.getMin(), point.getMax());
        }
        point.getExemplarsList().forEach(e -> check(e, point.getTimeUnixNano()));
    }

    private static void check(ExponentialHistogramDataPoint point) {
        times(point.getStartTimeUnixNano(), point.getTimeUnixNano());
        started(point.getStartTimeUnixNano());
        unique(point.getAttributesList());
        var positive = point.getPositive();
        assertThat(sum(positive.getBucketCountsList()) + point.getZeroCount())
                .isEqualTo(point.getCount());
        assertThat(positive.getBucketCountsCount())
                .isLessThanOrEqualTo(Layout.Exponential.POINT_BUCKETS);
        mean(point.getCount(), point.getSum(), point.getMin(), point.getMax());
        if (positive.getBucketCountsCount() > 0) {
            // The longest duration is in the last bucket: (base^i, base^(i+1)].
            double last = positive.getOffset() + positive.getBucketCountsCount() - 1;
            double octave = StrictMath.pow(2, -point.getScale());
            assertThat(point.getMax())
                    .isGreaterThan(StrictMath.pow(2, last * octave))
                    .isLessThanOrEqualTo(StrictMath.pow(2, (last + 1) * octave));
        }
        point.getExemplarsList().forEach(e -> check(e, point.getTimeUnixNano()));
    }

    private static void check(Exemplar exemplar, long time) {
        assertThat(exemplar.getTraceId().size()).isEqualTo(16);
        assertThat(exemplar.getSpanId().size()).isEqualTo(8);
        assertThat(exemplar.getTimeUnixNano()).isBetween(1L, time);
        unique(exemplar.getFilteredAttributesList());
    }

    private static void mean(long count, double sum, double min, double max) {
        if (count > 0) {
            assertThat(sum / count).isBetween(min, max);
        }
    }

    private static long sum(List<Long> counts) {
        return counts.stream().mapToLong(Long::longValue).sum();
    }
}
