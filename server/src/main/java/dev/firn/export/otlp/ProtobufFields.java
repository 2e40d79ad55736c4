package dev.firn.export.otlp;

import dev.firn.base.ByteWriter;
import java.nio.charset.StandardCharsets;

/// Writes protobuf's wire format. A message is begun with one byte for its length; where it needs
/// more, [#end] moves the contents up. Fields with their default value are left out.
final class ProtobufFields {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int LENGTH = 2;

    private ProtobufFields() {}

    static void tag(ByteWriter out, int field, int wireType) {
        out.varint((long) field << 3 | wireType);
    }

    /// Begins a message; give the result to [#end].
    static int begin(ByteWriter out, int field) {
        tag(out, field, LENGTH);
        out.u8(0);
        return out.size();
    }

    /// Ends the message whose contents began at `start`.
    static void end(ByteWriter out, int start) {
        int length = out.size() - start;
        int more = varintBytes(length) - 1;
        for (int i = 0; i < more; i++) {
            out.u8(0);
        }
        byte[] bytes = out.array();
        if (more > 0) {
            System.arraycopy(bytes, start, bytes, start + more, length);
        }
        int rest = length;
        for (int i = 0; i < more; i++) {
            bytes[start - 1 + i] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[start - 1 + more] = (byte) rest;
    }

    private static int varintBytes(int value) {
        return Math.max(1, (38 - Integer.numberOfLeadingZeros(value)) / 7);
    }

    static void text(ByteWriter out, int field, String value) {
        if (!value.isEmpty()) {
            presentText(out, field, value);
        }
    }

    /// Also where it is empty: in a list or a oneof.
    static void presentText(ByteWriter out, int field, String value) {
        binary(out, field, value.getBytes(StandardCharsets.UTF_8));
    }

    /// Also where it is empty.
    static void binary(ByteWriter out, int field, byte[] value) {
        tag(out, field, LENGTH);
        out.varint(value.length).bytes(value);
    }

    static void uint32(ByteWriter out, int field, int value) {
        if (value != 0) {
            tag(out, field, VARINT);
            out.varint(Integer.toUnsignedLong(value));
        }
    }

    /// Also where it is 0.
    static void presentVarint(ByteWriter out, int field, long value) {
        tag(out, field, VARINT);
        out.varint(value);
    }

    static void sint32(ByteWriter out, int field, int value) {
        if (value != 0) {
            tag(out, field, VARINT);
            out.zigzag(value);
        }
    }

    static void fixed64(ByteWriter out, int field, long value) {
        if (value != 0) {
            presentFixed64(out, field, value);
        }
    }

    /// Also where it is 0.
    static void presentFixed64(ByteWriter out, int field, long value) {
        tag(out, field, FIXED64);
        out.i64(value);
    }

    /// -0.0 is not the default value.
    static void real(ByteWriter out, int field, double value) {
        fixed64(out, field, Double.doubleToRawLongBits(value));
    }

    /// A packed list of 64-bit values.
    static void packedFixed64(ByteWriter out, int field, long[] values, int from, int to) {
        if (from < to) {
            tag(out, field, LENGTH);
            out.varint(8L * (to - from));
            for (int i = from; i < to; i++) {
                out.i64(values[i]);
            }
        }
    }

    /// A packed list of unsigned varints.
    static void packedVarint(ByteWriter out, int field, long[] values, int from, int to) {
        if (from < to) {
            int start = begin(out, field);
            for (int i = from; i < to; i++) {
                out.varint(values[i]);
            }
            end(out, start);
        }
    }
}
