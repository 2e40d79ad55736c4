package dev.firn.ops.load;

import dev.firn.base.ByteReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// A protobuf message that can be changed: what [ProtobufWriter] wrote, as a list of its fields.
/// Messages inside it are bytes until they are asked for. Not for what is done to every export.
final class ProtobufMessage {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final byte[] NONE = {};

    /// @param value of a number
    /// @param bytes of everything else
    private record Field(int number, int wire, long value, byte[] bytes) {}

    private final List<Field> fields = new ArrayList<>();

    ProtobufMessage(byte[] encoded) {
        var reader = new ByteReader(encoded);
        while (reader.remaining() > 0) {
            long tag = reader.varint();
            int number = (int) (tag >>> 3);
            int wire = (int) (tag & 7);
            fields.add(
                    switch (wire) {
                        case VARINT -> new Field(number, wire, reader.varint(), NONE);
                        case FIXED64 -> new Field(number, wire, reader.i64(), NONE);
                        case BYTES -> new Field(number, wire, 0, reader.bytes(reader.count()));
                        default ->
                                throw new ByteReader.Malformed(
                                        "field " + number + " has wire type " + wire);
                    });
        }
    }

    byte[] encode() {
        var writer = new ProtobufWriter(256);
        for (Field field : fields.reversed()) {
            switch (field.wire()) {
                case VARINT -> writer.varint(field.number(), field.value());
                case FIXED64 -> writer.fixed64(field.number(), field.value());
                default -> writer.bytes(field.number(), field.bytes());
            }
        }
        return writer.toBytes();
    }

    boolean has(int number) {
        return fields.stream().anyMatch(field -> field.number() == number);
    }

    /// As it stands on the wire, so that of a double it is the bits; 0 where there is none.
    long number(int number) {
        return fields.stream()
                .filter(field -> field.number() == number)
                .mapToLong(Field::value)
                .findFirst()
                .orElse(0);
    }

    double real(int number) {
        return Double.longBitsToDouble(number(number));
    }

    /// Of the first such field; empty where there is none.
    byte[] bytes(int number) {
        return fields.stream()
                .filter(field -> field.number() == number)
                .map(Field::bytes)
                .findFirst()
                .orElse(NONE);
    }

    String text(int number) {
        return new String(bytes(number), StandardCharsets.UTF_8);
    }

    void remove(int number) {
        fields.removeIf(field -> field.number() == number);
    }

    void setVarint(int number, long value) {
        set(new Field(number, VARINT, value, NONE));
    }

    void setFixed(int number, long value) {
        set(new Field(number, FIXED64, value, NONE));
    }

    void setReal(int number, double value) {
        setFixed(number, Double.doubleToRawLongBits(value));
    }

    void setBytes(int number, byte[] value) {
        set(new Field(number, BYTES, 0, value));
    }

    void setText(int number, String value) {
        setBytes(number, value.getBytes(StandardCharsets.UTF_8));
    }

    private void set(Field field) {
        remove(field.number());
        fields.add(field);
    }

    /// One more of a repeated field.
    void add(int number, byte[] value) {
        fields.add(new Field(number, BYTES, 0, value));
    }

    /// A field goes on under another number.
    void renumber(int from, int to) {
        fields.replaceAll(field ->
                field.number() == from
                        ? new Field(to, field.wire(), field.value(), field.bytes())
                        : field);
    }

    /// Changes each message of a field.
    void each(int number, Consumer<ProtobufMessage> change) {
        retain(
                number,
                message -> {
                    change.accept(message);
                    return true;
                });
    }

    /// Changes each message of a field, and leaves those out that are not to stay.
    void retain(int number, Predicate<ProtobufMessage> change) {
        var all = List.copyOf(fields);
        fields.clear();
        for (Field field : all) {
            if (field.number() != number) {
                fields.add(field);
                continue;
            }
            var message = new ProtobufMessage(field.bytes());
            if (change.test(message)) {
                fields.add(new Field(number, BYTES, 0, message.encode()));
            }
        }
    }
}
