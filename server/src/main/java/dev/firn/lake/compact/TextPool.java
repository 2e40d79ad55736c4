package dev.firn.lake.compact;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.parquet.io.api.Binary;

/// Texts of one column, each kept once and numbered. The same series stands in many files with the
/// same texts in the same order: the text after the one found last is tried first, and spares most
/// of the hashing. Mutable and reused, for the hot path that `LakeCompactBench` measures.
final class TextPool {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long MIX = 0x9E3779B97F4A7C15L;

    /// What a text takes beside its bytes.
    private static final int TEXT_BYTES = 60;

    private final List<Binary> all = new ArrayList<>();
    private int[] slots = new int[1024]; // number plus 1
    private long bytes;

    void clear() {
        all.clear();
        bytes = 0;
        if (slots.length > 1 << 16) {
            slots = new int[1024];
        } else {
            Arrays.fill(slots, 0);
        }
    }

    int size() {
        return all.size();
    }

    Binary get(int number) {
        return all.get(number);
    }

    /// Memory of all texts.
    long bytes() {
        return bytes;
    }

    /// Adds a text whether or not it is there, without copying it.
    int append(byte[] array, int offset, int length) {
        all.add(Binary.fromConstantByteArray(array, offset, length));
        bytes += TEXT_BYTES + length;
        return all.size() - 1;
    }

    /// The number of a text; a new one is copied.
    ///
    /// @param guess a number that it may have
    int intern(byte[] array, int offset, int length, int guess) {
        if (guess < all.size() && same(guess, array, offset, length)) {
            return guess;
        }
        int mask = slots.length - 1;
        int slot = hash(array, offset, length) & mask;
        while (slots[slot] != 0) {
            if (same(slots[slot] - 1, array, offset, length)) {
                return slots[slot] - 1;
            }
            slot = (slot + 1) & mask;
        }
        append(Arrays.copyOfRange(array, offset, offset + length), 0, length);
        slots[slot] = all.size();
        if (all.size() * 2 > slots.length) {
            grow();
        }
        return all.size() - 1;
    }

    private boolean same(int number, byte[] array, int offset, int length) {
        byte[] known = all.get(number).getBytesUnsafe();
        return Arrays.equals(known, 0, known.length, array, offset, offset + length);
    }

    private void grow() {
        slots = new int[slots.length * 2];
        int mask = slots.length - 1;
        for (int i = 0; i < all.size(); i++) {
            byte[] text = all.get(i).getBytesUnsafe();
            int slot = hash(text, 0, text.length) & mask;
            while (slots[slot] != 0) {
                slot = (slot + 1) & mask;
            }
            slots[slot] = i + 1;
        }
    }

    private static int hash(byte[] array, int offset, int length) {
        long hash = length * MIX;
        int at = offset;
        int end = offset + length;
        for (; at + 8 <= end; at += 8) {
            hash = (hash ^ (long) LONGS.get(array, at)) * MIX;
            hash ^= hash >>> 29;
        }
        for (; at < end; at++) {
            hash = (hash ^ array[at]) * MIX;
        }
        return (int) (hash ^ hash >>> 32);
    }
}
