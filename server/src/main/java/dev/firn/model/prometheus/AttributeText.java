package dev.firn.model.prometheus;

import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import java.util.Base64;

/// Attribute values where there is room for text only: OpenTelemetry specification, common/README,
/// "AnyValue representation for non-OTLP protocols".
public final class AttributeText {
    private AttributeText() {}

    public static String of(AttributeValue value) {
        return switch (value) {
            case AttributeValue.Text(String text) -> text;
            case AttributeValue.Empty() -> "";
            case AttributeValue.Binary(byte[] bytes) -> Base64.getEncoder().encodeToString(bytes);
            case AttributeValue.Real(double real) -> real(real);
            default -> {
                var out = new StringBuilder();
                json(value, out);
                yield out.toString();
            }
        };
    }

    private static String real(double value) {
        return Double.isNaN(value)
                ? "NaN"
                : Double.isInfinite(value)
                        ? (value > 0 ? "Infinity" : "-Infinity")
                        : GoFloat.json(value);
    }

    private static void json(AttributeValue value, StringBuilder out) {
        switch (value) {
            case AttributeValue.Text(String text) -> quoted(text, out);
            case AttributeValue.Empty() -> out.append("null");
            case AttributeValue.Bool(boolean bool) -> out.append(bool);
            case AttributeValue.Int(long number) -> out.append(number);
            case AttributeValue.Real(double number) -> {
                String text = real(number);
                boolean finite = !Double.isNaN(number) && !Double.isInfinite(number);
                out.append(finite ? text : "\"" + text + "\"");
            }
            case AttributeValue.Binary(byte[] bytes) ->
                    quoted(Base64.getEncoder().encodeToString(bytes), out);
            case AttributeValue.Array(var values) -> {
                String separator = "[";
                for (AttributeValue one : values) {
                    json(one, out.append(separator));
                    separator = ",";
                }
                out.append(values.isEmpty() ? "[]" : "]");
            }
            case AttributeValue.Nested(Attributes attributes) -> {
                String separator = "{";
                for (Attributes.Entry entry : attributes.entries()) {
                    quoted(entry.key(), out.append(separator));
                    json(entry.value(), out.append(':'));
                    separator = ",";
                }
                out.append(attributes.size() == 0 ? "{}" : "}");
            }
        }
    }

    private static void quoted(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"', '\\' -> out.append('\\').append(c);
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < ' ') {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
