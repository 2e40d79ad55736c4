package dev.firn.export.otlp;

import static dev.firn.export.otlp.JsonFields.name;
import static dev.firn.export.otlp.JsonFields.quoted;
import static dev.firn.export.otlp.JsonFields.separate;

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
import java.nio.charset.StandardCharsets;
import java.util.List;

/// The JSON form, field by field in the order in which the Collector's pdata writes them.
/// Thread-safe.
final class OtlpJson implements OtlpEncoding {
    private static final byte[] RESOURCE_METRICS = quoted("resourceMetrics");
    private static final byte[] RESOURCE = quoted("resource");
    private static final byte[] SCOPE_METRICS = quoted("scopeMetrics");
    private static final byte[] SCOPE = quoted("scope");
    private static final byte[] METRICS = quoted("metrics");
    private static final byte[] SCHEMA_URL = quoted("schemaUrl");
    private static final byte[] ATTRIBUTES = quoted("attributes");
    private static final byte[] DROPPED = quoted("droppedAttributesCount");
    private static final byte[] ENTITY_REFS = quoted("entityRefs");
    private static final byte[] TYPE = quoted("type");
    private static final byte[] ID_KEYS = quoted("idKeys");
    private static final byte[] DESCRIPTION_KEYS = quoted("descriptionKeys");
    private static final byte[] NAME = quoted("name");
    private static final byte[] VERSION = quoted("version");
    private static final byte[] DESCRIPTION = quoted("description");
    private static final byte[] UNIT = quoted("unit");
    private static final byte[] GAUGE = quoted("gauge");
    private static final byte[] SUM = quoted("sum");
    private static final byte[] HISTOGRAM = quoted("histogram");
    private static final byte[] EXPONENTIAL = quoted("exponentialHistogram");
    private static final byte[] SUMMARY = quoted("summary");
    private static final byte[] METADATA = quoted("metadata");
    private static final byte[] DATA_POINTS = quoted("dataPoints");
    private static final byte[] TEMPORALITY = quoted("aggregationTemporality");
    private static final byte[] MONOTONIC = quoted("isMonotonic");
    private static final byte[] START = quoted("startTimeUnixNano");
    private static final byte[] TIME = quoted("timeUnixNano");
    private static final byte[] AS_DOUBLE = quoted("asDouble");
    private static final byte[] AS_INT = quoted("asInt");
    private static final byte[] EXEMPLARS = quoted("exemplars");
    private static final byte[] FLAGS = quoted("flags");
    private static final byte[] COUNT = quoted("count");
    private static final byte[] BUCKET_COUNTS = quoted("bucketCounts");
    private static final byte[] BOUNDS = quoted("explicitBounds");
    private static final byte[] MIN = quoted("min");
    private static final byte[] MAX = quoted("max");
    private static final byte[] SCALE = quoted("scale");
    private static final byte[] ZERO_COUNT = quoted("zeroCount");
    private static final byte[] POSITIVE = quoted("positive");
    private static final byte[] NEGATIVE = quoted("negative");
    private static final byte[] OFFSET = quoted("offset");
    private static final byte[] ZERO_THRESHOLD = quoted("zeroThreshold");
    private static final byte[] QUANTILE_VALUES = quoted("quantileValues");
    private static final byte[] QUANTILE = quoted("quantile");
    private static final byte[] VALUE = quoted("value");
    private static final byte[] FILTERED = quoted("filteredAttributes");
    private static final byte[] TRACE_ID = quoted("traceId");
    private static final byte[] SPAN_ID = quoted("spanId");
    private static final byte[] TRUE = "true".getBytes(StandardCharsets.US_ASCII);

    private final EncodedAttributes attributes =
            new EncodedAttributes(2 * CACHE_BYTES_MAX, JsonAttributes::write);
    private final EncodedBounds bounds = new EncodedBounds();

    @Override
    public void encode(
            Batch batch,
            Grouping grouping,
            Iterable<Grouping.ResourceGroup> resources,
            ByteWriter out) {
        out.u8('{');
        boolean any = resources.iterator().hasNext();
        if (any) {
            name(out, RESOURCE_METRICS);
            out.u8('[');
            for (Grouping.ResourceGroup resource : resources) {
                separate(out);
                resourceMetrics(batch, grouping, resource, out);
            }
            out.u8(']');
        }
        out.u8('}');
    }

    private void resourceMetrics(
            Batch batch, Grouping grouping, Grouping.ResourceGroup group, ByteWriter out) {
        out.u8('{');
        name(out, RESOURCE);
        resource(group.resource(), out);
        name(out, SCOPE_METRICS);
        out.u8('[');
        for (Grouping.ScopeGroup scope : group.scopes()) {
            separate(out);
            out.u8('{');
            name(out, SCOPE);
            scope(scope.scope(), out);
            name(out, METRICS);
            out.u8('[');
            for (Grouping.MetricGroup metric : scope.metrics()) {
                separate(out);
                metric(batch, grouping, metric, out);
            }
            out.u8(']');
            JsonFields.text(out, SCHEMA_URL, scope.scope().schemaUrl());
            out.u8('}');
        }
        out.u8(']');
        JsonFields.text(out, SCHEMA_URL, group.resource().schemaUrl());
        out.u8('}');
    }

    private void resource(Resource resource, ByteWriter out) {
        out.u8('{');
        attributes(out, ATTRIBUTES, resource.attributes());
        JsonFields.uint32(out, DROPPED, resource.droppedAttributes());
        List<EntityReferences.Entity> entities = EntityReferences.read(resource.entityRefs());
        if (!entities.isEmpty()) {
            name(out, ENTITY_REFS);
            out.u8('[');
            for (EntityReferences.Entity entity : entities) {
                separate(out);
                out.u8('{');
                JsonFields.text(out, SCHEMA_URL, entity.schemaUrl());
                JsonFields.text(out, TYPE, entity.type());
                texts(out, ID_KEYS, entity.idKeys());
                texts(out, DESCRIPTION_KEYS, entity.descriptionKeys());
                out.u8('}');
            }
            out.u8(']');
        }
        out.u8('}');
    }

    private static void texts(ByteWriter out, byte[] name, List<String> values) {
        if (!values.isEmpty()) {
            name(out, name);
            out.u8('[');
            for (String value : values) {
                separate(out);
                JsonFields.string(out, value);
            }
            out.u8(']');
        }
    }

    private void scope(Scope scope, ByteWriter out) {
        out.u8('{');
        JsonFields.text(out, NAME, scope.name());
        JsonFields.text(out, VERSION, scope.version());
        attributes(out, ATTRIBUTES, scope.attributes());
        JsonFields.uint32(out, DROPPED, scope.droppedAttributes());
        out.u8('}');
    }

    private void metric(
            Batch batch, Grouping grouping, Grouping.MetricGroup group, ByteWriter out) {
        Metric metric = group.metric();
        out.u8('{');
        JsonFields.text(out, NAME, metric.name());
        JsonFields.text(out, DESCRIPTION, metric.description());
        JsonFields.text(out, UNIT, metric.unit());
        name(
                out,
                switch (metric.type()) {
                    case GAUGE -> GAUGE;
                    case SUM -> SUM;
                    case HISTOGRAM -> HISTOGRAM;
                    case EXPONENTIAL_HISTOGRAM -> EXPONENTIAL;
                    case SUMMARY -> SUMMARY;
                });
        out.u8('{');
        points(batch, grouping, group, out);
        switch (metric.type()) {
            case GAUGE, SUMMARY -> {}
            case HISTOGRAM, EXPONENTIAL_HISTOGRAM ->
                    JsonFields.int32(out, TEMPORALITY, metric.temporality().code());
            case SUM -> {
                JsonFields.int32(out, TEMPORALITY, metric.temporality().code());
                if (metric.monotonic()) {
                    name(out, MONOTONIC);
                    out.bytes(TRUE);
                }
            }
        }
        out.u8('}');
        attributes(out, METADATA, metric.metadata());
        out.u8('}');
    }

    private void points(
            Batch batch, Grouping grouping, Grouping.MetricGroup group, ByteWriter out) {
        name(out, DATA_POINTS);
        out.u8('[');
        for (int row = group.first(); row >= 0; row = grouping.next(group, row)) {
            separate(out);
            out.u8('{');
            switch (group.kind()) {
                case NUMBERS -> number(batch, grouping, row, out);
                case HISTOGRAMS -> histogram(batch, grouping, row, out);
                case EXPONENTIAL_HISTOGRAMS -> exponential(batch, grouping, row, out);
                case SUMMARIES -> summary(batch.summaries, row, out);
            }
            out.u8('}');
        }
        out.u8(']');
    }

    /// What all points begin with.
    private void begin(Points points, int row, ByteWriter out) {
        attributes(out, ATTRIBUTES, points.series[row].attributes());
        JsonFields.uint64(out, START, points.start[row]);
        JsonFields.uint64(out, TIME, points.time[row]);
    }

    private void number(Batch batch, Grouping grouping, int row, ByteWriter out) {
        Numbers from = batch.numbers;
        begin(from, row, out);
        value(out, from.form[row], from.bits[row]);
        exemplars(batch.exemplars, grouping, grouping.firstExemplar(from.kind(), row), out);
        JsonFields.uint32(out, FLAGS, from.flags[row]);
    }

    private static void value(ByteWriter out, byte form, long bits) {
        switch (form) {
            case Numbers.DOUBLE ->
                    JsonFields.presentReal(out, AS_DOUBLE, Double.longBitsToDouble(bits));
            case Numbers.INT -> {
                name(out, AS_INT);
                JsonFields.quotedSigned(out, bits);
            }
            default -> {}
        }
    }

    private void histogram(Batch batch, Grouping grouping, int row, ByteWriter out) {
        Histograms from = batch.histograms;
        begin(from, row, out);
        JsonFields.uint64(out, COUNT, from.count[row]);
        optional(out, SUM, from.has[row] & Histograms.HAS_SUM, from.sum[row]);
        counts(out, from.counts, row);
        if (from.bounds.length(row) > 0) {
            name(out, BOUNDS);
            bounds.write(from.bounds, row, out);
        }
        exemplars(batch.exemplars, grouping, grouping.firstExemplar(from.kind(), row), out);
        JsonFields.uint32(out, FLAGS, from.flags[row]);
        optional(out, MIN, from.has[row] & Histograms.HAS_MIN, from.min[row]);
        optional(out, MAX, from.has[row] & Histograms.HAS_MAX, from.max[row]);
    }

    private void exponential(Batch batch, Grouping grouping, int row, ByteWriter out) {
        ExponentialHistograms from = batch.exponential;
        begin(from, row, out);
        JsonFields.uint64(out, COUNT, from.count[row]);
        optional(out, SUM, from.has[row] & Histograms.HAS_SUM, from.sum[row]);
        JsonFields.int32(out, SCALE, from.scale[row]);
        JsonFields.uint64(out, ZERO_COUNT, from.zeroCount[row]);
        buckets(out, POSITIVE, from.positiveOffset[row], from.positive, row);
        buckets(out, NEGATIVE, from.negativeOffset[row], from.negative, row);
        JsonFields.uint32(out, FLAGS, from.flags[row]);
        exemplars(batch.exemplars, grouping, grouping.firstExemplar(from.kind(), row), out);
        optional(out, MIN, from.has[row] & Histograms.HAS_MIN, from.min[row]);
        optional(out, MAX, from.has[row] & Histograms.HAS_MAX, from.max[row]);
        JsonFields.real(out, ZERO_THRESHOLD, from.zeroThreshold[row]);
    }

    private static void buckets(
            ByteWriter out, byte[] name, int offset, LongLists counts, int row) {
        name(out, name);
        out.u8('{');
        JsonFields.int32(out, OFFSET, offset);
        counts(out, counts, row);
        out.u8('}');
    }

    private static void counts(ByteWriter out, LongLists counts, int row) {
        int length = counts.length(row);
        if (length > 0) {
            name(out, BUCKET_COUNTS);
            out.u8('[');
            for (int i = 0; i < length; i++) {
                separate(out);
                JsonFields.quotedUnsigned(out, counts.at(row, i));
            }
            out.u8(']');
        }
    }

    private void summary(Summaries from, int row, ByteWriter out) {
        begin(from, row, out);
        JsonFields.uint64(out, COUNT, from.count[row]);
        JsonFields.real(out, SUM, from.sum[row]);
        if (from.quantiles.length(row) > 0) {
            name(out, QUANTILE_VALUES);
            out.u8('[');
            for (int i = 0; i < from.quantiles.length(row); i++) {
                separate(out);
                out.u8('{');
                JsonFields.real(out, QUANTILE, from.quantiles.realAt(row, i));
                JsonFields.real(out, VALUE, from.values.realAt(row, i));
                out.u8('}');
            }
            out.u8(']');
        }
        JsonFields.uint32(out, FLAGS, from.flags[row]);
    }

    private void exemplars(Exemplars from, Grouping grouping, int first, ByteWriter out) {
        if (first < 0) {
            return;
        }
        name(out, EXEMPLARS);
        out.u8('[');
        for (int i = first; i >= 0; i = grouping.nextExemplar(i)) {
            separate(out);
            out.u8('{');
            String filtered = from.attributes(i);
            if (!filtered.equals("{}")) {
                name(out, FILTERED); // seldom seen again: not worth remembering
                JsonAttributes.write(Attributes.fromJson(filtered), out);
            }
            JsonFields.uint64(out, TIME, from.time[i]);
            value(out, from.form[i], from.bits[i]);
            id(out, TRACE_ID, from.traceId(i), TRACE_ID_BYTES);
            id(out, SPAN_ID, from.spanId(i), SPAN_ID_BYTES);
            out.u8('}');
        }
        out.u8(']');
    }

    private static void id(ByteWriter out, byte[] name, byte[] id, int length) {
        if (id.length == length) {
            JsonFields.hex(out, name, id);
        }
    }

    private static void optional(ByteWriter out, byte[] name, int present, double value) {
        if (present != 0) {
            JsonFields.presentReal(out, name, value);
        }
    }

    private void attributes(ByteWriter out, byte[] name, String canonical) {
        byte[] encoded = attributes.of(canonical);
        if (encoded.length > 0) {
            name(out, name);
            out.bytes(encoded);
        }
    }
}
