package dev.firn;

import com.google.protobuf.ByteString;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.Value;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.sdk.metrics.data.DoubleExemplarData;
import io.opentelemetry.sdk.metrics.data.DoublePointData;
import io.opentelemetry.sdk.metrics.data.ExemplarData;
import io.opentelemetry.sdk.metrics.data.ExponentialHistogramBuckets;
import io.opentelemetry.sdk.metrics.data.ExponentialHistogramPointData;
import io.opentelemetry.sdk.metrics.data.HistogramPointData;
import io.opentelemetry.sdk.metrics.data.LongExemplarData;
import io.opentelemetry.sdk.metrics.data.LongPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.data.PointData;
import io.opentelemetry.sdk.metrics.data.SumData;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;

/// What the OpenTelemetry SDK holds, as OTLP's generated messages, field by field: written from the
/// protocol, without the SDK's own marshalers.
final class SdkToOtlp {
    private SdkToOtlp() {}

    static ExportMetricsServiceRequest of(Collection<MetricData> all) {
        var request = ExportMetricsServiceRequest.newBuilder();
        for (MetricData one : all) {
            request.addResourceMetrics(
                    ResourceMetrics.newBuilder()
                            .setSchemaUrl(
                                    Objects.requireNonNullElse(
                                            one.getResource().getSchemaUrl(), ""))
                            .setResource(
                                    Resource.newBuilder()
                                            .addAllAttributes(
                                                    attributes(one.getResource().getAttributes())))
                            .addScopeMetrics(scope(one)));
        }
        return request.build();
    }

    private static ScopeMetrics scope(MetricData one) {
        var scope = one.getInstrumentationScopeInfo();
        return ScopeMetrics.newBuilder()
                .setSchemaUrl(Objects.requireNonNullElse(scope.getSchemaUrl(), ""))
                .setScope(
                        InstrumentationScope.newBuilder()
                                .setName(scope.getName())
                                .setVersion(Objects.requireNonNullElse(scope.getVersion(), ""))
                                .addAllAttributes(attributes(scope.getAttributes())))
                .addMetrics(metric(one))
                .build();
    }

    private static Metric metric(MetricData one) {
        var metric =
                Metric.newBuilder()
                        .setName(one.getName())
                        .setDescription(one.getDescription())
                        .setUnit(one.getUnit());
        switch (one.getType()) {
            case LONG_GAUGE ->
                    one.getLongGaugeData()
                            .getPoints()
                            .forEach(
                                    point -> metric.getGaugeBuilder().addDataPoints(number(point)));
            case DOUBLE_GAUGE ->
                    one.getDoubleGaugeData()
                            .getPoints()
                            .forEach(
                                    point -> metric.getGaugeBuilder().addDataPoints(number(point)));
            case LONG_SUM -> sum(one.getLongSumData(), metric);
            case DOUBLE_SUM -> sum(one.getDoubleSumData(), metric);
            case HISTOGRAM -> {
                var histogram = metric.getHistogramBuilder();
                histogram.setAggregationTemporality(
                        temporality(one.getHistogramData().getAggregationTemporality()));
                one.getHistogramData()
                        .getPoints()
                        .forEach(point -> histogram.addDataPoints(histogram(point)));
            }
            case EXPONENTIAL_HISTOGRAM -> {
                var histogram = metric.getExponentialHistogramBuilder();
                histogram.setAggregationTemporality(
                        temporality(one.getExponentialHistogramData().getAggregationTemporality()));
                one.getExponentialHistogramData()
                        .getPoints()
                        .forEach(point -> histogram.addDataPoints(exponential(point)));
            }
            case SUMMARY -> throw new AssertionError("the SDK has no instrument for summaries");
        }
        return metric.build();
    }

    private static void sum(SumData<? extends PointData> data, Metric.Builder metric) {
        var sum = metric.getSumBuilder();
        sum.setIsMonotonic(data.isMonotonic())
                .setAggregationTemporality(temporality(data.getAggregationTemporality()));
        data.getPoints().forEach(point -> sum.addDataPoints(number(point)));
    }

    private static AggregationTemporality temporality(
            io.opentelemetry.sdk.metrics.data.AggregationTemporality temporality) {
        return switch (temporality) {
            case DELTA -> AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA;
            case CUMULATIVE -> AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE;
        };
    }

    private static NumberDataPoint number(PointData point) {
        var number =
                NumberDataPoint.newBuilder()
                        .addAllAttributes(attributes(point.getAttributes()))
                        .setStartTimeUnixNano(point.getStartEpochNanos())
                        .setTimeUnixNano(point.getEpochNanos())
                        .addAllExemplars(exemplars(point.getExemplars()));
        switch (point) {
            case LongPointData integer -> number.setAsInt(integer.getValue());
            case DoublePointData real -> number.setAsDouble(real.getValue());
            default -> throw new AssertionError("neither long nor double: " + point);
        }
        return number.build();
    }

    private static HistogramDataPoint histogram(HistogramPointData point) {
        var histogram =
                HistogramDataPoint.newBuilder()
                        .addAllAttributes(attributes(point.getAttributes()))
                        .setStartTimeUnixNano(point.getStartEpochNanos())
                        .setTimeUnixNano(point.getEpochNanos())
                        .addAllExemplars(exemplars(point.getExemplars()))
                        .setCount(point.getCount())
                        .setSum(point.getSum())
                        .addAllBucketCounts(point.getCounts())
                        .addAllExplicitBounds(point.getBoundaries());
        if (point.hasMin()) {
            histogram.setMin(point.getMin());
        }
        if (point.hasMax()) {
            histogram.setMax(point.getMax());
        }
        return histogram.build();
    }

    private static ExponentialHistogramDataPoint exponential(ExponentialHistogramPointData point) {
        var histogram =
                ExponentialHistogramDataPoint.newBuilder()
                        .addAllAttributes(attributes(point.getAttributes()))
                        .setStartTimeUnixNano(point.getStartEpochNanos())
                        .setTimeUnixNano(point.getEpochNanos())
                        .addAllExemplars(exemplars(point.getExemplars()))
                        .setCount(point.getCount())
                        .setSum(point.getSum())
                        .setScale(point.getScale())
                        .setZeroCount(point.getZeroCount())
                        .setPositive(buckets(point.getPositiveBuckets()))
                        .setNegative(buckets(point.getNegativeBuckets()));
        if (point.hasMin()) {
            histogram.setMin(point.getMin());
        }
        if (point.hasMax()) {
            histogram.setMax(point.getMax());
        }
        return histogram.build();
    }

    private static ExponentialHistogramDataPoint.Buckets buckets(
            ExponentialHistogramBuckets buckets) {
        return ExponentialHistogramDataPoint.Buckets.newBuilder()
                .setOffset(buckets.getOffset())
                .addAllBucketCounts(buckets.getBucketCounts())
                .build();
    }

    private static List<Exemplar> exemplars(List<? extends ExemplarData> all) {
        var exemplars = new ArrayList<Exemplar>();
        for (ExemplarData one : all) {
            var exemplar =
                    Exemplar.newBuilder()
                            .addAllFilteredAttributes(attributes(one.getFilteredAttributes()))
                            .setTimeUnixNano(one.getEpochNanos());
            if (one.getSpanContext().isValid()) {
                exemplar.setTraceId(ByteString.copyFrom(one.getSpanContext().getTraceIdBytes()))
                        .setSpanId(ByteString.copyFrom(one.getSpanContext().getSpanIdBytes()));
            }
            switch (one) {
                case LongExemplarData integer -> exemplar.setAsInt(integer.getValue());
                case DoubleExemplarData real -> exemplar.setAsDouble(real.getValue());
                default -> throw new AssertionError("neither long nor double: " + one);
            }
            exemplars.add(exemplar.build());
        }
        return exemplars;
    }

    private static List<KeyValue> attributes(Attributes attributes) {
        var all = new ArrayList<KeyValue>();
        attributes.forEach((key, value) -> all.add(pair(key, value)));
        return all;
    }

    private static KeyValue pair(AttributeKey<?> key, Object value) {
        return KeyValue.newBuilder().setKey(key.getKey()).setValue(any(value)).build();
    }

    private static AnyValue any(Object value) {
        var any = AnyValue.newBuilder();
        switch (value) {
            case String text -> any.setStringValue(text);
            case Boolean bool -> any.setBoolValue(bool);
            case Long integer -> any.setIntValue(integer);
            case Double real -> any.setDoubleValue(real);
            case ByteBuffer bytes -> any.setBytesValue(ByteString.copyFrom(bytes));
            case Value<?> nested -> {
                return any(nested.getValue());
            }
            case io.opentelemetry.api.common.Empty empty -> {
                return any.build();
            }
            case List<?> list
                    when !list.isEmpty()
                            && list.getFirst() instanceof io.opentelemetry.api.common.KeyValue ->
                    list.forEach(one -> {
                        var pair = (io.opentelemetry.api.common.KeyValue) one;
                        any.getKvlistValueBuilder()
                                .addValues(
                                        KeyValue.newBuilder()
                                                .setKey(pair.getKey())
                                                .setValue(any(pair.getValue())));
                    });
            case List<?> list ->
                    list.forEach(one -> any.getArrayValueBuilder().addValues(any(one)));
            default -> throw new AssertionError("no attribute is a " + value.getClass());
        }
        return any.build();
    }
}
