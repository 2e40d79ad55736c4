package dev.firn.lake;

import com.google.protobuf.ByteString;
import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.EntityRef;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogram;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.metrics.v1.Sum;
import io.opentelemetry.proto.metrics.v1.Summary;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import io.opentelemetry.proto.resource.v1.Resource;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.apache.iceberg.data.Record;
import org.jspecify.annotations.Nullable;

/// The way back: a row of `points` with its row of `series` as OTLP's own generated messages, one
/// ResourceMetrics a point.
public final class PointsToOtlp {
    private PointsToOtlp() {}

    /// One point with everything around it.
    public static ResourceMetrics of(Record point, Record series) {
        return ResourceMetrics.newBuilder()
                .setSchemaUrl(text(series, "resource_schema_url"))
                .setResource(
                        Resource.newBuilder()
                                .addAllAttributes(attributes(text(point, "resource")))
                                .addAllEntityRefs(entities(text(series, "entity_refs")))
                                .setDroppedAttributesCount(
                                        (int) number(series, "resource_dropped_attributes")))
                .addScopeMetrics(
                        ScopeMetrics.newBuilder()
                                .setSchemaUrl(text(series, "scope_schema_url"))
                                .setScope(scope(point, series))
                                .addMetrics(metric(point, series)))
                .build();
    }

    private static InstrumentationScope scope(Record point, Record series) {
        Attributes scope = Attributes.fromJson(text(point, "scope"));
        return InstrumentationScope.newBuilder()
                .setName(text(scope, "name"))
                .setVersion(text(scope, "version"))
                .addAllAttributes(
                        scope.find("attributes").orElseThrow()
                                        instanceof AttributeValue.Nested(Attributes nested)
                                ? attributes(nested)
                                : List.of())
                .setDroppedAttributesCount((int) number(series, "scope_dropped_attributes"))
                .build();
    }

    private static String text(Attributes attributes, String key) {
        return ((AttributeValue.Text) attributes.find(key).orElseThrow()).value();
    }

    private static Metric metric(Record point, Record series) {
        var metric =
                Metric.newBuilder()
                        .setName(text(point, "metric_name"))
                        .setUnit(text(point, "unit"))
                        .setDescription(text(series, "description"))
                        .addAllMetadata(attributes(text(series, "metadata")));
        AggregationTemporality temporality =
                switch (text(point, "temporality")) {
                    case "delta" -> AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA;
                    case "cumulative" -> AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE;
                    default -> AggregationTemporality.AGGREGATION_TEMPORALITY_UNSPECIFIED;
                };
        switch (text(point, "metric_type")) {
            case "gauge" -> metric.setGauge(Gauge.newBuilder().addDataPoints(number(point)));
            case "sum" ->
                    metric.setSum(
                            Sum.newBuilder()
                                    .setAggregationTemporality(temporality)
                                    .setIsMonotonic((Boolean) value(point, "is_monotonic"))
                                    .addDataPoints(number(point)));
            case "histogram" ->
                    metric.setHistogram(
                            Histogram.newBuilder()
                                    .setAggregationTemporality(temporality)
                                    .addDataPoints(histogram(point)));
            case "exponential_histogram" ->
                    metric.setExponentialHistogram(
                            ExponentialHistogram.newBuilder()
                                    .setAggregationTemporality(temporality)
                                    .addDataPoints(exponential(point)));
            case "summary" -> metric.setSummary(Summary.newBuilder().addDataPoints(summary(point)));
            default -> throw new IllegalStateException("unknown type " + point);
        }
        return metric.build();
    }

    private static NumberDataPoint number(Record row) {
        var point =
                NumberDataPoint.newBuilder()
                        .addAllAttributes(attributes(text(row, "attributes")))
                        .setTimeUnixNano(nanos(row, "time"))
                        .setStartTimeUnixNano(nanos(row, "start_time"))
                        .setFlags((Integer) value(row, "flags"))
                        .addAllExemplars(exemplars(row));
        if (row.getField("value") instanceof Double real) {
            point.setAsDouble(real);
        } else if (row.getField("value_int") instanceof Long integer) {
            point.setAsInt(integer);
        }
        return point.build();
    }

    private static HistogramDataPoint histogram(Record row) {
        var point =
                HistogramDataPoint.newBuilder()
                        .addAllAttributes(attributes(text(row, "attributes")))
                        .setTimeUnixNano(nanos(row, "time"))
                        .setStartTimeUnixNano(nanos(row, "start_time"))
                        .setFlags((Integer) value(row, "flags"))
                        .setCount(number(row, "count"))
                        .addAllBucketCounts(list(row, "bucket_counts", Long.class))
                        .addAllExplicitBounds(list(row, "explicit_bounds", Double.class))
                        .addAllExemplars(exemplars(row));
        if (row.getField("sum") instanceof Double sum) {
            point.setSum(sum);
        }
        if (row.getField("min") instanceof Double min) {
            point.setMin(min);
        }
        if (row.getField("max") instanceof Double max) {
            point.setMax(max);
        }
        return point.build();
    }

    private static ExponentialHistogramDataPoint exponential(Record row) {
        var point =
                ExponentialHistogramDataPoint.newBuilder()
                        .addAllAttributes(attributes(text(row, "attributes")))
                        .setTimeUnixNano(nanos(row, "time"))
                        .setStartTimeUnixNano(nanos(row, "start_time"))
                        .setFlags((Integer) value(row, "flags"))
                        .setCount(number(row, "count"))
                        .setScale((Integer) value(row, "scale"))
                        .setZeroCount(number(row, "zero_count"))
                        .setZeroThreshold((Double) value(row, "zero_threshold"))
                        .setPositive(buckets(row, "positive"))
                        .setNegative(buckets(row, "negative"))
                        .addAllExemplars(exemplars(row));
        if (row.getField("sum") instanceof Double sum) {
            point.setSum(sum);
        }
        if (row.getField("min") instanceof Double min) {
            point.setMin(min);
        }
        if (row.getField("max") instanceof Double max) {
            point.setMax(max);
        }
        return point.build();
    }

    private static ExponentialHistogramDataPoint.Buckets buckets(Record row, String side) {
        return ExponentialHistogramDataPoint.Buckets.newBuilder()
                .setOffset((Integer) value(row, side + "_offset"))
                .addAllBucketCounts(list(row, side + "_bucket_counts", Long.class))
                .build();
    }

    private static SummaryDataPoint summary(Record row) {
        var point =
                SummaryDataPoint.newBuilder()
                        .addAllAttributes(attributes(text(row, "attributes")))
                        .setTimeUnixNano(nanos(row, "time"))
                        .setStartTimeUnixNano(nanos(row, "start_time"))
                        .setFlags((Integer) value(row, "flags"))
                        .setCount(number(row, "count"))
                        .setSum((Double) value(row, "sum"));
        List<Double> quantiles = list(row, "quantiles", Double.class);
        List<Double> values = list(row, "quantile_values", Double.class);
        for (int i = 0; i < quantiles.size(); i++) {
            point.addQuantileValues(
                    SummaryDataPoint.ValueAtQuantile.newBuilder()
                            .setQuantile(quantiles.get(i))
                            .setValue(values.get(i)));
        }
        return point.build();
    }

    private static List<Exemplar> exemplars(Record row) {
        var exemplars = new ArrayList<Exemplar>();
        for (Record one : list(row, "exemplars", Record.class)) {
            var exemplar =
                    Exemplar.newBuilder()
                            .addAllFilteredAttributes(attributes(text(one, "attributes")))
                            .setTimeUnixNano(nanos(one, "time"))
                            .setTraceId(hex(text(one, "trace_id")))
                            .setSpanId(hex(text(one, "span_id")));
            if (one.getField("value") instanceof Double real) {
                exemplar.setAsDouble(real);
            } else if (one.getField("value_int") instanceof Long integer) {
                exemplar.setAsInt(integer);
            }
            exemplars.add(exemplar.build());
        }
        return exemplars;
    }

    /// Column `entity_refs` as OTLP's messages.
    public static List<EntityRef> entities(String json) {
        if (json.isEmpty()) {
            return List.of();
        }
        var refs =
                (AttributeValue.Array)
                        Attributes.fromJson("{\"refs\":" + json + "}").find("refs").orElseThrow();
        return refs.values().stream()
                .map(value -> entity(((AttributeValue.Nested) value).attributes()))
                .toList();
    }

    private static EntityRef entity(Attributes fields) {
        return EntityRef.newBuilder()
                .setSchemaUrl(text(fields, "schemaUrl"))
                .setType(text(fields, "type"))
                .addAllIdKeys(texts(fields, "idKeys"))
                .addAllDescriptionKeys(texts(fields, "descriptionKeys"))
                .build();
    }

    private static List<String> texts(Attributes fields, String key) {
        return ((AttributeValue.Array) fields.find(key).orElseThrow())
                .values().stream().map(value -> ((AttributeValue.Text) value).value()).toList();
    }

    private static ByteString hex(String digits) {
        return ByteString.copyFrom(HexFormat.of().parseHex(digits));
    }

    /// Canonical JSON as OTLP's attributes.
    public static List<KeyValue> attributes(String json) {
        return attributes(Attributes.fromJson(json));
    }

    private static List<KeyValue> attributes(Attributes attributes) {
        return attributes.entries().stream()
                .map(entry ->
                        KeyValue.newBuilder()
                                .setKey(entry.key())
                                .setValue(any(entry.value()))
                                .build())
                .toList();
    }

    private static AnyValue any(AttributeValue value) {
        var any = AnyValue.newBuilder();
        switch (value) {
            case AttributeValue.Empty() -> {}
            case AttributeValue.Text(String text) -> any.setStringValue(text);
            case AttributeValue.Bool(boolean bool) -> any.setBoolValue(bool);
            case AttributeValue.Int(long integer) -> any.setIntValue(integer);
            case AttributeValue.Real(double real) -> any.setDoubleValue(real);
            case AttributeValue.Binary(byte[] bytes) ->
                    any.setBytesValue(ByteString.copyFrom(bytes));
            case AttributeValue.Array(List<AttributeValue> values) ->
                    any.setArrayValue(
                            ArrayValue.newBuilder()
                                    .addAllValues(values.stream().map(PointsToOtlp::any).toList()));
            case AttributeValue.Nested(Attributes nested) ->
                    any.setKvlistValue(KeyValueList.newBuilder().addAllValues(attributes(nested)));
        }
        return any.build();
    }

    private static long nanos(Record row, String column) {
        Object time = row.getField(column);
        if (time == null) {
            return 0;
        }
        return Duration.between(Instant.EPOCH, ((OffsetDateTime) time).toInstant()).toNanos()
                + (Integer) value(row, column + "_nanos");
    }

    private static <T> List<T> list(Record row, String column, Class<T> type) {
        @Nullable Object list = row.getField(column);
        return list == null ? List.of() : ((List<?>) list).stream().map(type::cast).toList();
    }

    private static String text(Record row, String column) {
        return (String) value(row, column);
    }

    private static long number(Record row, String column) {
        return (Long) value(row, column);
    }

    private static Object value(Record row, String column) {
        return Objects.requireNonNull(row.getField(column), column);
    }
}
