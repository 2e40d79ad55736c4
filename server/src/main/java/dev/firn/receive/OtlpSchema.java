package dev.firn.receive;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The messages of OTLP metrics as a table: number, JSON name, kind; `*` is repeated, capitals name
/// another message. Source: opentelemetry-proto `metrics/v1`, `common/v1`, `resource/v1`; a test
/// compares it with the generated descriptors. The JSON reader and the check of bytes that are not
/// kept go by it; what is kept has its own code.
enum OtlpSchema {
    REQUEST("1 resourceMetrics *RESOURCE_METRICS"),
    RESOURCE_METRICS("1 resource RESOURCE", "2 scopeMetrics *SCOPE_METRICS", "3 schemaUrl string"),
    RESOURCE(
            "1 attributes *KEY_VALUE",
            "2 droppedAttributesCount uint32",
            "3 entityRefs *ENTITY_REF"),
    ENTITY_REF(
            "1 schemaUrl string", "2 type string", "3 idKeys *string", "4 descriptionKeys *string"),
    SCOPE_METRICS("1 scope INSTRUMENTATION_SCOPE", "2 metrics *METRIC", "3 schemaUrl string"),
    INSTRUMENTATION_SCOPE(
            "1 name string",
            "2 version string",
            "3 attributes *KEY_VALUE",
            "4 droppedAttributesCount uint32"),
    METRIC(
            "1 name string",
            "2 description string",
            "3 unit string",
            "5 gauge GAUGE",
            "7 sum SUM",
            "9 histogram HISTOGRAM",
            "10 exponentialHistogram EXPONENTIAL_HISTOGRAM",
            "11 summary SUMMARY",
            "12 metadata *KEY_VALUE"),
    GAUGE("1 dataPoints *NUMBER_DATA_POINT"),
    SUM("1 dataPoints *NUMBER_DATA_POINT", "2 aggregationTemporality enum", "3 isMonotonic bool"),
    HISTOGRAM("1 dataPoints *HISTOGRAM_DATA_POINT", "2 aggregationTemporality enum"),
    EXPONENTIAL_HISTOGRAM(
            "1 dataPoints *EXPONENTIAL_HISTOGRAM_DATA_POINT", "2 aggregationTemporality enum"),
    SUMMARY("1 dataPoints *SUMMARY_DATA_POINT"),
    NUMBER_DATA_POINT(
            "7 attributes *KEY_VALUE",
            "2 startTimeUnixNano fixed64",
            "3 timeUnixNano fixed64",
            "4 asDouble double",
            "6 asInt sfixed64",
            "5 exemplars *EXEMPLAR",
            "8 flags uint32"),
    HISTOGRAM_DATA_POINT(
            "9 attributes *KEY_VALUE",
            "2 startTimeUnixNano fixed64",
            "3 timeUnixNano fixed64",
            "4 count fixed64",
            "5 sum double",
            "6 bucketCounts *fixed64",
            "7 explicitBounds *double",
            "8 exemplars *EXEMPLAR",
            "10 flags uint32",
            "11 min double",
            "12 max double"),
    EXPONENTIAL_HISTOGRAM_DATA_POINT(
            "1 attributes *KEY_VALUE",
            "2 startTimeUnixNano fixed64",
            "3 timeUnixNano fixed64",
            "4 count fixed64",
            "5 sum double",
            "6 scale sint32",
            "7 zeroCount fixed64",
            "8 positive BUCKETS",
            "9 negative BUCKETS",
            "10 flags uint32",
            "11 exemplars *EXEMPLAR",
            "12 min double",
            "13 max double",
            "14 zeroThreshold double"),
    BUCKETS("1 offset sint32", "2 bucketCounts *uint64"),
    SUMMARY_DATA_POINT(
            "7 attributes *KEY_VALUE",
            "2 startTimeUnixNano fixed64",
            "3 timeUnixNano fixed64",
            "4 count fixed64",
            "5 sum double",
            "6 quantileValues *VALUE_AT_QUANTILE",
            "8 flags uint32"),
    VALUE_AT_QUANTILE("1 quantile double", "2 value double"),
    EXEMPLAR(
            "7 filteredAttributes *KEY_VALUE",
            "2 timeUnixNano fixed64",
            "3 asDouble double",
            "6 asInt sfixed64",
            "4 spanId hex",
            "5 traceId hex"),
    KEY_VALUE("1 key string", "2 value ANY_VALUE", "3 keyStrindex int32"),
    ANY_VALUE(
            "1 stringValue string",
            "2 boolValue bool",
            "3 intValue int64",
            "4 doubleValue double",
            "5 arrayValue ARRAY_VALUE",
            "6 kvlistValue KEY_VALUE_LIST",
            "7 bytesValue base64",
            "8 stringValueStrindex int32"),
    ARRAY_VALUE("1 values *ANY_VALUE"),
    KEY_VALUE_LIST("1 values *KEY_VALUE");

    /// What a field holds. HEX and BASE64 are bytes, by how JSON writes them.
    enum Kind {
        STRING(2),
        BOOL(0),
        DOUBLE(1),
        FIXED64(1),
        SFIXED64(1),
        UINT32(0),
        SINT32(0),
        INT32(0),
        INT64(0),
        UINT64(0),
        ENUM(0),
        HEX(2),
        BASE64(2),
        MESSAGE(2);

        private final int wireType;

        Kind(int wireType) {
            this.wireType = wireType;
        }

        /// Of one value, not packed.
        int wireType() {
            return wireType;
        }
    }

    /// A field of a message.
    ///
    /// @param message what a field of kind MESSAGE holds, by [OtlpSchema#name]; empty for others
    record Field(int number, String name, Kind kind, boolean repeated, String message) {
        /// What a field of kind MESSAGE holds.
        OtlpSchema messageSchema() {
            return OtlpSchema.valueOf(message);
        }
    }

    private final Map<String, Field> byName = new HashMap<>();
    private final Field[] byNumber = new Field[16];

    OtlpSchema(String... fields) {
        for (String line : fields) {
            String[] words = line.split(" ", -1);
            boolean repeated = words[2].startsWith("*");
            String type = repeated ? words[2].substring(1) : words[2];
            boolean message = Character.isUpperCase(type.charAt(0));
            var field =
                    new Field(
                            Integer.parseInt(words[0]),
                            words[1],
                            message ? Kind.MESSAGE : Kind.valueOf(type.toUpperCase(Locale.ROOT)),
                            repeated,
                            message ? type : "");
            byName.put(field.name(), field);
            byNumber[field.number()] = field;
        }
    }

    /// The field with this JSON name.
    @Nullable Field find(String name) {
        return byName.get(name);
    }

    /// The field with this number.
    @Nullable Field find(int number) {
        return number < byNumber.length ? byNumber[number] : null;
    }

    /// Whether the field is in the message's oneof; none has two.
    boolean inOneof(Field field) {
        return switch (this) {
            case METRIC -> field.number() >= 5 && field.number() <= 11;
            case NUMBER_DATA_POINT -> field.number() == 4 || field.number() == 6;
            case EXEMPLAR -> field.number() == 3 || field.number() == 6;
            case ANY_VALUE -> true;
            default -> false;
        };
    }

    /// All fields.
    Iterable<Field> fields() {
        return byName.values();
    }

    /// Checks the bytes of a message that is not kept (a refused point, a value that a later one of
    /// the same oneof replaces), so that a body is malformed or not whatever the limits are.
    void check(WireReader in, int depth) {
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            Field field = find(tag >>> 3);
            if (field != null && (tag & 7) == field.kind.wireType) {
                checkValue(in, tag, field, depth);
            } else if (field != null && field.repeated && (tag & 7) == 2) {
                checkPacked(in, field.kind);
            } else {
                in.skip(tag, depth);
            }
        }
    }

    /// Checks a run of KeyValue fields, in a message at `depth`.
    static void checkKeyValues(WireReader in, IdentityRun run, int depth) {
        in.over(run.bytes(), run.from(), run.to());
        while (in.tag() != 0) {
            int outer = in.pushMessage(depth);
            KEY_VALUE.check(in, depth + 1);
            in.pop(outer);
        }
    }

    private static void checkValue(WireReader in, int tag, Field field, int depth) {
        switch (field.kind) {
            case STRING -> in.string();
            case MESSAGE -> {
                int outer = in.pushMessage(depth);
                field.messageSchema().check(in, depth + 1);
                in.pop(outer);
            }
            default -> in.skip(tag, depth);
        }
    }

    private static void checkPacked(WireReader in, Kind kind) {
        int outer = in.push();
        while (in.at < in.limit) {
            if (kind.wireType == 1) {
                in.fixed64();
            } else {
                in.varint64();
            }
        }
        in.pop(outer);
    }
}
