package dev.firn.analyse.cost;

import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import dev.firn.model.Batch;
import dev.firn.model.Exemplars;
import dev.firn.model.ExponentialHistograms;
import dev.firn.model.Histograms;
import dev.firn.model.LongLists;
import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.Numbers;
import dev.firn.model.Points;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Summaries;
import dev.firn.model.Temporality;
import java.nio.charset.StandardCharsets;

/// How many bytes things take in an OTLP request (protobuf, uncompressed): as the usual encoders
/// write it, without fields that have their default value. All field numbers are below 16, so that
/// a tag is one byte. (opentelemetry-proto, `metrics/v1/metrics.proto`)
final class OtlpSizes {
    private static final int FIXED = 9;

    private OtlpSizes() {}

    /// A nested message or text of so many bytes, with its tag and length.
    static long framed(long bytes) {
        return 1 + varint(bytes) + bytes;
    }

    static int varint(long value) {
        return value == 0 ? 1 : (Long.SIZE - Long.numberOfLeadingZeros(value) + 6) / 7;
    }

    private static long text(String text) {
        return text.isEmpty() ? 0 : framed(text.getBytes(StandardCharsets.UTF_8).length);
    }

    private static long number(long value) {
        return value == 0 ? 0 : 1 + varint(value);
    }

    private static long fixed(long bits) {
        return bits == 0 ? 0 : FIXED;
    }

    private static long zigzag(int value) {
        return number(Integer.toUnsignedLong(value << 1 ^ value >> 31));
    }

    /// Attributes as a repeated field.
    ///
    /// @param json their canonical form
    static long attributes(String json) {
        return json.length() <= 2 ? 0 : attributes(Attributes.fromJson(json));
    }

    private static long attributes(Attributes attributes) {
        long bytes = 0;
        for (Attributes.Entry entry : attributes.entries()) {
            bytes += framed(text(entry.key()) + framed(value(entry.value())));
        }
        return bytes;
    }

    private static long value(AttributeValue value) {
        return switch (value) {
            case AttributeValue.Empty() -> 0;
            case AttributeValue.Text(String text) ->
                    framed(text.getBytes(StandardCharsets.UTF_8).length);
            case AttributeValue.Bool _ -> 2;
            case AttributeValue.Int(long number) -> 1 + varint(number);
            case AttributeValue.Real _ -> FIXED;
            case AttributeValue.Binary(byte[] bytes) -> framed(bytes.length);
            case AttributeValue.Array(var values) -> {
                long bytes = 0;
                for (AttributeValue one : values) {
                    bytes += framed(value(one));
                }
                yield framed(bytes);
            }
            case AttributeValue.Nested(Attributes nested) -> framed(attributes(nested));
        };
    }

    /// A ResourceMetrics without its ScopeMetrics.
    static long of(Resource resource) {
        return framed(
                        attributes(resource.attributes())
                                + number(Integer.toUnsignedLong(resource.droppedAttributes())))
                + text(resource.schemaUrl());
    }

    /// A ScopeMetrics without its Metrics.
    static long of(Scope scope) {
        return framed(
                        text(scope.name())
                                + text(scope.version())
                                + attributes(scope.attributes())
                                + number(Integer.toUnsignedLong(scope.droppedAttributes())))
                + text(scope.schemaUrl());
    }

    /// A Metric without its data.
    static long of(Metric metric) {
        return text(metric.name())
                + text(metric.description())
                + text(metric.unit())
                + attributes(metric.metadata());
    }

    /// A Metric's data without its points.
    static long ofData(Metric metric) {
        long temporality = metric.temporality() == Temporality.UNSPECIFIED ? 0 : 2;
        return metric.type() == MetricType.SUM
                ? temporality + (metric.monotonic() ? 2 : 0)
                : metric.type() == MetricType.HISTOGRAM
                                || metric.type() == MetricType.EXPONENTIAL_HISTOGRAM
                        ? temporality
                        : 0;
    }

    /// A point without attributes and exemplars, and without its own frame.
    static long of(Points points, int row) {
        return fixed(points.time[row])
                + fixed(points.start[row])
                + number(Integer.toUnsignedLong(points.flags[row]))
                + switch (points) {
                    case Numbers numbers -> numbers.form[row] == Numbers.NONE ? 0 : FIXED;
                    case Histograms histograms -> of(histograms, row);
                    case ExponentialHistograms histograms -> of(histograms, row);
                    case Summaries summaries -> of(summaries, row);
                };
    }

    private static long present(byte has) {
        return (long) FIXED * Integer.bitCount(has & 7); // sum, min, max
    }

    private static long packed(long count) {
        return count == 0 ? 0 : framed(8 * count);
    }

    private static long of(Histograms points, int row) {
        return fixed(points.count[row])
                + present(points.has[row])
                + packed(points.counts.length(row))
                + packed(points.bounds.length(row));
    }

    private static long of(ExponentialHistograms points, int row) {
        return fixed(points.count[row])
                + present(points.has[row])
                + zigzag(points.scale[row])
                + fixed(points.zeroCount[row])
                + fixed(Double.doubleToRawLongBits(points.zeroThreshold[row]))
                + buckets(points.positiveOffset[row], points.positive, row)
                + buckets(points.negativeOffset[row], points.negative, row);
    }

    private static long buckets(int offset, LongLists counts, int row) {
        long bytes = 0;
        for (int i = 0; i < counts.length(row); i++) {
            bytes += varint(counts.at(row, i));
        }
        bytes = zigzag(offset) + (bytes == 0 ? 0 : framed(bytes));
        return bytes == 0 ? 0 : framed(bytes);
    }

    private static long of(Summaries points, int row) {
        long bytes = fixed(points.count[row]) + fixed(Double.doubleToRawLongBits(points.sum[row]));
        for (int i = 0; i < points.quantiles.length(row); i++) {
            bytes += framed(fixed(points.quantiles.at(row, i)) + fixed(points.values.at(row, i)));
        }
        return bytes;
    }

    /// An exemplar in its point.
    static long of(Exemplars exemplars, int index) {
        long trace = exemplars.traceId(index).length;
        long span = exemplars.spanId(index).length;
        return framed(
                fixed(exemplars.time[index])
                        + (exemplars.form[index] == Numbers.NONE ? 0 : FIXED)
                        + (trace == 0 ? 0 : framed(trace))
                        + (span == 0 ? 0 : framed(span))
                        + attributes(exemplars.attributes(index)));
    }

    /// What a point weighs as samples: one for a number, else one for each bucket or quantile.
    static long weight(Batch batch, Points.Kind kind, int row) {
        return switch (kind) {
            case NUMBERS -> 1;
            case HISTOGRAMS -> Math.max(1, batch.histograms.counts.length(row));
            case EXPONENTIAL_HISTOGRAMS ->
                    1
                            + batch.exponential.positive.length(row)
                            + batch.exponential.negative.length(row);
            case SUMMARIES -> Math.max(1, batch.summaries.quantiles.length(row));
        };
    }
}
