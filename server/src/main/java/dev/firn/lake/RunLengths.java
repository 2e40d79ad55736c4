package dev.firn.lake;

import dev.firn.base.ByteWriter;

/// Parquet's run-length / bit-packing hybrid, written run by run: a million equal values cost as
/// much as one. Mutable, for the hot path that `LakeWriteBench` measures. Source: Parquet format,
/// "RLE / Bit-Packing Hybrid".
final class RunLengths {
    private static final int GROUP = 8;
    private static final int PENDING_MAX = GROUP * 63; // so that a packed header takes one byte

    private final ByteWriter out;
    private int width;
    private final int[] pending = new int[PENDING_MAX];
    private int pendingSize;
    private int value;
    private int count;

    RunLengths(ByteWriter out) {
        this.out = out;
    }

    /// Begins a stream of values of `bits` bits each.
    void begin(int bits) {
        width = bits;
        pendingSize = 0;
        count = 0;
    }

    /// `times` times the same value.
    void add(int next, int times) {
        if (count > 0 && next == value) {
            count += times;
            return;
        }
        settle();
        value = next;
        count = times;
    }

    /// Ends the stream.
    void end() {
        settle();
        count = 0;
        while (pendingSize % GROUP != 0) {
            pending[pendingSize++] = 0; // the reader knows the number of values
        }
        flushPending();
    }

    private void settle() {
        int rest = count;
        while (rest > 0 && pendingSize % GROUP != 0) {
            push();
            rest--;
        }
        if (rest >= GROUP) {
            flushPending();
            out.varint((long) rest << 1);
            for (int bits = 0; bits < width; bits += 8) {
                out.u8(value >>> bits);
            }
            return;
        }
        for (; rest > 0; rest--) {
            push();
        }
    }

    private void push() {
        pending[pendingSize++] = value;
        if (pendingSize == PENDING_MAX) {
            flushPending();
        }
    }

    private void flushPending() {
        if (pendingSize == 0) {
            return;
        }
        out.varint((long) (pendingSize / GROUP) << 1 | 1);
        int at = out.skip(pendingSize / GROUP * width); // eight values of so many bits: whole bytes
        byte[] into = out.array();
        long bits = 0;
        int held = 0;
        for (int i = 0; i < pendingSize; i++) {
            bits |= (long) pending[i] << held;
            held += width;
            while (held >= 8) {
                into[at++] = (byte) bits;
                bits >>>= 8;
                held -= 8;
            }
        }
        pendingSize = 0;
    }
}
