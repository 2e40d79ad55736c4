package dev.firn.lake.compact;

import java.nio.ByteBuffer;

/// Reads Parquet's run-length / bit-packing hybrid run by run, the counterpart of the writer's
/// `RunLengths`. Source: Parquet format, "RLE / Bit-Packing Hybrid".
final class Hybrid {
    private static final int GROUP = 8;

    private Hybrid() {}

    /// Fills `to[0..count)` with values of `width` bits.
    static void read(ByteBuffer in, int width, int[] to, int count) {
        int at = 0;
        while (at < count) {
            int header = varint(in);
            if ((header & 1) == 0) {
                int end = Math.min(count, at + (header >>> 1));
                int value = value(in, width);
                java.util.Arrays.fill(to, at, end, value);
                at = end;
            } else {
                at = packed(in, width, to, at, count, (header >>> 1) * GROUP);
            }
        }
    }

    private static int packed(ByteBuffer in, int width, int[] to, int from, int count, int values) {
        int end = Math.min(count, from + values);
        int next = in.position() + values / GROUP * width;
        long bits = 0;
        int held = 0;
        long mask = (1L << width) - 1;
        for (int i = from; i < end; i++) {
            while (held < width) {
                bits |= (in.get() & 0xffL) << held;
                held += 8;
            }
            to[i] = (int) (bits & mask);
            bits >>>= width;
            held -= width;
        }
        in.position(Math.min(next, in.limit())); // a last group may be cut short
        return end;
    }

    private static int value(ByteBuffer in, int width) {
        int value = 0;
        for (int bits = 0; bits < width; bits += 8) {
            value |= (in.get() & 0xff) << bits;
        }
        return value;
    }

    private static int varint(ByteBuffer in) {
        int value = 0;
        int shift = 0;
        while (true) {
            byte next = in.get();
            value |= (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
            shift += 7;
        }
    }
}
