package dev.firn.receive;

import dev.firn.base.ByteWriter;
import dev.firn.receive.Receiver.MalformedBody;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// Translates OTLP/JSON into the protobuf bytes of the same message, so that one decoder holds all
/// checks. OTLP's own rules (opentelemetry-proto, docs/specification.md, JSON Protobuf Encoding):
/// ids are hex of either case, enums integers, names lowerCamelCase, 64-bit integers strings or
/// numbers, null is absent, unknown fields are ignored. Where that page is silent the ProtoJSON
/// mapping holds.
///
/// A length is written in five bytes, whatever its size, and filled in when the message ends.
final class OtlpJsonTranslator {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int LENGTH_BYTES = 5;
    private static final BigInteger UNSIGNED_MAX = BigInteger.ONE.shiftLeft(64);

    private OtlpJsonTranslator() {}

    /// Appends the protobuf form of `body[0, length)` to `out`.
    static void translate(byte[] body, int length, ByteWriter out) {
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), body, 0, length)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw malformed(parser, "the body is no JSON object");
            }
            object(parser, OtlpSchema.REQUEST, 0, out);
            if (parser.nextToken() != null) {
                throw malformed(parser, "something follows the JSON object");
            }
        } catch (JacksonException e) {
            // Jackson's own bounds (nesting, digits of a number, length of a name) have no place
            String place =
                    e.getLocation() == null ? "" : " at byte " + e.getLocation().getByteOffset();
            throw new MalformedBody(
                    "cannot parse OTLP/JSON"
                            + place
                            + ": "
                            + e.getOriginalMessage()
                            + "; the request was dropped, check the sender's encoder");
        }
    }

    private static void object(JsonParser parser, OtlpSchema schema, int depth, ByteWriter out) {
        if (depth > WireReader.DEPTH_MAX) {
            throw malformed(
                    parser, "messages are nested more than " + WireReader.DEPTH_MAX + " deep");
        }
        String chosen = "";
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            OtlpSchema.Field field = schema.find(parser.currentName());
            JsonToken token = parser.nextToken();
            if (field == null) {
                parser.skipChildren();
            } else if (token != JsonToken.VALUE_NULL) {
                if (schema.inOneof(field)) {
                    if (!chosen.isEmpty()) { // an object has no order, so there is no last one
                        throw malformed(
                                parser,
                                "only one of " + chosen + " and " + field.name() + " may be");
                    }
                    chosen = field.name();
                }
                if (field.repeated()) {
                    array(parser, field, depth, out);
                } else {
                    value(parser, field, depth, out);
                }
            }
        }
    }

    private static void array(
            JsonParser parser, OtlpSchema.Field field, int depth, ByteWriter out) {
        expect(parser, field, JsonToken.START_ARRAY);
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            value(parser, field, depth, out);
        }
    }

    private static void value(
            JsonParser parser, OtlpSchema.Field field, int depth, ByteWriter out) {
        out.varint((long) field.number() << 3 | field.kind().wireType());
        switch (field.kind()) {
            case STRING -> text(string(parser, field), out);
            case BOOL -> out.u8(bool(parser, field));
            case DOUBLE -> out.f64(real(parser, field));
            case FIXED64 -> out.i64(unsigned(parser, field, 64));
            case UINT64 -> out.varint(unsigned(parser, field, 64));
            case UINT32 -> out.varint(unsigned(parser, field, 32));
            case SFIXED64 -> out.i64(signed(parser, field, 64));
            case INT64 -> out.varint(signed(parser, field, 64));
            case INT32 -> out.varint(signed(parser, field, 32));
            case SINT32 -> out.zigzag(signed(parser, field, 32));
            case ENUM -> {
                expect(parser, field, JsonToken.VALUE_NUMBER_INT);
                out.varint(signed(parser, field, 32));
            }
            case HEX -> binary(hex(parser, field), out);
            case BASE64 -> binary(base64(parser, field), out);
            case MESSAGE -> {
                expect(parser, field, JsonToken.START_OBJECT);
                int at = out.size();
                out.i32(0).u8(0);
                object(parser, field.messageSchema(), depth + 1, out);
                fillLength(out, at);
            }
        }
    }

    private static void fillLength(ByteWriter out, int at) {
        int length = out.size() - at - LENGTH_BYTES;
        byte[] bytes = out.array();
        for (int i = 0; i < LENGTH_BYTES - 1; i++) {
            bytes[at + i] = (byte) (length >>> 7 * i | 0x80);
        }
        bytes[at + LENGTH_BYTES - 1] = (byte) (length >>> 7 * (LENGTH_BYTES - 1));
    }

    private static String string(JsonParser parser, OtlpSchema.Field field) {
        expect(parser, field, JsonToken.VALUE_STRING);
        return parser.getString();
    }

    /// JSON can escape half a surrogate pair, which UTF-8 cannot say: U+FFFD stands for it.
    private static void text(String value, ByteWriter out) {
        binary(wellFormed(value).getBytes(StandardCharsets.UTF_8), out);
    }

    private static String wellFormed(String value) {
        StringBuilder mended = null;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (!Character.isSurrogate(c)) {
                continue;
            }
            if (Character.isHighSurrogate(c)
                    && i + 1 < value.length()
                    && Character.isLowSurrogate(value.charAt(i + 1))) {
                i++;
                continue;
            }
            mended = mended == null ? new StringBuilder(value) : mended;
            mended.setCharAt(i, '\ufffd');
        }
        return mended == null ? value : mended.toString();
    }

    private static void binary(byte[] bytes, ByteWriter out) {
        out.varint(bytes.length).bytes(bytes);
    }

    private static int bool(JsonParser parser, OtlpSchema.Field field) {
        return switch (parser.currentToken()) {
            case VALUE_TRUE -> 1;
            case VALUE_FALSE -> 0;
            default -> throw wrong(parser, field, "true or false");
        };
    }

    private static double real(JsonParser parser, OtlpSchema.Field field) {
        boolean quoted = parser.currentToken() == JsonToken.VALUE_STRING;
        String text = number(parser, field);
        if (quoted) {
            switch (text) {
                case "NaN" -> {
                    return Double.NaN;
                }
                case "Infinity" -> {
                    return Double.POSITIVE_INFINITY;
                }
                case "-Infinity" -> {
                    return Double.NEGATIVE_INFINITY;
                }
                default -> {
                    // a number as text
                }
            }
        }
        if (!plain(text)) {
            throw wrong(parser, field, "a number, \"NaN\", \"Infinity\" or \"-Infinity\"");
        }
        try {
            double value = Double.parseDouble(text);
            if (Double.isInfinite(value)) {
                throw wrong(parser, field, "a number that a double can hold");
            }
            return value;
        } catch (NumberFormatException e) {
            throw wrong(parser, field, "a number");
        }
    }

    /// Double.parseDouble would take spaces, hexadecimal and type suffixes, too.
    private static boolean plain(String text) {
        for (int i = 0; i < text.length(); i++) {
            if ("0123456789+-.eE".indexOf(text.charAt(i)) < 0) {
                return false;
            }
        }
        return !text.isEmpty() && text.charAt(0) != '+' && text.length() < 1_000;
    }

    private static long signed(JsonParser parser, OtlpSchema.Field field, int bits) {
        BigInteger value = integer(parser, field);
        if (value.bitLength() > bits - 1) {
            throw wrong(parser, field, "a signed integer of " + bits + " bits");
        }
        return value.longValue();
    }

    private static long unsigned(JsonParser parser, OtlpSchema.Field field, int bits) {
        BigInteger value = integer(parser, field);
        if (value.signum() < 0 || value.bitLength() > bits) {
            throw wrong(parser, field, "an unsigned integer of " + bits + " bits");
        }
        return value.longValue();
    }

    private static BigInteger integer(JsonParser parser, OtlpSchema.Field field) {
        String text = number(parser, field);
        if (!plain(text) || text.length() > 40) {
            throw wrong(parser, field, "an integer");
        }
        try {
            var value = new BigDecimal(text);
            // 1e3 is an integer, too; 1e999999999 would fill the memory
            if (Math.abs((long) value.scale()) > 60
                    || value.abs().compareTo(new BigDecimal(UNSIGNED_MAX)) >= 0) {
                throw wrong(parser, field, "an integer of 64 bits");
            }
            return value.toBigIntegerExact();
        } catch (ArithmeticException | NumberFormatException e) {
            throw wrong(parser, field, "an integer");
        }
    }

    private static String number(JsonParser parser, OtlpSchema.Field field) {
        return switch (parser.currentToken()) {
            case VALUE_STRING, VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getString();
            default -> throw wrong(parser, field, "a number");
        };
    }

    private static byte[] hex(JsonParser parser, OtlpSchema.Field field) {
        try {
            return HexFormat.of().parseHex(string(parser, field));
        } catch (IllegalArgumentException e) {
            throw wrong(parser, field, "an even number of hexadecimal digits");
        }
    }

    private static byte[] base64(JsonParser parser, OtlpSchema.Field field) {
        try {
            String standard = string(parser, field).replace('-', '+').replace('_', '/');
            return Base64.getDecoder().decode(standard);
        } catch (IllegalArgumentException e) {
            throw wrong(parser, field, "base64");
        }
    }

    private static void expect(JsonParser parser, OtlpSchema.Field field, JsonToken token) {
        if (parser.currentToken() != token) {
            throw wrong(
                    parser,
                    field,
                    switch (token) {
                        case START_OBJECT -> "an object";
                        case START_ARRAY -> "an array";
                        case VALUE_STRING -> "a string";
                        default -> "an integer";
                    });
        }
    }

    private static MalformedBody wrong(JsonParser parser, OtlpSchema.Field field, String wanted) {
        return malformed(parser, field.name() + " must be " + wanted);
    }

    private static MalformedBody malformed(JsonParser parser, String what) {
        return new MalformedBody(
                "cannot parse OTLP/JSON at byte "
                        + parser.currentTokenLocation().getByteOffset()
                        + ": "
                        + what
                        + "; the request was dropped, check the sender's encoder");
    }
}
