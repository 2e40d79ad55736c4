package dev.firn.process.ottl;

import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import java.math.BigDecimal;
import java.util.Base64;
import java.util.Locale;

/// Numbers and JSON as Go's standard library writes them, because texts made of them become names
/// and attributes that must equal a Collector's.
public final class GoText {
    private GoText() {}

    /// Shortest form; an exponent below 1e-6 and from 1e21 on, as encoding/json does it.
    public static String number(double value) {
        if (value == 0) {
            return 1 / value < 0 ? "-0" : "0";
        }
        double size = Math.abs(value);
        if (size >= 1e-6 && size < 1e21) {
            return plain(value);
        }
        BigDecimal decimal = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        String digits = decimal.unscaledValue().abs().toString();
        int exponent = digits.length() - 1 - decimal.scale();
        String mantissa =
                digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
        return (value < 0 ? "-" : "")
                + mantissa
                + "e"
                + (exponent < 0 ? "-" : "+")
                + (exponent < 0 || exponent >= 10 ? "" : "0")
                + Math.abs(exponent);
    }

    /// As a Collector's functions write a number that is no attribute's part: an exponent has two
    /// digits at least.
    static String marshalled(double value) {
        String text = number(value);
        int digit = text.length() - 1;
        return digit > 1 && text.charAt(digit - 1) == '-' && text.charAt(digit - 2) == 'e'
                ? text.substring(0, digit) + "0" + text.charAt(digit)
                : text;
    }

    /// Shortest form that never has an exponent.
    public static String plain(double value) {
        if (Double.isNaN(value)) {
            return "NaN";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "+Inf" : "-Inf";
        }
        if (value == 0) {
            return 1 / value < 0 ? "-0" : "0";
        }
        return new BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString();
    }

    /// What pdata's Value.AsString gives: the text of a value of any type.
    public static String asString(AttributeValue value) {
        return switch (value) {
            case AttributeValue.Empty() -> "";
            case AttributeValue.Text(String text) -> text;
            case AttributeValue.Bool(boolean bool) -> Boolean.toString(bool);
            case AttributeValue.Int(long integer) -> Long.toString(integer);
            case AttributeValue.Real(double real) ->
                    Double.isFinite(real)
                            ? number(real)
                            : "json: unsupported value: " + plain(real);
            case AttributeValue.Binary(byte[] bytes) -> Base64.getEncoder().encodeToString(bytes);
            case AttributeValue.Array array -> jsonOrNothing(array);
            case AttributeValue.Nested nested -> jsonOrNothing(nested);
        };
    }

    /// Infinities and NaN have no form in JSON; with one of them inside there is no text at all.
    private static String jsonOrNothing(AttributeValue value) {
        try {
            return json(value);
        } catch (EvaluationException e) {
            return "";
        }
    }

    /// JSON with keys in order.
    static String json(AttributeValue value) {
        var out = new StringBuilder();
        write(out, value);
        return out.toString();
    }

    private static void write(StringBuilder out, AttributeValue value) {
        switch (value) {
            case AttributeValue.Empty() -> out.append("null");
            case AttributeValue.Text(String text) -> quote(out, text);
            case AttributeValue.Bool(boolean bool) -> out.append(bool);
            case AttributeValue.Int(long integer) -> out.append(integer);
            case AttributeValue.Real(double real) -> {
                if (!Double.isFinite(real)) {
                    throw new EvaluationException(plain(real) + " has no form in JSON");
                }
                out.append(number(real));
            }
            case AttributeValue.Binary(byte[] bytes) ->
                    quote(out, Base64.getEncoder().encodeToString(bytes));
            case AttributeValue.Array array -> {
                out.append('[');
                for (int i = 0; i < array.values().size(); i++) {
                    out.append(i == 0 ? "" : ",");
                    write(out, array.values().get(i));
                }
                out.append(']');
            }
            case AttributeValue.Nested(Attributes attributes) -> {
                out.append('{');
                for (int i = 0; i < attributes.size(); i++) {
                    Attributes.Entry entry = attributes.entries().get(i);
                    out.append(i == 0 ? "" : ",");
                    quote(out, entry.key());
                    out.append(':');
                    write(out, entry.value());
                }
                out.append('}');
            }
        }
    }

    private static void quote(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < 0x20 || "<>&\u2028\u2029".indexOf(c) >= 0) {
                        out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
