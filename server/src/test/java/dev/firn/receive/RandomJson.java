package dev.firn.receive;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/// Writes a message as OTLP/JSON, with the freedom that the encoding leaves: any order, unknown
/// fields, nulls, 64-bit integers as numbers or text, ids in either case.
public final class RandomJson {
    private final Random random;

    /// Draws from `random`.
    public RandomJson(Random random) {
        this.random = random;
    }

    /// The message as JSON.
    public String write(Message message) {
        var members = new ArrayList<String>();
        message.getAllFields()
                .forEach((field, value) -> members.add(name(field) + ":" + member(field, value)));
        if (random.nextInt(4) == 0) {
            members.add("\"somethingNew\": {\"a\":[1,{\"b\":null}],\"c\":\"\\ud83d\\ude00\"}");
        }
        for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
            boolean absent =
                    field.isRepeated()
                            ? message.getRepeatedFieldCount(field) == 0
                            : !message.getAllFields().containsKey(field);
            if (absent && random.nextInt(8) == 0) {
                members.add(name(field) + ":null");
            }
        }
        Collections.shuffle(members, random);
        return "{" + String.join(random.nextBoolean() ? "," : " ,\n ", members) + "}";
    }

    /// What JSON can say of a request: it has one NaN only.
    public static ExportMetricsServiceRequest plainNan(ExportMetricsServiceRequest request)
            throws TextFormat.ParseException {
        var builder = ExportMetricsServiceRequest.newBuilder();
        TextFormat.merge(TextFormat.printer().printToString(request), builder);
        return builder.build();
    }

    private static String name(FieldDescriptor field) {
        return '"' + field.getJsonName() + '"';
    }

    private String member(FieldDescriptor field, Object value) {
        if (!field.isRepeated()) {
            return value(field, value);
        }
        return "["
                + String.join(
                        ",", ((List<?>) value).stream().map(one -> value(field, one)).toList())
                + "]";
    }

    private String value(FieldDescriptor field, Object value) {
        return switch (field.getType()) {
            case MESSAGE -> write((Message) value);
            case STRING -> text((String) value);
            case BYTES -> '"' + bytes(field, (ByteString) value) + '"';
            case DOUBLE -> real((Double) value);
            case FIXED64, UINT64 -> maybeQuoted(Long.toUnsignedString((Long) value));
            case UINT32 -> Integer.toUnsignedString((Integer) value);
            case SFIXED64, INT64 -> maybeQuoted(value.toString());
            case ENUM -> Integer.toString(((EnumValueDescriptor) value).getNumber());
            default -> value.toString();
        };
    }

    private String bytes(FieldDescriptor field, ByteString value) {
        if (field.getName().endsWith("_id")) {
            String hex = HexFormat.of().formatHex(value.toByteArray());
            return random.nextBoolean() ? hex : hex.toUpperCase(Locale.ROOT);
        }
        return random.nextBoolean()
                ? Base64.getEncoder().encodeToString(value.toByteArray())
                : Base64.getUrlEncoder().withoutPadding().encodeToString(value.toByteArray());
    }

    private String maybeQuoted(String digits) {
        return random.nextBoolean() ? '"' + digits + '"' : digits;
    }

    private static String real(double value) {
        return Double.isFinite(value) ? Double.toString(value) : '"' + Double.toString(value) + '"';
    }

    private String text(String value) {
        var out = new StringBuilder("\"");
        for (char c : value.toCharArray()) {
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < 0x20 || random.nextInt(5) == 0) {
                out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else if (Character.isSurrogate(c)) {
                out.append(String.format(Locale.ROOT, "\\u%04X", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }
}
