package dev.firn.receive;

import com.google.protobuf.ByteString;
import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import dev.firn.model.Batch;
import dev.firn.model.Exemplars;
import dev.firn.model.ExponentialHistograms;
import dev.firn.model.Histograms;
import dev.firn.model.LongLists;
import dev.firn.model.Numbers;
import dev.firn.model.Points;
import dev.firn.model.Series;
import dev.firn.model.Summaries;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
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
import java.util.ArrayList;
import java.util.List;

/// Expands a batch into the request that it could have come from, one ResourceMetrics a point, in
/// the order numbers, histograms, exponential histograms, summaries. Compare with [FlatOtlp].
public final class BatchToOtlp {
    private final Batch batch;
    private final ExportMetricsServiceRequest.Builder request =
            ExportMetricsServiceRequest.newBuilder();

    private BatchToOtlp(Batch batch) {
        this.batch = batch;
    }

    /// The request.
    public static ExportMetricsServiceRequest expand(Batch batch) {
        var expansion = new BatchToOtlp(batch);
        for (int row = 0; row < batch.numbers.size(); row++) {
            expansion.number(row);
        }
        for (int row = 0; row < batch.histograms.size(); row++) {
            expansion.histogram(row);
        }
        for (int row = 0; row < batch.exponential.size(); row++) {
            expansion.exponential(row);
        }
        for (int row = 0; row < batch.summaries.size(); row++) {
            expansion.summary(row);
        }
        return expansion.request.build();
    }

    private void number(int row) {
        Numbers from = batch.numbers;
        Series series = from.series[row];
        var point =
                NumberDataPoint.newBuilder()
                        .setTimeUnixNano(from.time[row])
                        .setStartTimeUnixNano(from.start[row])
                        .setFlags(from.flags[row])
                        .addAllAttributes(attributes(series.attributes()))
                        .addAllExemplars(exemplars(from.kind(), row));
        switch (from.form[row]) {
            case Numbers.INT -> point.setAsInt(from.bits[row]);
            case Numbers.DOUBLE -> point.setAsDouble(Double.longBitsToDouble(from.bits[row]));
            default -> {}
        }
        Metric.Builder metric = header(series);
        switch (series.metric().type()) {
            case GAUGE -> metric.setGauge(Gauge.newBuilder().addDataPoints(point));
            case SUM ->
                    metric.setSum(
                            Sum.newBuilder()
                                    .setAggregationTemporality(temporality(series))
                                    .setIsMonotonic(series.metric().monotonic())
                                    .addDataPoints(point));
            default -> throw new AssertionError("a number of a " + series.metric().type());
        }
        add(series, metric);
    }

    private void histogram(int row) {
        Histograms from = batch.histograms;
        Series series = from.series[row];
        var point =
                HistogramDataPoint.newBuilder()
                        .setTimeUnixNano(from.time[row])
                        .setStartTimeUnixNano(from.start[row])
                        .setFlags(from.flags[row])
                        .setCount(from.count[row])
                        .addAllBucketCounts(longs(from.counts, row))
                        .addAllAttributes(attributes(series.attributes()))
                        .addAllExemplars(exemplars(from.kind(), row));
        for (int i = 0; i < from.bounds.length(row); i++) {
            point.addExplicitBounds(from.bounds.realAt(row, i));
        }
        if ((from.has[row] & Histograms.HAS_SUM) != 0) {
            point.setSum(from.sum[row]);
        }
        if ((from.has[row] & Histograms.HAS_MIN) != 0) {
            point.setMin(from.min[row]);
        }
        if ((from.has[row] & Histograms.HAS_MAX) != 0) {
            point.setMax(from.max[row]);
        }
        add(
                series,
                header(series)
                        .setHistogram(
                                Histogram.newBuilder()
                                        .setAggregationTemporality(temporality(series))
                                        .addDataPoints(point)));
    }

    private void exponential(int row) {
        ExponentialHistograms from = batch.exponential;
        Series series = from.series[row];
        var point =
                ExponentialHistogramDataPoint.newBuilder()
                        .setTimeUnixNano(from.time[row])
                        .setStartTimeUnixNano(from.start[row])
                        .setFlags(from.flags[row])
                        .setCount(from.count[row])
                        .setScale(from.scale[row])
                        .setZeroCount(from.zeroCount[row])
                        .setZeroThreshold(from.zeroThreshold[row])
                        .setPositive(buckets(from.positiveOffset[row], from.positive, row))
                        .setNegative(buckets(from.negativeOffset[row], from.negative, row))
                        .addAllAttributes(attributes(series.attributes()))
                        .addAllExemplars(exemplars(from.kind(), row));
        if ((from.has[row] & Histograms.HAS_SUM) != 0) {
            point.setSum(from.sum[row]);
        }
        if ((from.has[row] & Histograms.HAS_MIN) != 0) {
            point.setMin(from.min[row]);
        }
        if ((from.has[row] & Histograms.HAS_MAX) != 0) {
            point.setMax(from.max[row]);
        }
        add(
                series,
                header(series)
                        .setExponentialHistogram(
                                ExponentialHistogram.newBuilder()
                                        .setAggregationTemporality(temporality(series))
                                        .addDataPoints(point)));
    }

    private void summary(int row) {
        Summaries from = batch.summaries;
        Series series = from.series[row];
        var point =
                SummaryDataPoint.newBuilder()
                        .setTimeUnixNano(from.time[row])
                        .setStartTimeUnixNano(from.start[row])
                        .setFlags(from.flags[row])
                        .setCount(from.count[row])
                        .setSum(from.sum[row])
                        .addAllAttributes(attributes(series.attributes()));
        for (int i = 0; i < from.quantiles.length(row); i++) {
            point.addQuantileValuesBuilder()
                    .setQuantile(from.quantiles.realAt(row, i))
                    .setValue(from.values.realAt(row, i));
        }
        add(series, header(series).setSummary(Summary.newBuilder().addDataPoints(point)));
    }

    private static ExponentialHistogramDataPoint.Buckets buckets(
            int offset, LongLists counts, int row) {
        return ExponentialHistogramDataPoint.Buckets.newBuilder()
                .setOffset(offset)
                .addAllBucketCounts(longs(counts, row))
                .build();
    }

    private static List<Long> longs(LongLists lists, int row) {
        var values = new ArrayList<Long>();
        for (long value : lists.row(row)) {
            values.add(value);
        }
        return values;
    }

    private List<Exemplar> exemplars(Points.Kind kind, int row) {
        Exemplars from = batch.exemplars;
        var found = new ArrayList<Exemplar>();
        for (int i = 0; i < from.size(); i++) {
            if (from.pointKind[i] != kind.code() || from.pointRow[i] != row) {
                continue;
            }
            var exemplar =
                    Exemplar.newBuilder()
                            .setTimeUnixNano(from.time[i])
                            .setTraceId(ByteString.copyFrom(from.traceId(i)))
                            .setSpanId(ByteString.copyFrom(from.spanId(i)))
                            .addAllFilteredAttributes(attributes(from.attributes(i)));
            switch (from.form[i]) {
                case Numbers.INT -> exemplar.setAsInt(from.bits[i]);
                case Numbers.DOUBLE -> exemplar.setAsDouble(Double.longBitsToDouble(from.bits[i]));
                default -> {}
            }
            found.add(exemplar.build());
        }
        return found;
    }

    private void add(Series series, Metric.Builder metric) {
        var resource = series.metric().resource();
        var scope = series.metric().scope();
        request.addResourceMetrics(
                ResourceMetrics.newBuilder()
                        .setResource(
                                Resource.newBuilder()
                                        .addAllAttributes(attributes(resource.attributes()))
                                        .setDroppedAttributesCount(resource.droppedAttributes())
                                        .addAllEntityRefs(entities(resource.entityRefs())))
                        .setSchemaUrl(resource.schemaUrl())
                        .addScopeMetrics(
                                ScopeMetrics.newBuilder()
                                        .setScope(
                                                InstrumentationScope.newBuilder()
                                                        .setName(scope.name())
                                                        .setVersion(scope.version())
                                                        .setDroppedAttributesCount(
                                                                scope.droppedAttributes())
                                                        .addAllAttributes(
                                                                attributes(scope.attributes())))
                                        .setSchemaUrl(scope.schemaUrl())
                                        .addMetrics(metric)));
    }

    private static Metric.Builder header(Series series) {
        return Metric.newBuilder()
                .setName(series.metric().name())
                .setDescription(series.metric().description())
                .setUnit(series.metric().unit())
                .addAllMetadata(attributes(series.metric().metadata()));
    }

    private static AggregationTemporality temporality(Series series) {
        return AggregationTemporality.forNumber(series.metric().temporality().code());
    }

    private static List<EntityRef> entities(String json) {
        if (json.isEmpty()) {
            return List.of();
        }
        var refs =
                (AttributeValue.Array)
                        Attributes.fromJson("{\"refs\":" + json + "}").find("refs").orElseThrow();
        return refs.values().stream().map(BatchToOtlp::entity).toList();
    }

    private static EntityRef entity(AttributeValue value) {
        Attributes fields = ((AttributeValue.Nested) value).attributes();
        return EntityRef.newBuilder()
                .setSchemaUrl(text(fields.find("schemaUrl").orElseThrow()))
                .setType(text(fields.find("type").orElseThrow()))
                .addAllIdKeys(texts(fields.find("idKeys").orElseThrow()))
                .addAllDescriptionKeys(texts(fields.find("descriptionKeys").orElseThrow()))
                .build();
    }

    private static String text(AttributeValue value) {
        return ((AttributeValue.Text) value).value();
    }

    private static List<String> texts(AttributeValue value) {
        return ((AttributeValue.Array) value).values().stream().map(BatchToOtlp::text).toList();
    }

    private static List<KeyValue> attributes(String json) {
        return keyValues(Attributes.fromJson(json));
    }

    private static List<KeyValue> keyValues(Attributes attributes) {
        var all = new ArrayList<KeyValue>();
        for (Attributes.Entry entry : attributes.entries()) {
            var one = KeyValue.newBuilder().setKey(entry.key());
            if (!(entry.value() instanceof AttributeValue.Empty)) {
                one.setValue(anyValue(entry.value()));
            }
            all.add(one.build());
        }
        return all;
    }

    private static AnyValue anyValue(AttributeValue value) {
        var any = AnyValue.newBuilder();
        switch (value) {
            case AttributeValue.Empty() -> {}
            case AttributeValue.Text(String text) -> any.setStringValue(text);
            case AttributeValue.Bool(boolean bool) -> any.setBoolValue(bool);
            case AttributeValue.Int(long number) -> any.setIntValue(number);
            case AttributeValue.Real(double number) -> any.setDoubleValue(number);
            case AttributeValue.Binary(byte[] bytes) ->
                    any.setBytesValue(ByteString.copyFrom(bytes));
            case AttributeValue.Array(List<AttributeValue> values) ->
                    any.setArrayValue(
                            ArrayValue.newBuilder()
                                    .addAllValues(
                                            values.stream().map(BatchToOtlp::anyValue).toList()));
            case AttributeValue.Nested(Attributes map) ->
                    any.setKvlistValue(KeyValueList.newBuilder().addAllValues(keyValues(map)));
        }
        return any.build();
    }
}
