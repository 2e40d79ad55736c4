package dev.firn.receive;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.firn.base.ByteWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/// Encodes a message in ways that no sender should but protobuf allows: fields in any order,
/// unknown fields and groups, known numbers with the wrong wire type, split submessages, packed and
/// unpacked lists mixed, scalars sent twice, varints longer than needed.
final class ScrambledWire {
    private final Random random;

    ScrambledWire(Random random) {
        this.random = random;
    }

    byte[] encode(Message message) {
        var out = new ByteWriter(256);
        write(message, out);
        return out.toBytes();
    }

    private void write(Message message, ByteWriter out) {
        var lanes = new ArrayList<List<byte[]>>(); // the order within a lane matters
        message.getAllFields().forEach((field, value) -> lanes.add(lane(message, field, value)));
        var junk = new ArrayList<byte[]>();
        for (int i = random.nextInt(3); i > 0; i--) {
            junk.add(unknown(message, 0));
        }
        lanes.add(junk);
        var order = new ArrayList<Integer>();
        for (int lane = 0; lane < lanes.size(); lane++) {
            order.addAll(Collections.nCopies(lanes.get(lane).size(), lane));
        }
        if (random.nextInt(3) > 0) {
            Collections.shuffle(order, random);
        }
        int[] next = new int[lanes.size()];
        for (int lane : order) {
            out.bytes(lanes.get(lane).get(next[lane]++));
        }
    }

    private List<byte[]> lane(Message message, FieldDescriptor field, Object value) {
        var pieces = new ArrayList<byte[]>();
        if (field.isRepeated()) {
            repeated(field, (List<?>) value, pieces);
            return pieces;
        }
        if (field.getType() == FieldDescriptor.Type.MESSAGE) {
            Message whole = (Message) value;
            if (random.nextInt(4) == 0) {
                split(field, whole, pieces);
            } else {
                pieces.add(field(field, whole));
            }
            return pieces;
        }
        if (random.nextInt(4) == 0) {
            pieces.add(field(field, earlier(field, value))); // the later one counts
        }
        pieces.add(field(field, value));
        return pieces;
    }

    /// Some value of the same type; the one of another lane of a oneof would race.
    private Object earlier(FieldDescriptor field, Object value) {
        return switch (field.getJavaType()) {
            case STRING -> "earlier";
            case BYTE_STRING -> ByteString.copyFromUtf8("earlier");
            case BOOLEAN -> random.nextBoolean();
            case DOUBLE -> random.nextDouble();
            case LONG -> random.nextLong();
            case INT -> random.nextInt();
            default -> value;
        };
    }

    private void split(FieldDescriptor field, Message whole, List<byte[]> pieces) {
        Message.Builder first = whole.newBuilderForType();
        Message.Builder second = whole.newBuilderForType();
        whole.getAllFields()
                .forEach((inner, value) -> {
                    if (inner.isRepeated()) {
                        List<?> values = (List<?>) value;
                        int at = random.nextInt(values.size() + 1);
                        for (int i = 0; i < values.size(); i++) {
                            (i < at ? first : second).addRepeatedField(inner, values.get(i));
                        }
                    } else {
                        (random.nextBoolean() ? first : second).setField(inner, value);
                    }
                });
        pieces.add(field(field, first.build()));
        pieces.add(field(field, second.build()));
    }

    private void repeated(FieldDescriptor field, List<?> values, List<byte[]> pieces) {
        if (!field.isPackable()) {
            values.forEach(value -> pieces.add(field(field, value)));
            return;
        }
        for (int from = 0; from < values.size(); ) {
            int to = from + 1 + random.nextInt(values.size() - from);
            if (random.nextBoolean()) {
                values.subList(from, to).forEach(value -> pieces.add(field(field, value)));
            } else {
                var packed = new ByteWriter(64);
                values.subList(from, to).forEach(value -> scalar(field, value, packed));
                pieces.add(delimited(field.getNumber(), packed.toBytes()));
            }
            from = to;
        }
    }

    private byte[] field(FieldDescriptor field, Object value) {
        if (value instanceof Message message) {
            var inner = new ByteWriter(64);
            write(message, inner);
            return delimited(field.getNumber(), inner.toBytes());
        }
        var out = new ByteWriter(32);
        varint(field.getNumber() << 3 | field.getLiteType().getWireType(), out);
        scalar(field, value, out);
        return out.toBytes();
    }

    private byte[] delimited(int number, byte[] bytes) {
        var out = new ByteWriter(bytes.length + 8);
        varint(number << 3 | 2, out);
        varint(bytes.length, out);
        return out.bytes(bytes).toBytes();
    }

    private void scalar(FieldDescriptor field, Object value, ByteWriter out) {
        switch (field.getType()) {
            case STRING -> bytes(ByteString.copyFromUtf8((String) value), out);
            case BYTES -> bytes((ByteString) value, out);
            case BOOL -> varint((Boolean) value ? 1 : 0, out);
            case DOUBLE -> out.f64((Double) value);
            case FIXED64, SFIXED64 -> out.i64((Long) value);
            case INT64, UINT64 -> varint((Long) value, out);
            case INT32 -> varint((Integer) value, out);
            case UINT32 -> varint((Integer) value & 0xffffffffL, out);
            case SINT32 -> out.zigzag((Integer) value);
            case ENUM -> varint(((EnumValueDescriptor) value).getNumber(), out);
            default -> throw new AssertionError("OTLP has no field of type " + field.getType());
        }
    }

    private void bytes(ByteString value, ByteWriter out) {
        varint(value.size(), out);
        out.bytes(value.toByteArray());
    }

    /// Sometimes with more bytes than needed.
    private void varint(long value, ByteWriter out) {
        if (random.nextInt(10) > 0) {
            out.varint(value);
            return;
        }
        long rest = value;
        int length = 0;
        do {
            out.u8((int) (rest & 0x7f | 0x80));
            rest >>>= 7;
            length++;
        } while (rest != 0);
        while (length < 9 && random.nextBoolean()) {
            out.u8(0x80);
            length++;
        }
        if (length == 10) {
            out.truncate(out.size() - 1);
            out.u8((int) (value >>> 63));
        } else {
            out.u8(0);
        }
    }

    private byte[] unknown(Message message, int depth) {
        var out = new ByteWriter(32);
        int number = 100 + random.nextInt(3000);
        int wireType = new int[] {0, 1, 2, 3, 5}[random.nextInt(5)];
        if (random.nextInt(3) == 0) {
            List<FieldDescriptor> fields = message.getDescriptorForType().getFields();
            FieldDescriptor known = fields.get(random.nextInt(fields.size()));
            int right = known.getLiteType().getWireType();
            if (wireType != right && !(known.isPackable() && wireType == 2)) {
                number = known.getNumber();
            }
        }
        varint(number << 3 | wireType, out);
        switch (wireType) {
            case 0 -> varint(random.nextLong(), out);
            case 1 -> out.i64(random.nextLong());
            case 2 -> {
                var bytes = new byte[random.nextInt(10)];
                random.nextBytes(bytes);
                varint(bytes.length, out);
                out.bytes(bytes);
            }
            case 3 -> {
                for (int i = random.nextInt(3); i > 0 && depth < 5; i--) {
                    out.bytes(unknown(message, depth + 1));
                }
                varint(number << 3 | 4, out);
            }
            default -> out.i32(random.nextInt());
        }
        return out.toBytes();
    }
}
