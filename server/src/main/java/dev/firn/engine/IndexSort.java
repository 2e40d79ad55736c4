package dev.firn.engine;

import java.util.Arrays;

/// Sorts row numbers by a long key, stable and without objects: a merge sort that leaves sorted
/// runs alone, since most input comes sorted. Reused, not thread-safe.
final class IndexSort {
    private static final int SMALL = 16;

    private int[] spare = new int[0];

    /// Sorts `order[from] … order[to - 1]` so that `key[order[i]]` ascends.
    void sort(int[] order, int from, int to, long[] key) {
        if (isSorted(order, from, to, key)) {
            return;
        }
        if (spare.length < to) {
            spare = Arrays.copyOf(spare, Math.max(to, spare.length * 2));
        }
        split(order, from, to, key);
    }

    private static boolean isSorted(int[] order, int from, int to, long[] key) {
        for (int i = from + 1; i < to; i++) {
            if (key[order[i - 1]] > key[order[i]]) {
                return false;
            }
        }
        return true;
    }

    private void split(int[] order, int from, int to, long[] key) {
        if (to - from <= SMALL) {
            insert(order, from, to, key);
            return;
        }
        int middle = (from + to) >>> 1;
        split(order, from, middle, key);
        split(order, middle, to, key);
        if (key[order[middle - 1]] > key[order[middle]]) {
            merge(order, from, middle, to, key);
        }
    }

    private static void insert(int[] order, int from, int to, long[] key) {
        for (int i = from + 1; i < to; i++) {
            int row = order[i];
            int at = i;
            for (; at > from && key[order[at - 1]] > key[row]; at--) {
                order[at] = order[at - 1];
            }
            order[at] = row;
        }
    }

    private void merge(int[] order, int from, int middle, int to, long[] key) {
        System.arraycopy(order, from, spare, from, middle - from);
        int left = from;
        int right = middle;
        for (int at = from; left < middle; at++) {
            boolean takeRight = right < to && key[order[right]] < key[spare[left]];
            order[at] = takeRight ? order[right++] : spare[left++];
        }
    }
}
