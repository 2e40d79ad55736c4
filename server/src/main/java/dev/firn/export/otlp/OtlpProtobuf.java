package dev.firn.export.otlp;

import static dev.firn.export.otlp.ProtobufFields.begin;
import static dev.firn.export.otlp.ProtobufFields.binary;
import static dev.firn.export.otlp.ProtobufFields.end;
import static dev.firn.export.otlp.ProtobufFields.fixed64;
import static dev.firn.export.otlp.ProtobufFields.packedFixed64;
import static dev.firn.export.otlp.ProtobufFields.packedVarint;
import static dev.firn.export.otlp.ProtobufFields.presentFixed64;
import static dev.firn.export.otlp.ProtobufFields.presentText;
import static dev.firn.export.otlp.ProtobufFields.real;
import static dev.firn.export.otlp.ProtobufFields.sint32;
import static dev.firn.export.otlp.ProtobufFields.text;
import static dev.firn.export.otlp.ProtobufFields.uint32;

import dev.firn.base.ByteWriter;
import dev.firn.model.Attributes;
import dev.firn.model.Batch;
import dev.firn.model.Exemplars;
import dev.firn.model.ExponentialHistograms;
import dev.firn.model.Histograms;
import dev.firn.model.LongLists;
import dev.firn.model.Metric;
import dev.firn.model.Numbers;
import dev.firn.model.Points;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Summaries;

/// The protobuf form. Field numbers are those of opentelemetry-proto's metrics.proto, common.proto
/// and resource.proto. Thread-safe.
final class OtlpProtobuf implements OtlpEncoding {
    private static final int ATTRIBUTE_FIELDS = 13;

    /// By the field number that the list has.
    private final EncodedAttributes[] attributes = new EncodedAttributes[ATTRIBUTE_FIELDS];

    OtlpProtobuf() {
        for (int field = 0; field < ATTRIBUTE_FIELDS; field++) {
            int number = field;
            attributes[field] =
                    new EncodedAttributes(
                            CACHE_BYTES_MAX,
                            (list, out) -> ProtobufAttributes.write(list, number, out));
        }
    }

    @Override
    public void encode(
            Batch batch,
            Grouping grouping,
            Iterable<Grouping.ResourceGroup> resources,
            ByteWriter out) {
        for (Grouping.ResourceGroup resource : resources) {
            int start = begin(out, 1);
            resource(resource.resource(), out);
            for (Grouping.ScopeGroup scope : resource.scopes()) {
                int scopeStart = begin(out, 2);
                scope(scope.scope(), out);
                for (Grouping.MetricGroup metric : scope.metrics()) {
                    metric(batch, grouping, metric, out);
                }
                text(out, 3, scope.scope().schemaUrl());
                end(out, scopeStart);
            }
            text(out, 3, resource.resource().schemaUrl());
            end(out, start);
        }
    }

    private void resource(Resource resource, ByteWriter out) {
        int start = begin(out, 1);
        attributes(resource.attributes(), 1, out);
        uint32(out, 2, resource.droppedAttributes());
        for (EntityReferences.Entity entity : EntityReferences.read(resource.entityRefs())) {
            int reference = begin(out, 3);
            text(out, 1, entity.schemaUrl());
            text(out, 2, entity.type());
            entity.idKeys().forEach(key -> presentText(out, 3, key));
            entity.descriptionKeys().forEach(key -> presentText(out, 4, key));
            end(out, reference);
        }
        end(out, start);
    }

    private void scope(Scope scope, ByteWriter out) {
        int start = begin(out, 1);
        text(out, 1, scope.name());
        text(out, 2, scope.version());
        attributes(scope.attributes(), 3, out);
        uint32(out, 4, scope.droppedAttributes());
        end(out, start);
    }

    private void metric(
            Batch batch, Grouping grouping, Grouping.MetricGroup group, ByteWriter out) {
        Metric metric = group.metric();
        int start = begin(out, 2);
        text(out, 1, metric.name());
        text(out, 2, metric.description());
        text(out, 3, metric.unit());
        int data =
                begin(
                        out,
                        switch (metric.type()) {
                            case GAUGE -> 5;
                            case SUM -> 7;
                            case HISTOGRAM -> 9;
                            case EXPONENTIAL_HISTOGRAM -> 10;
                            case SUMMARY -> 11;
                        });
        points(batch, grouping, group, out);
        switch (metric.type()) {
            case GAUGE, SUMMARY -> {}
            case HISTOGRAM, EXPONENTIAL_HISTOGRAM -> uint32(out, 2, metric.temporality().code());
            case SUM -> {
                uint32(out, 2, metric.temporality().code());
                uint32(out, 3, metric.monotonic() ? 1 : 0);
            }
        }
        end(out, data);
        attributes(metric.metadata(), 12, out);
        end(out, start);
    }

    private void points(
            Batch batch, Grouping grouping, Grouping.MetricGroup group, ByteWriter out) {
        for (int row = group.first(); row >= 0; row = grouping.next(group, row)) {
            int start = begin(out, 1);
            switch (group.kind()) {
                case NUMBERS -> number(batch, grouping, row, out);
                case HISTOGRAMS -> histogram(batch, grouping, row, out);
                case EXPONENTIAL_HISTOGRAMS -> exponential(batch, grouping, row, out);
                case SUMMARIES -> summary(batch.summaries, row, out);
            }
            end(out, start);
        }
    }

    private static void times(Points points, int row, ByteWriter out) {
        fixed64(out, 2, points.start[row]);
        fixed64(out, 3, points.time[row]);
    }

    private void number(Batch batch, Grouping grouping, int row, ByteWriter out) {
        Numbers from = batch.numbers;
        times(from, row, out);
        switch (from.form[row]) {
            case Numbers.DOUBLE -> presentFixed64(out, 4, from.bits[row]);
            case Numbers.INT -> presentFixed64(out, 6, from.bits[row]);
            default -> {}
        }
        exemplars(batch.exemplars, grouping, grouping.firstExemplar(from.kind(), row), 5, out);
        attributes(from.series[row].attributes(), 7, out);
        uint32(out, 8, from.flags[row]);
    }

    private void histogram(Batch batch, Grouping grouping, int row, ByteWriter out) {
        Histograms from = batch.histograms;
        times(from, row, out);
        fixed64(out, 4, from.count[row]);
        optional(out, 5, from.has[row] & Histograms.HAS_SUM, from.sum[row]);
        list(out, 6, from.counts, row);
        list(out, 7, from.bounds, row);
        exemplars(batch.exemplars, grouping, grouping.firstExemplar(from.kind(), row), 8, out);
        attributes(from.series[row].attributes(), 9, out);
        uint32(out, 10, from.flags[row]);
        optional(out, 11, from.has[row] & Histograms.HAS_MIN, from.min[row]);
        optional(out, 12, from.has[row] & Histograms.HAS_MAX, from.max[row]);
    }

    private void exponential(Batch batch, Grouping grouping, int row, ByteWriter out) {
        ExponentialHistograms from = batch.exponential;
        attributes(from.series[row].attributes(), 1, out);
        times(from, row, out);
        fixed64(out, 4, from.count[row]);
        optional(out, 5, from.has[row] & Histograms.HAS_SUM, from.sum[row]);
        sint32(out, 6, from.scale[row]);
        fixed64(out, 7, from.zeroCount[row]);
        buckets(out, 8, from.positiveOffset[row], from.positive, row);
        buckets(out, 9, from.negativeOffset[row], from.negative, row);
        uint32(out, 10, from.flags[row]);
        exemplars(batch.exemplars, grouping, grouping.firstExemplar(from.kind(), row), 11, out);
        optional(out, 12, from.has[row] & Histograms.HAS_MIN, from.min[row]);
        optional(out, 13, from.has[row] & Histograms.HAS_MAX, from.max[row]);
        real(out, 14, from.zeroThreshold[row]);
    }

    private void summary(Summaries from, int row, ByteWriter out) {
        times(from, row, out);
        fixed64(out, 4, from.count[row]);
        real(out, 5, from.sum[row]);
        for (int i = 0; i < from.quantiles.length(row); i++) {
            int start = begin(out, 6);
            fixed64(out, 1, from.quantiles.at(row, i));
            fixed64(out, 2, from.values.at(row, i));
            end(out, start);
        }
        attributes(from.series[row].attributes(), 7, out);
        uint32(out, 8, from.flags[row]);
    }

    private void exemplars(
            Exemplars from, Grouping grouping, int first, int field, ByteWriter out) {
        for (int i = first; i >= 0; i = grouping.nextExemplar(i)) {
            int start = begin(out, field);
            fixed64(out, 2, from.time[i]);
            switch (from.form[i]) {
                case Numbers.DOUBLE -> presentFixed64(out, 3, from.bits[i]);
                case Numbers.INT -> presentFixed64(out, 6, from.bits[i]);
                default -> {}
            }
            id(out, 4, from.spanId(i), SPAN_ID_BYTES);
            id(out, 5, from.traceId(i), TRACE_ID_BYTES);
            String filtered = from.attributes(i); // seldom seen again: not worth remembering
            if (!filtered.equals("{}")) {
                ProtobufAttributes.write(Attributes.fromJson(filtered), 7, out);
            }
            end(out, start);
        }
    }

    private static void id(ByteWriter out, int field, byte[] id, int length) {
        if (id.length == length) {
            binary(out, field, id);
        }
    }

    private static void optional(ByteWriter out, int field, int present, double value) {
        if (present != 0) {
            presentFixed64(out, field, Double.doubleToRawLongBits(value));
        }
    }

    private static void list(ByteWriter out, int field, LongLists lists, int row) {
        packedFixed64(out, field, lists.values(), lists.from(row), lists.to(row));
    }

    private static void buckets(ByteWriter out, int field, int offset, LongLists counts, int row) {
        int start = begin(out, field);
        sint32(out, 1, offset);
        packedVarint(out, 2, counts.values(), counts.from(row), counts.to(row));
        end(out, start);
    }

    private void attributes(String canonical, int field, ByteWriter out) {
        out.bytes(attributes[field].of(canonical));
    }
}
