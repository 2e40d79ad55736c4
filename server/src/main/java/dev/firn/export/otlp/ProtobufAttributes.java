package dev.firn.export.otlp;

import dev.firn.base.ByteWriter;
import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import java.util.List;

/// Attributes as repeated KeyValue fields.
final class ProtobufAttributes {
    private ProtobufAttributes() {}

    static void write(Attributes attributes, int field, ByteWriter out) {
        for (Attributes.Entry entry : attributes.entries()) {
            int start = ProtobufFields.begin(out, field);
            ProtobufFields.text(out, 1, entry.key());
            value(entry.value(), 2, out);
            ProtobufFields.end(out, start);
        }
    }

    private static void value(AttributeValue value, int field, ByteWriter out) {
        int start = ProtobufFields.begin(out, field);
        switch (value) {
            case AttributeValue.Empty() -> {}
            case AttributeValue.Text(String text) -> ProtobufFields.presentText(out, 1, text);
            case AttributeValue.Bool(boolean bool) ->
                    ProtobufFields.presentVarint(out, 2, bool ? 1 : 0);
            case AttributeValue.Int(long number) -> ProtobufFields.presentVarint(out, 3, number);
            case AttributeValue.Real(double number) ->
                    ProtobufFields.presentFixed64(out, 4, Double.doubleToRawLongBits(number));
            case AttributeValue.Array(List<AttributeValue> values) -> {
                int list = ProtobufFields.begin(out, 5);
                for (AttributeValue one : values) {
                    value(one, 1, out);
                }
                ProtobufFields.end(out, list);
            }
            case AttributeValue.Nested(Attributes map) -> {
                int list = ProtobufFields.begin(out, 6);
                write(map, 1, out);
                ProtobufFields.end(out, list);
            }
            case AttributeValue.Binary(byte[] bytes) -> ProtobufFields.binary(out, 7, bytes);
        }
        ProtobufFields.end(out, start);
    }
}
