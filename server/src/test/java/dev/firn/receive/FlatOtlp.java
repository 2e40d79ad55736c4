package dev.firn.receive;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
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
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// A request as a list of requests of one point each, canonical: what "nothing is lost" is compared
/// by. Written exceptions, where two messages count as one:
///
/// - absent and empty messages (resource, scope, buckets, an attribute's value) are the same;
/// - attributes are sorted by key, and of a repeated key the first stays, in nested maps as well;
/// - `key_strindex` and `string_value_strindex` mean nothing outside profiles;
/// - a point with the flag "no recorded value" has no value, buckets or exemplars;
/// - a temporality that the protocol does not know is unspecified;
/// - unknown fields are dropped.
public final class FlatOtlp {
    /// The four shapes, in the batch's order.
    public final List<ByteString> numbers = new ArrayList<>();

    /// Explicit-bucket histograms.
    public final List<ByteString> histograms = new ArrayList<>();

    /// Exponential histograms.
    public final List<ByteString> exponential = new ArrayList<>();

    /// Summaries.
    public final List<ByteString> summaries = new ArrayList<>();

    /// Points left out by `refuses`.
    public int refused;

    /// Whether a point, alone in its canonical request, is refused.
    public interface Check {
        /// True to leave it out.
        boolean refuses(Metric metricWithOnePoint);
    }

    private static final UnknownFieldSet NONE = UnknownFieldSet.getDefaultInstance();

    private final Check check;

    private FlatOtlp(Check check) {
        this.check = check;
    }

    /// All points but those that `check` refuses, each shape in the order sent.
    public static FlatOtlp of(ExportMetricsServiceRequest request, Check check) {
        var flat = new FlatOtlp(check);
        for (ResourceMetrics resource : request.getResourceMetricsList()) {
            for (ScopeMetrics scope : resource.getScopeMetricsList()) {
                for (Metric metric : scope.getMetricsList()) {
                    flat.metric(resource, scope, metric);
                }
            }
        }
        return flat;
    }

    /// All points, sorted: for stores that keep no order.
    public static List<String> sorted(ExportMetricsServiceRequest request) {
        return of(request, metric -> false).sorted();
    }

    /// All points that are not refused at a clock's time, sorted.
    public static List<String> accepted(ExportMetricsServiceRequest request, long nowNanos) {
        return of(request, metric -> DecoderTrial.refuses(metric, nowNanos)).sorted();
    }

    private List<String> sorted() {
        var all = new ArrayList<ByteString>(numbers);
        all.addAll(histograms);
        all.addAll(exponential);
        all.addAll(summaries);
        return all.stream().map(FlatOtlp::text).sorted().toList();
    }

    /// A point's request as text, for messages.
    public static String text(ByteString point) {
        try {
            return ExportMetricsServiceRequest.parseFrom(point) + "# bytes " + point.hashCode();
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    private void metric(ResourceMetrics resource, ScopeMetrics scope, Metric metric) {
        switch (metric.getDataCase()) {
            case GAUGE -> {
                for (NumberDataPoint point : metric.getGauge().getDataPointsList()) {
                    add(
                            numbers,
                            resource,
                            scope,
                            header(metric)
                                    .setGauge(Gauge.newBuilder().addDataPoints(number(point))));
                }
            }
            case SUM -> {
                Sum sum = metric.getSum();
                for (NumberDataPoint point : sum.getDataPointsList()) {
                    add(
                            numbers,
                            resource,
                            scope,
                            header(metric)
                                    .setSum(
                                            Sum.newBuilder()
                                                    .setAggregationTemporality(
                                                            known(sum.getAggregationTemporality()))
                                                    .setIsMonotonic(sum.getIsMonotonic())
                                                    .addDataPoints(number(point))));
                }
            }
            case HISTOGRAM -> {
                Histogram histogram = metric.getHistogram();
                for (HistogramDataPoint point : histogram.getDataPointsList()) {
                    add(
                            histograms,
                            resource,
                            scope,
                            header(metric)
                                    .setHistogram(
                                            Histogram.newBuilder()
                                                    .setAggregationTemporality(
                                                            known(
                                                                    histogram
                                                                            .getAggregationTemporality()))
                                                    .addDataPoints(histogram(point))));
                }
            }
            case EXPONENTIAL_HISTOGRAM -> {
                ExponentialHistogram histogram = metric.getExponentialHistogram();
                for (ExponentialHistogramDataPoint point : histogram.getDataPointsList()) {
                    add(
                            exponential,
                            resource,
                            scope,
                            header(metric)
                                    .setExponentialHistogram(
                                            ExponentialHistogram.newBuilder()
                                                    .setAggregationTemporality(
                                                            known(
                                                                    histogram
                                                                            .getAggregationTemporality()))
                                                    .addDataPoints(exponential(point))));
                }
            }
            case SUMMARY -> {
                for (SummaryDataPoint point : metric.getSummary().getDataPointsList()) {
                    add(
                            summaries,
                            resource,
                            scope,
                            header(metric)
                                    .setSummary(
                                            Summary.newBuilder().addDataPoints(summary(point))));
                }
            }
            case DATA_NOT_SET -> {}
        }
    }

    private void add(
            List<ByteString> to,
            ResourceMetrics resource,
            ScopeMetrics scope,
            Metric.Builder metric) {
        Metric built = metric.build();
        if (check.refuses(built)) {
            refused++;
            return;
        }
        var resourceBuilder = resource.getResource().toBuilder().setUnknownFields(NONE);
        var attributes = sortedAttributes(resource.getResource().getAttributesList());
        resourceBuilder.clearAttributes().addAllAttributes(attributes);
        for (int i = 0; i < resourceBuilder.getEntityRefsCount(); i++) {
            resourceBuilder.setEntityRefs(
                    i, resourceBuilder.getEntityRefs(i).toBuilder().setUnknownFields(NONE));
        }
        var scopeBuilder = scope.getScope().toBuilder().setUnknownFields(NONE);
        scopeBuilder
                .clearAttributes()
                .addAllAttributes(sortedAttributes(scope.getScope().getAttributesList()));
        to.add(
                ExportMetricsServiceRequest.newBuilder()
                        .addResourceMetrics(
                                ResourceMetrics.newBuilder()
                                        .setResource(resourceBuilder)
                                        .setSchemaUrl(resource.getSchemaUrl())
                                        .addScopeMetrics(
                                                ScopeMetrics.newBuilder()
                                                        .setScope(scopeBuilder)
                                                        .setSchemaUrl(scope.getSchemaUrl())
                                                        .addMetrics(built)))
                        .build()
                        .toByteString());
    }

    private static Metric.Builder header(Metric metric) {
        return metric.toBuilder()
                .setUnknownFields(NONE)
                .clearData()
                .clearMetadata()
                .addAllMetadata(sortedAttributes(metric.getMetadataList()));
    }

    private static AggregationTemporality known(AggregationTemporality temporality) {
        return temporality == AggregationTemporality.UNRECOGNIZED
                ? AggregationTemporality.AGGREGATION_TEMPORALITY_UNSPECIFIED
                : temporality;
    }

    private static boolean stale(int flags) {
        return (flags & 1) != 0;
    }

    private static NumberDataPoint number(NumberDataPoint point) {
        var attributes = sortedAttributes(point.getAttributesList());
        if (stale(point.getFlags())) {
            return NumberDataPoint.newBuilder()
                    .setTimeUnixNano(point.getTimeUnixNano())
                    .setStartTimeUnixNano(point.getStartTimeUnixNano())
                    .setFlags(point.getFlags())
                    .addAllAttributes(attributes)
                    .build();
        }
        return point.toBuilder()
                .setUnknownFields(NONE)
                .clearAttributes()
                .addAllAttributes(attributes)
                .clearExemplars()
                .addAllExemplars(exemplars(point.getExemplarsList()))
                .build();
    }

    private static HistogramDataPoint histogram(HistogramDataPoint point) {
        var attributes = sortedAttributes(point.getAttributesList());
        if (stale(point.getFlags())) {
            return HistogramDataPoint.newBuilder()
                    .setTimeUnixNano(point.getTimeUnixNano())
                    .setStartTimeUnixNano(point.getStartTimeUnixNano())
                    .setFlags(point.getFlags())
                    .addAllAttributes(attributes)
                    .build();
        }
        return point.toBuilder()
                .setUnknownFields(NONE)
                .clearAttributes()
                .addAllAttributes(attributes)
                .clearExemplars()
                .addAllExemplars(exemplars(point.getExemplarsList()))
                .build();
    }

    private static ExponentialHistogramDataPoint exponential(ExponentialHistogramDataPoint point) {
        var attributes = sortedAttributes(point.getAttributesList());
        if (stale(point.getFlags())) {
            return ExponentialHistogramDataPoint.newBuilder()
                    .setTimeUnixNano(point.getTimeUnixNano())
                    .setStartTimeUnixNano(point.getStartTimeUnixNano())
                    .setFlags(point.getFlags())
                    .addAllAttributes(attributes)
                    .setPositive(ExponentialHistogramDataPoint.Buckets.getDefaultInstance())
                    .setNegative(ExponentialHistogramDataPoint.Buckets.getDefaultInstance())
                    .build();
        }
        return point.toBuilder()
                .setUnknownFields(NONE)
                .setPositive(point.getPositive().toBuilder().setUnknownFields(NONE))
                .setNegative(point.getNegative().toBuilder().setUnknownFields(NONE))
                .clearAttributes()
                .addAllAttributes(attributes)
                .clearExemplars()
                .addAllExemplars(exemplars(point.getExemplarsList()))
                .build();
    }

    private static SummaryDataPoint summary(SummaryDataPoint point) {
        var attributes = sortedAttributes(point.getAttributesList());
        if (stale(point.getFlags())) {
            return SummaryDataPoint.newBuilder()
                    .setTimeUnixNano(point.getTimeUnixNano())
                    .setStartTimeUnixNano(point.getStartTimeUnixNano())
                    .setFlags(point.getFlags())
                    .addAllAttributes(attributes)
                    .build();
        }
        var builder =
                point.toBuilder()
                        .setUnknownFields(NONE)
                        .clearAttributes()
                        .addAllAttributes(attributes);
        for (int i = 0; i < builder.getQuantileValuesCount(); i++) {
            builder.setQuantileValues(
                    i, builder.getQuantileValues(i).toBuilder().setUnknownFields(NONE));
        }
        return builder.build();
    }

    private static List<Exemplar> exemplars(List<Exemplar> sent) {
        return sent.stream()
                .map(one ->
                        one.toBuilder()
                                .setUnknownFields(NONE)
                                .clearFilteredAttributes()
                                .addAllFilteredAttributes(
                                        sortedAttributes(one.getFilteredAttributesList()))
                                .build())
                .toList();
    }

    /// By code point of the key, the first of each.
    private static List<KeyValue> sortedAttributes(List<KeyValue> sent) {
        var byKey =
                new TreeMap<ByteString, KeyValue>(ByteString.unsignedLexicographicalComparator());
        for (KeyValue one : sent) {
            var builder = KeyValue.newBuilder().setKey(one.getKey());
            AnyValue value = canonical(one.getValue());
            if (value.getValueCase() != AnyValue.ValueCase.VALUE_NOT_SET) {
                builder.setValue(value);
            }
            byKey.putIfAbsent(one.getKeyBytes(), builder.build());
        }
        return List.copyOf(byKey.values());
    }

    private static AnyValue canonical(AnyValue value) {
        return switch (value.getValueCase()) {
            case ARRAY_VALUE ->
                    AnyValue.newBuilder()
                            .setArrayValue(
                                    ArrayValue.newBuilder()
                                            .addAllValues(
                                                    value.getArrayValue().getValuesList().stream()
                                                            .map(FlatOtlp::canonical)
                                                            .toList()))
                            .build();
            case KVLIST_VALUE ->
                    AnyValue.newBuilder()
                            .setKvlistValue(
                                    KeyValueList.newBuilder()
                                            .addAllValues(
                                                    sortedAttributes(
                                                            value.getKvlistValue()
                                                                    .getValuesList())))
                            .build();
            case STRING_VALUE_STRINDEX, VALUE_NOT_SET -> AnyValue.getDefaultInstance();
            default -> value.toBuilder().setUnknownFields(NONE).build();
        };
    }
}
