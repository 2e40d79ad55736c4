package dev.firn.receive;

import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Temporality;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Parses runs of identity fields once per series: what the cache does not know. Repeated singular
/// messages are merged and of a oneof the last counts, as protobuf does it. Not thread-safe.
final class IdentityParser {
    private static final int RESOURCE_METRICS_DEPTH = 1;
    private static final int SCOPE_METRICS_DEPTH = 2;
    private static final int METRIC_DEPTH = 3;

    private final WireReader in = new WireReader();
    private long duplicateKeys;

    void letGo() {
        in.letGo();
    }

    /// Attributes that were sent with a key that an earlier one had, since the last call.
    long takeDuplicateKeys() {
        long taken = duplicateKeys;
        duplicateKeys = 0;
        return taken;
    }

    /// Fields 1 and 3 of ResourceMetrics.
    Resource resource(IdentityRun run) {
        in.over(run.bytes(), run.from(), run.to());
        var attributes = new ArrayList<Attributes.Entry>();
        var entities = new ArrayList<AttributeValue>();
        int dropped = 0;
        String schemaUrl = "";
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            if (tag == 26) {
                schemaUrl = in.string();
                continue;
            }
            int outer = in.pushMessage(RESOURCE_METRICS_DEPTH);
            for (int inner = in.tag(); inner != 0; inner = in.tag()) {
                switch (inner) {
                    case 10 -> attributes.add(keyValue(RESOURCE_METRICS_DEPTH + 1));
                    case 16 -> dropped = in.varint32();
                    case 26 -> entities.add(entity(RESOURCE_METRICS_DEPTH + 1));
                    default -> in.skip(inner, RESOURCE_METRICS_DEPTH + 1);
                }
            }
            in.pop(outer);
        }
        return new Resource(
                sorted(attributes).toJson(), schemaUrl, dropped, EntityRefs.toJson(entities));
    }

    private AttributeValue entity(int depth) {
        int outer = in.pushMessage(depth);
        String schemaUrl = "";
        String type = "";
        var ids = new ArrayList<AttributeValue>();
        var descriptions = new ArrayList<AttributeValue>();
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            switch (tag) {
                case 10 -> schemaUrl = in.string();
                case 18 -> type = in.string();
                case 26 -> ids.add(new AttributeValue.Text(in.string()));
                case 34 -> descriptions.add(new AttributeValue.Text(in.string()));
                default -> in.skip(tag, depth + 1);
            }
        }
        in.pop(outer);
        return EntityRefs.entity(schemaUrl, type, ids, descriptions);
    }

    /// Fields 1 and 3 of ScopeMetrics.
    Scope scope(IdentityRun run) {
        in.over(run.bytes(), run.from(), run.to());
        var attributes = new ArrayList<Attributes.Entry>();
        int dropped = 0;
        String name = "";
        String version = "";
        String schemaUrl = "";
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            if (tag == 26) {
                schemaUrl = in.string();
                continue;
            }
            int outer = in.pushMessage(SCOPE_METRICS_DEPTH);
            for (int inner = in.tag(); inner != 0; inner = in.tag()) {
                switch (inner) {
                    case 10 -> name = in.string();
                    case 18 -> version = in.string();
                    case 26 -> attributes.add(keyValue(SCOPE_METRICS_DEPTH + 1));
                    case 32 -> dropped = in.varint32();
                    default -> in.skip(inner, SCOPE_METRICS_DEPTH + 1);
                }
            }
            in.pop(outer);
        }
        return new Scope(name, version, sorted(attributes).toJson(), schemaUrl, dropped);
    }

    /// Fields 1, 2, 3 and 12 of Metric.
    Metric metric(
            IdentityRun run,
            Resource resource,
            Scope scope,
            MetricType type,
            Temporality temporality,
            boolean monotonic) {
        in.over(run.bytes(), run.from(), run.to());
        var metadata = new ArrayList<Attributes.Entry>();
        String name = "";
        String description = "";
        String unit = "";
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            switch (tag) {
                case 10 -> name = in.string();
                case 18 -> description = in.string();
                case 26 -> unit = in.string();
                case 98 -> metadata.add(keyValue(METRIC_DEPTH));
                default -> in.skip(tag, METRIC_DEPTH);
            }
        }
        return new Metric(
                resource,
                scope,
                name,
                unit,
                type,
                temporality,
                monotonic,
                description,
                sorted(metadata).toJson());
    }

    /// A run of KeyValue fields only, in a message at `depth`.
    Attributes attributes(IdentityRun run, int depth) {
        if (run.from() == run.to()) {
            return Attributes.EMPTY;
        }
        in.over(run.bytes(), run.from(), run.to());
        var entries = new ArrayList<Attributes.Entry>();
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            entries.add(keyValue(depth));
        }
        return sorted(entries);
    }

    private Attributes sorted(List<Attributes.Entry> entries) {
        Attributes sorted = Attributes.of(entries);
        duplicateKeys += entries.size() - sorted.size();
        return sorted;
    }

    private Attributes.Entry keyValue(int depth) {
        int outer = in.pushMessage(depth);
        String key = "";
        AnyValue value = null;
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            switch (tag) {
                case 10 -> key = in.string();
                case 18 -> {
                    value = value == null ? new AnyValue() : value;
                    value.merge(depth + 1);
                }
                default -> in.skip(tag, depth + 1);
            }
        }
        in.pop(outer);
        return new Attributes.Entry(key, AnyValue.finish(value));
    }

    /// A value that is being read: at most one of the three is there.
    private final class AnyValue {
        private @Nullable AttributeValue scalar;
        private @Nullable List<AttributeValue> array;
        private @Nullable List<Attributes.Entry> map;

        private void merge(int depth) {
            int outer = in.pushMessage(depth);
            for (int tag = in.tag(); tag != 0; tag = in.tag()) {
                switch (tag) {
                    case 10 -> set(new AttributeValue.Text(in.string()));
                    case 16 -> set(new AttributeValue.Bool(in.varint64() != 0));
                    case 24 -> set(new AttributeValue.Int(in.varint64()));
                    case 33 -> set(new AttributeValue.Real(Double.longBitsToDouble(in.fixed64())));
                    case 42 -> mergeArray(depth + 1);
                    case 50 -> mergeMap(depth + 1);
                    case 58 -> set(new AttributeValue.Binary(copy()));
                    case 64 -> {
                        in.varint32(); // an index into a table that only profiles have
                        set(new AttributeValue.Empty());
                    }
                    default -> in.skip(tag, depth + 1);
                }
            }
            in.pop(outer);
        }

        private void set(AttributeValue value) {
            scalar = value;
            array = null;
            map = null;
        }

        private byte[] copy() {
            int length = in.length();
            in.at += length;
            return Arrays.copyOfRange(in.bytes, in.at - length, in.at);
        }

        private void mergeArray(int depth) {
            List<AttributeValue> values = array == null ? new ArrayList<>() : array;
            scalar = null;
            map = null;
            array = values;
            int outer = in.pushMessage(depth);
            for (int tag = in.tag(); tag != 0; tag = in.tag()) {
                if (tag == 10) {
                    var value = new AnyValue();
                    value.merge(depth + 1);
                    values.add(finish(value));
                } else {
                    in.skip(tag, depth + 1);
                }
            }
            in.pop(outer);
        }

        private void mergeMap(int depth) {
            List<Attributes.Entry> entries = map == null ? new ArrayList<>() : map;
            scalar = null;
            array = null;
            map = entries;
            int outer = in.pushMessage(depth);
            for (int tag = in.tag(); tag != 0; tag = in.tag()) {
                if (tag == 10) {
                    entries.add(keyValue(depth + 1));
                } else {
                    in.skip(tag, depth + 1);
                }
            }
            in.pop(outer);
        }

        private static AttributeValue finish(@Nullable AnyValue value) {
            if (value == null) {
                return new AttributeValue.Empty();
            }
            if (value.array != null) {
                return new AttributeValue.Array(value.array);
            }
            if (value.map != null) {
                return new AttributeValue.Nested(Attributes.of(value.map));
            }
            return value.scalar != null ? value.scalar : new AttributeValue.Empty();
        }
    }
}
