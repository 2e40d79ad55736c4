package dev.firn.base;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A growable byte array, little-endian. Mutable and reused on hot paths (WAL records, Native
/// blocks): see `IngestBenchmark` in bench/.
public final class ByteWriter {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private byte[] bytes;
    private int size;

    /// Starts with room for `capacity` bytes.
    public ByteWriter(int capacity) {
        bytes = new byte[Math.max(16, capacity)];
    }

    /// Bytes written so far.
    public int size() {
        return size;
    }

    /// The array behind; valid up to [#size] until the next write.
    public byte[] array() {
        return bytes;
    }

    /// A view of what was written, valid until the next write.
    public ByteBuffer buffer() {
        return ByteBuffer.wrap(bytes, 0, size);
    }

    /// A copy of what was written.
    public byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }

    /// Forgets what was written and keeps the array.
    public ByteWriter reset() {
        size = 0;
        return this;
    }

    /// Forgets what was written and leaves the array to somebody who may still read it.
    public void abandon() {
        bytes = new byte[16];
        size = 0;
    }

    /// Adds `length` bytes whose contents the caller writes into [#array] from the offset returned.
    public int skip(int length) {
        ensure(length);
        int at = size;
        size += length;
        return at;
    }

    /// Cuts back to an earlier size.
    public void truncate(int newSize) {
        if (newSize < 0 || newSize > size) {
            throw new IndexOutOfBoundsException("cannot truncate " + size + " bytes to " + newSize);
        }
        size = newSize;
    }

    /// Makes room for `more` bytes.
    public void ensure(int more) {
        if (bytes.length - size < more) {
            long wanted =
                    Math.max(
                            (long) size + more,
                            Math.min(Integer.MAX_VALUE - 16L, bytes.length * 2L));
            if (wanted > Integer.MAX_VALUE - 16L) {
                throw new IllegalStateException(
                        "a buffer of " + size + " bytes cannot grow by " + more);
            }
            bytes = Arrays.copyOf(bytes, (int) wanted);
        }
    }

    /// One byte.
    public ByteWriter u8(int value) {
        ensure(1);
        bytes[size++] = (byte) value;
        return this;
    }

    /// Four bytes.
    public ByteWriter i32(int value) {
        ensure(4);
        INTS.set(bytes, size, value);
        size += 4;
        return this;
    }

    /// Eight bytes.
    public ByteWriter i64(long value) {
        ensure(8);
        LONGS.set(bytes, size, value);
        size += 8;
        return this;
    }

    /// Eight bytes: the raw bits, so that every NaN stays the NaN it is.
    public ByteWriter f64(double value) {
        return i64(Double.doubleToRawLongBits(value));
    }

    /// Overwrites four bytes at `position`.
    public void i32At(int position, int value) {
        java.util.Objects.checkFromIndexSize(position, 4, size);
        INTS.set(bytes, position, value);
    }

    /// Base-128 varint of the unsigned value, 1 to 10 bytes.
    public ByteWriter varint(long value) {
        ensure(10);
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            bytes[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
        return this;
    }

    /// Varint of the zigzag form: small negatives stay small.
    public ByteWriter zigzag(long value) {
        return varint((value << 1) ^ (value >> 63));
    }

    /// `length` bytes of `from`, starting at `offset`.
    public ByteWriter bytes(byte[] from, int offset, int length) {
        ensure(length);
        System.arraycopy(from, offset, bytes, size, length);
        size += length;
        return this;
    }

    /// All bytes of `from`.
    public ByteWriter bytes(byte[] from) {
        return bytes(from, 0, from.length);
    }

    /// Varint length, then the UTF-8 bytes.
    public ByteWriter string(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        return varint(utf8.length).bytes(utf8);
    }
}
