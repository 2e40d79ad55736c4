package dev.firn.receive;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/// Random requests, filled by walking the protocol's descriptors, so that a field that OTLP gains
/// is filled, too. Shapes and times are mostly good, sometimes bad.
public final class RandomOtlp {
    /// About when the clock of the tests stands.
    static final long NOW = 1_760_000_000_000_000_000L;

    private static final String[] TEXTS = {
        "",
        "a",
        "service.name",
        "http.route",
        "GET",
        "é",
        "日本語",
        "😀",
        "\u0000",
        "\ufffd",
        "$map",
        "\"\\\n"
    };

    private final Random random;

    /// Fields that were set so far, by full name.
    public final Set<String> used = new HashSet<>();

    /// Draws from `random`.
    public RandomOtlp(Random random) {
        this.random = random;
    }

    /// The next request.
    public ExportMetricsServiceRequest request() {
        var builder = ExportMetricsServiceRequest.newBuilder();
        fill(builder, 0);
        return builder.build();
    }

    private void fill(Message.Builder builder, int depth) {
        Descriptor type = builder.getDescriptorForType();
        for (FieldDescriptor field : type.getFields()) {
            if (field.getRealContainingOneof() != null) {
                continue;
            }
            if (field.isRepeated()) {
                int count = count(field, depth);
                for (int i = 0; i < count; i++) {
                    builder.addRepeatedField(field, value(builder, field, depth));
                    used.add(field.getFullName());
                }
            } else if (random.nextInt(5) > 0) {
                set(builder, field, depth);
            }
        }
        for (var oneof : type.getRealOneofs()) {
            if (random.nextInt(12) > 0) {
                List<FieldDescriptor> fields = oneof.getFields();
                set(builder, fields.get(random.nextInt(fields.size())), depth);
            }
        }
        mendShape(builder, type);
    }

    private void set(Message.Builder builder, FieldDescriptor field, int depth) {
        if (depth > 12 && field.getType() == FieldDescriptor.Type.MESSAGE) {
            return;
        }
        builder.setField(field, value(builder, field, depth));
        used.add(field.getFullName());
    }

    private int count(FieldDescriptor field, int depth) {
        if (depth > 10) {
            return 0;
        }
        return switch (field.getName()) {
            case "resource_metrics", "scope_metrics", "metrics", "data_points" ->
                    random.nextInt(10) == 0 ? 0 : 1 + random.nextInt(3);
            case "bucket_counts", "explicit_bounds" -> random.nextInt(6);
            default -> random.nextInt(3);
        };
    }

    private Object value(Message.Builder parent, FieldDescriptor field, int depth) {
        return switch (field.getType()) {
            case MESSAGE -> {
                Message.Builder child = parent.newBuilderForField(field);
                fill(child, depth + 1);
                yield child.build();
            }
            case STRING -> text(field);
            case BYTES -> {
                byte[] bytes = new byte[random.nextInt(20)];
                random.nextBytes(bytes);
                yield ByteString.copyFrom(bytes);
            }
            case BOOL -> random.nextBoolean();
            case DOUBLE -> real();
            case FIXED64 -> field.getName().endsWith("time_unix_nano") ? time(field) : integer();
            case SFIXED64, INT64, UINT64 -> integer();
            case UINT32 ->
                    field.getName().equals("flags")
                            ? (random.nextInt(6) == 0 ? random.nextInt() : 0)
                            : random.nextInt() >>> random.nextInt(32);
            case INT32 -> (int) integer();
            case SINT32 ->
                    field.getName().equals("scale")
                            ? random.nextInt(40) - 15
                            : random.nextInt(30) == 0
                                    ? Integer.MAX_VALUE - random.nextInt(4)
                                    : random.nextInt() >> random.nextInt(32);
            case ENUM -> {
                int number = random.nextInt(12) == 0 ? random.nextInt() : random.nextInt(3);
                yield field.getEnumType().findValueByNumberCreatingIfUnknown(number);
            }
            default -> throw new AssertionError("OTLP has no field of type " + field.getType());
        };
    }

    private String text(FieldDescriptor field) {
        if (field.getName().equals("key") || random.nextInt(3) == 0) {
            return TEXTS[random.nextInt(TEXTS.length)];
        }
        return "text" + random.nextInt(1000) + TEXTS[random.nextInt(TEXTS.length)];
    }

    private double real() {
        return switch (random.nextInt(8)) {
            case 0 -> 0.0;
            case 1 -> -0.0;
            case 2 -> Double.NaN;
            case 3 -> Double.longBitsToDouble(0x7ff0000000000002L);
            case 4 -> Double.NEGATIVE_INFINITY;
            case 5 -> Double.longBitsToDouble(random.nextLong());
            default -> random.nextGaussian();
        };
    }

    private long integer() {
        return random.nextLong() >> random.nextInt(64);
    }

    private long time(FieldDescriptor field) {
        return switch (random.nextInt(30)) {
            case 0 -> 0L;
            case 1 -> random.nextLong();
            case 2 -> NOW + random.nextLong(200_000_000_000_000L);
            default ->
                    field.getName().startsWith("start") && random.nextInt(3) == 0
                            ? 0L
                            : NOW - random.nextLong(1_000_000_000_000L);
        };
    }

    /// Nine in ten explicit histograms get counts and bounds that fit.
    private void mendShape(Message.Builder builder, Descriptor type) {
        FieldDescriptor bounds = type.findFieldByName("explicit_bounds");
        if (bounds == null || random.nextInt(10) == 0) {
            return;
        }
        FieldDescriptor counts = type.findFieldByName("bucket_counts");
        builder.clearField(bounds).clearField(counts);
        int size = random.nextInt(6);
        double bound = -3;
        for (int i = 0; i < size; i++) {
            builder.addRepeatedField(bounds, bound += 0.1 + random.nextDouble());
        }
        for (int i = 0; i <= size && (size > 0 || random.nextBoolean()); i++) {
            builder.addRepeatedField(counts, integer());
        }
    }
}
