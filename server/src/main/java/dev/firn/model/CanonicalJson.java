package dev.firn.model;

import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;

/// The text form of attributes that identities are hashed from and that the lake stores, version 1:
/// no white space, keys in code-point order, integers as digits, doubles always with a point or
/// exponent, what JSON cannot say as an object with one key that begins with `$`. The writer is our
/// own because its bytes must never change with a library.
final class CanonicalJson {

    /// Reads only what [#write] wrote, so that no key or text is too long. Keys are not put into
    /// Jackson's table of names: their senders choose them.
    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNameLength(Integer.MAX_VALUE)
                                    .maxStringLength(Integer.MAX_VALUE)
                                    .maxNestingDepth(1_000)
                                    .build())
                    .build();

    private static final long PLAIN_NAN = 0x7ff8000000000000L;

    private CanonicalJson() {}

    static String write(Attributes attributes) {
        if (attributes.size() == 0) {
            return "{}";
        }
        var out = new StringBuilder(32 * attributes.size());
        writeMap(attributes, out);
        return out.toString();
    }

    static String write(AttributeValue value) {
        var out = new StringBuilder();
        writeValue(value, out);
        return out.toString();
    }

    private static void writeMap(Attributes attributes, StringBuilder out) {
        out.append('{');
        String separator = "";
        for (Attributes.Entry entry : attributes.entries()) {
            out.append(separator);
            writeText(entry.key(), out);
            out.append(':');
            writeValue(entry.value(), out);
            separator = ",";
        }
        out.append('}');
    }

    private static void writeValue(AttributeValue value, StringBuilder out) {
        switch (value) {
            case AttributeValue.Empty() -> out.append("null");
            case AttributeValue.Text(String text) -> writeText(text, out);
            case AttributeValue.Bool(boolean bool) -> out.append(bool);
            case AttributeValue.Int(long number) -> out.append(number);
            case AttributeValue.Real(double number) -> writeReal(number, out);
            case AttributeValue.Binary(byte[] bytes) ->
                    out.append("{\"$bytes\":\"")
                            .append(Base64.getEncoder().encodeToString(bytes))
                            .append("\"}");
            case AttributeValue.Array(List<AttributeValue> values) -> {
                out.append('[');
                for (int i = 0; i < values.size(); i++) {
                    if (i > 0) {
                        out.append(',');
                    }
                    writeValue(values.get(i), out);
                }
                out.append(']');
            }
            case AttributeValue.Nested(Attributes map) -> {
                boolean looksLikeMarker =
                        map.size() == 1 && map.entries().getFirst().key().startsWith("$");
                if (looksLikeMarker) {
                    out.append("{\"$map\":");
                }
                writeMap(map, out);
                if (looksLikeMarker) {
                    out.append('}');
                }
            }
        }
    }

    private static void writeReal(double number, StringBuilder out) {
        if (Double.isFinite(number)) {
            out.append(number);
            return;
        }
        long bits = Double.doubleToRawLongBits(number);
        String text =
                Double.isInfinite(number)
                        ? (number > 0 ? "Infinity" : "-Infinity")
                        : bits == PLAIN_NAN ? "NaN" : "NaN:" + HexFormat.of().toHexDigits(bits);
        out.append("{\"$double\":\"").append(text).append("\"}");
    }

    private static void writeText(String text, StringBuilder out) {
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
                    if (c < 0x20) {
                        out.append("\\u00").append(HexFormat.of().toHexDigits((byte) c));
                    } else if (Character.isSurrogate(c) && !isPaired(text, i)) {
                        out.append('\ufffd');
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }

    private static boolean isPaired(String text, int at) {
        return Character.isHighSurrogate(text.charAt(at))
                ? at + 1 < text.length() && Character.isLowSurrogate(text.charAt(at + 1))
                : at > 0 && Character.isHighSurrogate(text.charAt(at - 1));
    }

    static Attributes read(String json) {
        if (json.equals("{}")) {
            return Attributes.EMPTY;
        }
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
            parser.nextToken();
            return resolveValues(readMap(parser));
        }
    }

    private static Attributes readMap(JsonParser parser) {
        var entries = new ArrayList<Attributes.Entry>();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String key = parser.currentName();
            parser.nextToken();
            entries.add(new Attributes.Entry(key, readValue(parser)));
        }
        return Attributes.of(entries);
    }

    private static AttributeValue readValue(JsonParser parser) {
        return switch (parser.currentToken()) {
            case VALUE_NULL -> new AttributeValue.Empty();
            case VALUE_STRING -> new AttributeValue.Text(parser.getString());
            case VALUE_TRUE -> new AttributeValue.Bool(true);
            case VALUE_FALSE -> new AttributeValue.Bool(false);
            case VALUE_NUMBER_INT -> new AttributeValue.Int(parser.getLongValue());
            case VALUE_NUMBER_FLOAT ->
                    new AttributeValue.Real(Double.parseDouble(parser.getString()));
            case START_ARRAY -> {
                var values = new ArrayList<AttributeValue>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    values.add(readValue(parser));
                }
                yield new AttributeValue.Array(values);
            }
            case START_OBJECT -> new AttributeValue.Nested(readMap(parser));
            default ->
                    throw new IllegalArgumentException(
                            "canonical JSON has no token " + parser.currentToken());
        };
    }

    /// What an object in the place of a value stands for: a map, or what a marker says. Goes from
    /// the outside inwards, because what `$map` holds is a map as it stands, even if it looks like
    /// a marker itself.
    private static AttributeValue resolve(AttributeValue raw) {
        return switch (raw) {
            case AttributeValue.Nested(Attributes map) -> resolveMarker(map);
            case AttributeValue.Array(List<AttributeValue> values) ->
                    new AttributeValue.Array(values.stream().map(CanonicalJson::resolve).toList());
            default -> raw;
        };
    }

    private static AttributeValue resolveMarker(Attributes map) {
        if (map.size() == 1) {
            Attributes.Entry only = map.entries().getFirst();
            if (only.key().equals("$map")
                    && only.value() instanceof AttributeValue.Nested(Attributes quoted)) {
                return new AttributeValue.Nested(resolveValues(quoted));
            }
            if (only.value() instanceof AttributeValue.Text(String text)) {
                if (only.key().equals("$bytes")) {
                    return new AttributeValue.Binary(Base64.getDecoder().decode(text));
                }
                if (only.key().equals("$double")) {
                    return new AttributeValue.Real(readReal(text));
                }
            }
        }
        return new AttributeValue.Nested(resolveValues(map));
    }

    private static Attributes resolveValues(Attributes raw) {
        return Attributes.of(
                raw.entries().stream()
                        .map(entry -> new Attributes.Entry(entry.key(), resolve(entry.value())))
                        .toList());
    }

    private static double readReal(String text) {
        return text.startsWith("NaN:")
                ? Double.longBitsToDouble(HexFormat.fromHexDigitsToLong(text.substring(4)))
                : Double.parseDouble(text);
    }
}
