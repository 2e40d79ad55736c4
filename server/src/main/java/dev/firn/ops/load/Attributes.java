package dev.firn.ops.load;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Attributes of a resource, scope or point, encoded once and copied from then on.
///
/// Values: String, Boolean, Long, Double, or a List of Strings. Keys are unique.
record Attributes(Map<String, Object> values) {
    Attributes {
        values = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /// Pairs of key and value.
    static Attributes of(Object... pairs) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            if (values.put((String) pairs[i], pairs[i + 1]) != null) {
                throw new IllegalArgumentException("attribute \"" + pairs[i] + "\" given twice");
            }
        }
        return new Attributes(values);
    }

    /// All of these as repeated `KeyValue` fields numbered `field`.
    byte[] encode(int field) {
        var writer = new ProtobufWriter(256);
        for (var entry : List.copyOf(values.entrySet()).reversed()) {
            int mark = writer.size();
            writeValue(writer, 2, entry.getValue());
            writer.string(1, entry.getKey());
            writer.message(field, mark);
        }
        return writer.toBytes();
    }

    private static void writeValue(ProtobufWriter writer, int field, Object value) {
        int mark = writer.size();
        switch (value) {
            case String text -> writer.string(1, text);
            case Boolean truth -> writer.varint(2, truth ? 1 : 0);
            case Long number -> writer.varint(3, number);
            case Double number -> writer.float64(4, number);
            case List<?> items -> {
                int array = writer.size();
                for (Object item : items.reversed()) {
                    writeValue(writer, 1, item);
                }
                writer.message(5, array);
            }
            default -> throw new IllegalArgumentException("no attribute type for " + value);
        }
        writer.message(field, mark);
    }
}
