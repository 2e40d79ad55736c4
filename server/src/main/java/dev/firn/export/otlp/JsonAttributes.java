package dev.firn.export.otlp;

import static dev.firn.export.otlp.JsonFields.name;
import static dev.firn.export.otlp.JsonFields.quoted;
import static dev.firn.export.otlp.JsonFields.separate;

import dev.firn.base.ByteWriter;
import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Attributes as an array of KeyValue objects.
final class JsonAttributes {
    private static final byte[] KEY = quoted("key");
    private static final byte[] VALUE = quoted("value");
    private static final byte[] VALUES = quoted("values");
    private static final byte[] STRING = quoted("stringValue");
    private static final byte[] BOOL = quoted("boolValue");
    private static final byte[] INT = quoted("intValue");
    private static final byte[] DOUBLE = quoted("doubleValue");
    private static final byte[] ARRAY = quoted("arrayValue");
    private static final byte[] KVLIST = quoted("kvlistValue");
    private static final byte[] BYTES = quoted("bytesValue");
    private static final byte[] TRUE = "true".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] FALSE = "false".getBytes(StandardCharsets.US_ASCII);

    private JsonAttributes() {}

    static void write(Attributes attributes, ByteWriter out) {
        out.u8('[');
        for (Attributes.Entry entry : attributes.entries()) {
            separate(out);
            out.u8('{');
            JsonFields.text(out, KEY, entry.key());
            name(out, VALUE);
            value(entry.value(), out);
            out.u8('}');
        }
        out.u8(']');
    }

    private static void value(AttributeValue value, ByteWriter out) {
        out.u8('{');
        switch (value) {
            case AttributeValue.Empty() -> {}
            case AttributeValue.Text(String text) -> {
                name(out, STRING);
                JsonFields.string(out, text);
            }
            case AttributeValue.Bool(boolean bool) -> {
                name(out, BOOL);
                out.bytes(bool ? TRUE : FALSE);
            }
            case AttributeValue.Int(long number) -> {
                name(out, INT);
                JsonFields.quotedSigned(out, number);
            }
            case AttributeValue.Real(double number) -> JsonFields.presentReal(out, DOUBLE, number);
            case AttributeValue.Array(List<AttributeValue> values) -> {
                name(out, ARRAY);
                list(values, out);
            }
            case AttributeValue.Nested(Attributes map) -> {
                name(out, KVLIST);
                out.u8('{');
                if (map.size() > 0) {
                    name(out, VALUES);
                    write(map, out);
                }
                out.u8('}');
            }
            case AttributeValue.Binary(byte[] bytes) -> {
                name(out, BYTES);
                JsonFields.base64(out, bytes);
            }
        }
        out.u8('}');
    }

    private static void list(List<AttributeValue> values, ByteWriter out) {
        out.u8('{');
        if (!values.isEmpty()) {
            name(out, VALUES);
            out.u8('[');
            for (AttributeValue one : values) {
                separate(out);
                value(one, out);
            }
            out.u8(']');
        }
        out.u8('}');
    }
}
