package dev.firn.lake;

import java.util.Arrays;

/// Numbers values 0, 1, 2 … in order of first appearance: the dictionary of a column of numbers.
/// Open addressing over primitive arrays, for the hot path that `LakeWriteBench` measures.
final class LongIds {
    private long[] values = new long[0];
    private int[] slots = new int[0];
    private int size;
    private int sizeMax;
    private int mask;

    void clear(int newSizeMax) {
        size = 0;
        sizeMax = newSizeMax;
        int capacity = Integer.highestOneBit(Math.max(8, newSizeMax)) * 4;
        mask = capacity - 1;
        if (slots.length < capacity) {
            slots = new int[capacity];
            values = new long[capacity];
        } else {
            Arrays.fill(slots, 0, capacity, 0);
        }
    }

    /// The value's number; -1 if that would be one too many.
    int add(long value) {
        int slot = (int) ((value * 0x9e3779b97f4a7c15L) >>> 40) & mask;
        while (slots[slot] != 0) {
            if (values[slots[slot] - 1] == value) {
                return slots[slot] - 1;
            }
            slot = (slot + 1) & mask;
        }
        if (size == sizeMax) {
            return -1;
        }
        values[size++] = value;
        slots[slot] = size;
        return size - 1;
    }

    int size() {
        return size;
    }

    long value(int id) {
        return values[id];
    }
}
