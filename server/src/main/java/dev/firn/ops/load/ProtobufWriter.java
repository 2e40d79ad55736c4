package dev.firn.ops.load;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// Writes protobuf back to front: fields in reverse, and a message's tag and length after its
/// contents, when the length is known. So nested messages need neither a sizing pass nor padding,
/// and there is no object per point. Mutable and reused: `LoadBenchmark` in bench/.
final class ProtobufWriter {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;

    private byte[] bytes;
    private int start;

    ProtobufWriter(int capacity) {
        bytes = new byte[Math.max(64, capacity)];
        start = bytes.length;
    }

    /// Bytes written so far; taken before a message's contents, it is the mark for [#message].
    int size() {
        return bytes.length - start;
    }

    void reset() {
        start = bytes.length;
    }

    byte[] array() {
        return bytes;
    }

    /// Where the written bytes begin in [#array]; they end at its end.
    int offset() {
        return start;
    }

    /// Forgets what was written since `mark`.
    void truncate(int mark) {
        start = bytes.length - mark;
    }

    byte[] toBytes() {
        return java.util.Arrays.copyOfRange(bytes, start, bytes.length);
    }

    private void room(int more) {
        if (start >= more) {
            return;
        }
        int size = size();
        byte[] larger = new byte[Math.addExact(Math.max(bytes.length * 2, size), more)];
        System.arraycopy(bytes, start, larger, larger.length - size, size);
        start = larger.length - size;
        bytes = larger;
    }

    private static int varintSize(long value) {
        return (70 - Long.numberOfLeadingZeros(value | 1)) / 7;
    }

    /// A bare varint (inside packed fields).
    void varint(long value) {
        room(10);
        int size = varintSize(value);
        start -= size;
        long rest = value;
        for (int i = 0; i < size - 1; i++) {
            bytes[start + i] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[start + size - 1] = (byte) rest;
    }

    /// Eight bare bytes (inside packed fields).
    void fixed64(long value) {
        room(8);
        start -= 8;
        LONGS.set(bytes, start, value);
    }

    /// Bare bytes: fields encoded before.
    void raw(byte[] encoded) {
        room(encoded.length);
        start -= encoded.length;
        System.arraycopy(encoded, 0, bytes, start, encoded.length);
    }

    private void tag(int field, int wireType) {
        varint((long) field << 3 | wireType);
    }

    void varint(int field, long value) {
        varint(value);
        tag(field, VARINT);
    }

    /// Left out when 0, as proto3 leaves out every default.
    void zigzag(int field, long value) {
        if (value != 0) {
            varint(field, (value << 1) ^ (value >> 63));
        }
    }

    /// Left out when 0.
    void count64(int field, long value) {
        if (value != 0) {
            fixed64(field, value);
        }
    }

    /// Written also when 0: times, and members of a oneof.
    void fixed64(int field, long value) {
        fixed64(value);
        tag(field, FIXED64);
    }

    void float64(int field, double value) {
        fixed64(field, Double.doubleToRawLongBits(value));
    }

    void bytes(int field, byte[] value) {
        raw(value);
        varint(value.length);
        tag(field, BYTES);
    }

    void string(int field, String value) {
        bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    /// Ends the message (or packed field) whose contents were written since `mark`.
    void message(int field, int mark) {
        varint(size() - mark);
        tag(field, BYTES);
    }
}
