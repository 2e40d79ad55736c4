package dev.firn.lake;

import dev.firn.model.Series;
import java.util.Arrays;

/// The series of a run, numbered in order of first appearance. Mutable, for the hot path that
/// `LakeWriteBench` measures.
final class RunSeries {
    private static final int SERIES_BYTES = 120;

    private Series[] series = new Series[1024];
    private long[] firstTime = new long[1024];
    private int[] firstSource = new int[1024];
    private int[] slots = new int[4096];
    private int size;

    /// The series' number; a new one remembers the point's source. The least time is kept.
    int index(Series one, long time, int source) {
        int mask = slots.length - 1;
        int slot = (int) one.id() & mask; // bits of a SHA-256: spread enough
        while (slots[slot] != 0) {
            int known = slots[slot] - 1;
            if (series[known] == one) {
                if (time < firstTime[known]) {
                    firstTime[known] = time;
                }
                return known;
            }
            slot = (slot + 1) & mask;
        }
        slots[slot] = size + 1;
        return append(one, time, source);
    }

    private int append(Series one, long time, int source) {
        if (size == series.length) {
            series = Arrays.copyOf(series, size * 2);
            firstTime = Arrays.copyOf(firstTime, size * 2);
            firstSource = Arrays.copyOf(firstSource, size * 2);
        }
        series[size] = one;
        firstTime[size] = time;
        firstSource[size] = source;
        size++;
        if (size * 2 > slots.length) {
            rehash();
        }
        return size - 1;
    }

    private void rehash() {
        slots = new int[slots.length * 2];
        int mask = slots.length - 1;
        for (int i = 0; i < size; i++) {
            int slot = (int) series[i].id() & mask;
            while (slots[slot] != 0) {
                slot = (slot + 1) & mask;
            }
            slots[slot] = i + 1;
        }
    }

    int size() {
        return size;
    }

    Series at(int index) {
        return series[index];
    }

    /// Least time of the series' points in this run.
    long firstTime(int index) {
        return firstTime[index];
    }

    /// Source of the first point that came.
    int firstSource(int index) {
        return firstSource[index];
    }

    /// Bytes held here and needed for sorting; a series object itself belongs to the registry.
    long bytes() {
        return slots.length * 4L + series.length * 20L + (long) size * SERIES_BYTES;
    }
}
