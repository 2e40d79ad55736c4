package dev.firn.lake;

import java.util.Arrays;

/// Points by (series, time, start), each once: where several came, the one with the highest (src,
/// seq) stands. Mutable and columnar, some 100 bytes a point.
final class VerifyTable {
    private long[] series = new long[0];
    private long[] time = new long[0];
    private long[] start = new long[0];
    private long[] seq = new long[0];
    private int[] src = new int[0];
    private int[] metric = new int[0];
    private long[] measurements = new long[0];
    private double[] value = new double[0];
    private int[] slots = new int[1 << 12];
    private int size;

    int size() {
        return size;
    }

    /// Nanoseconds, as the engine rounds them.
    long time(int index) {
        return time[index];
    }

    int metric(int index) {
        return metric[index];
    }

    long measurements(int index) {
        return measurements[index];
    }

    /// What the point adds to a sum; NaN for nothing.
    double value(int index) {
        return value[index];
    }

    void clear() {
        Arrays.fill(slots, 0);
        size = 0;
    }

    /// @param srcRank position of the row's writer among all, in their order
    void add(
            long seriesId,
            long timeNanos,
            long startNanos,
            int srcRank,
            long cut,
            int metricNumber,
            long count,
            double addend) {
        int slot = slot(seriesId, timeNanos, startNanos);
        if (slots[slot] != 0) {
            int known = slots[slot] - 1;
            if (srcRank > src[known] || srcRank == src[known] && cut > seq[known]) {
                set(known, srcRank, cut, metricNumber, count, addend);
            }
            return;
        }
        if (size == series.length) {
            grow();
        }
        slots[slot] = size + 1;
        series[size] = seriesId;
        time[size] = timeNanos;
        start[size] = startNanos;
        set(size, srcRank, cut, metricNumber, count, addend);
        size++;
        if (size * 2 > slots.length) {
            rehash();
        }
    }

    private void set(int at, int srcRank, long cut, int metricNumber, long count, double addend) {
        src[at] = srcRank;
        seq[at] = cut;
        metric[at] = metricNumber;
        measurements[at] = count;
        value[at] = addend;
    }

    private int slot(long seriesId, long timeNanos, long startNanos) {
        int mask = slots.length - 1;
        long hash =
                (seriesId ^ timeNanos * 0x9e3779b97f4a7c15L ^ Long.rotateLeft(startNanos, 31))
                        * 0xbf58476d1ce4e5b9L;
        int slot = (int) (hash >>> 32) & mask;
        while (slots[slot] != 0) {
            int known = slots[slot] - 1;
            if (series[known] == seriesId
                    && time[known] == timeNanos
                    && start[known] == startNanos) {
                return slot;
            }
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private void grow() {
        int capacity = Math.max(1024, size + (size >> 1));
        series = Arrays.copyOf(series, capacity);
        time = Arrays.copyOf(time, capacity);
        start = Arrays.copyOf(start, capacity);
        seq = Arrays.copyOf(seq, capacity);
        src = Arrays.copyOf(src, capacity);
        metric = Arrays.copyOf(metric, capacity);
        measurements = Arrays.copyOf(measurements, capacity);
        value = Arrays.copyOf(value, capacity);
    }

    private void rehash() {
        slots = new int[slots.length * 2];
        for (int i = 0; i < size; i++) {
            slots[slot(series[i], time[i], start[i])] = i + 1;
        }
    }
}
