package dev.firn.analyse.cost;

import java.util.Arrays;

/// What is remembered of each series: the hour in which it was seen last, and where its bytes
/// belong. Open addressing over primitive arrays, some 30 bytes a series. Not thread-safe.
final class MeteredSeries {
    private static final int UNRESOLVED = -1;

    private final int max;
    private long[] ids = new long[1 << 10];
    private int[] hours = new int[1 << 10]; // 0: free
    private int[] nodes = new int[1 << 10];
    private int[] attributeBytes = new int[1 << 10];
    private int size;

    MeteredSeries(int max) {
        this.max = max;
    }

    int size() {
        return size;
    }

    boolean full() {
        return size >= max;
    }

    /// The slot of a series; -1 if it has none.
    int find(long id) {
        int slot = slot(id);
        return hours[slot] == 0 ? -1 : slot;
    }

    private int slot(long id) {
        int mask = ids.length - 1;
        int slot = (int) (id * 0x9E3779B97F4A7C15L >>> 32) & mask;
        while (hours[slot] != 0 && ids[slot] != id) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    /// Remembers a series.
    ///
    /// @param hour since 1970, above 0
    int add(long id, int hour) {
        if (size * 3L >= ids.length * 2L) {
            grow();
        }
        int slot = slot(id);
        if (hours[slot] == 0) {
            ids[slot] = id;
            nodes[slot] = UNRESOLVED;
            size++;
        }
        hours[slot] = hour;
        return slot;
    }

    private void grow() {
        long[] oldIds = ids;
        int[] oldHours = hours;
        int[] oldNodes = nodes;
        int[] oldBytes = attributeBytes;
        int length = ids.length * 2;
        ids = new long[length];
        hours = new int[length];
        nodes = new int[length];
        attributeBytes = new int[length];
        for (int i = 0; i < oldIds.length; i++) {
            if (oldHours[i] != 0) {
                int slot = slot(oldIds[i]);
                ids[slot] = oldIds[i];
                hours[slot] = oldHours[i];
                nodes[slot] = oldNodes[i];
                attributeBytes[slot] = oldBytes[i];
            }
        }
    }

    int hour(int slot) {
        return hours[slot];
    }

    void hour(int slot, int hour) {
        hours[slot] = hour;
    }

    /// -1 if it is not known yet.
    int node(int slot) {
        return nodes[slot];
    }

    int attributeBytes(int slot) {
        return attributeBytes[slot];
    }

    void resolve(int slot, int node, int bytes) {
        nodes[slot] = node;
        attributeBytes[slot] = bytes;
    }

    /// Nodes are numbered anew.
    void unresolve() {
        Arrays.fill(nodes, UNRESOLVED);
    }
}
