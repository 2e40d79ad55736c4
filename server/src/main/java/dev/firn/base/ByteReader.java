package dev.firn.base;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// Reads what [ByteWriter] wrote. Every read checks its range, so that damaged bytes end in
/// [Malformed], never in a wrong value from beyond the end.
public final class ByteReader {
    /// The bytes are not what the format says.
    public static final class Malformed extends RuntimeException {
        private static final long serialVersionUID = 1;

        /// With the offset at which reading stopped.
        public Malformed(String message) {
            super(message);
        }
    }

    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private final byte[] bytes;
    private final int limit;
    private int position;

    /// Over `bytes[from, to)`.
    public ByteReader(byte[] bytes, int from, int to) {
        java.util.Objects.checkFromToIndex(from, to, bytes.length);
        this.bytes = bytes;
        this.position = from;
        this.limit = to;
    }

    /// Over all of `bytes`.
    public ByteReader(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    /// The offset of the next byte.
    public int position() {
        return position;
    }

    /// Bytes left.
    public int remaining() {
        return limit - position;
    }

    private int take(int length) {
        if (length < 0 || length > limit - position) {
            throw new Malformed(
                    "needs "
                            + length
                            + " bytes at offset "
                            + position
                            + ", has "
                            + (limit - position));
        }
        int at = position;
        position += length;
        return at;
    }

    /// One byte, 0 to 255.
    public int u8() {
        return bytes[take(1)] & 0xff;
    }

    /// Four bytes.
    public int i32() {
        return (int) INTS.get(bytes, take(4));
    }

    /// Eight bytes.
    public long i64() {
        return (long) LONGS.get(bytes, take(8));
    }

    /// Eight bytes as raw bits of a double.
    public double f64() {
        return Double.longBitsToDouble(i64());
    }

    /// Base-128 varint.
    public long varint() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int next = u8();
            value |= (long) (next & 0x7f) << shift;
            if (next < 0x80) {
                return value;
            }
        }
        throw new Malformed("a varint at offset " + position + " has more than 10 bytes");
    }

    /// A varint that counts bytes or items: checked against what is left, at one byte an item at
    /// least.
    public int count() {
        long value = varint();
        if (value < 0 || value > remaining()) {
            throw new Malformed(
                    "a count of " + value + " at offset " + position + " exceeds what is left");
        }
        return (int) value;
    }

    /// Varint of the zigzag form.
    public long zigzag() {
        long value = varint();
        return (value >>> 1) ^ -(value & 1);
    }

    /// A copy of the next `length` bytes.
    public byte[] bytes(int length) {
        int at = take(length);
        return java.util.Arrays.copyOfRange(bytes, at, at + length);
    }

    /// Varint length, then UTF-8.
    public String string() {
        int length = count();
        int at = take(length);
        return new String(bytes, at, length, StandardCharsets.UTF_8);
    }
}
