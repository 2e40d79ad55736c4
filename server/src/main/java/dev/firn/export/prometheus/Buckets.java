package dev.firn.export.prometheus;

import dev.firn.model.LongLists;
import java.util.Arrays;

/// One side of an exponential histogram: counts of consecutive buckets at some scale. Bucket `i`
/// holds (base^i, base^(i+1)] with base 2^(2^-scale).
final class Buckets {
    private long[] counts = new long[0];
    private long first;
    private int size;

    /// Index of the first bucket.
    long first() {
        return first;
    }

    /// Number of buckets; those at both ends are not empty.
    int size() {
        return size;
    }

    /// Measurements in the bucket `first + i`.
    long at(int i) {
        return counts[i];
    }

    /// Fills it from a point's buckets.
    ///
    /// @param scale of the point, after `shift` was taken off
    /// @return false if a count is too large, or its bucket beyond what doubles reach
    boolean load(LongLists lists, int row, int offset, int scale, int shift) {
        int from = 0;
        int to = lists.length(row);
        while (from < to && lists.at(row, from) == 0) {
            from++;
        }
        while (to > from && lists.at(row, to - 1) == 0) {
            to--;
        }
        size = 0;
        if (from == to) {
            return true;
        }
        first = shifted((long) offset + from, shift);
        long last = shifted((long) offset + to - 1, shift);
        if (first < lowest(scale) || last > highest(scale)) {
            return false;
        }
        room((int) (last - first) + 1);
        for (int i = from; i < to; i++) {
            long count = lists.at(row, i);
            int at = (int) (shifted((long) offset + i, shift) - first);
            counts[at] += count;
            if (count < 0 || counts[at] < 0) {
                size = 0;
                return false;
            }
        }
        return true;
    }

    private void room(int wanted) {
        if (counts.length < wanted) {
            counts = new long[wanted];
        } else {
            Arrays.fill(counts, 0, wanted, 0);
        }
        size = wanted;
    }

    private static long shifted(long index, int shift) {
        return index >> Math.min(63, shift); // rounds down, also below zero
    }

    /// Index of the bucket with the smallest double above zero, 2^-1074.
    private static long lowest(int scale) {
        return scale >= 0 ? -1075L << scale : -1075L >> -scale;
    }

    /// Index of the bucket with the largest double.
    private static long highest(int scale) {
        return scale >= 0 ? (1024L << scale) - 1 : 1023L >> -scale;
    }

    /// Halves the resolution `by` times.
    void downscale(int by) {
        if (by == 0 || size == 0) {
            return;
        }
        long newFirst = shifted(first, by);
        long last = shifted(first + size - 1, by);
        for (int i = 0; i < size; i++) {
            int at = (int) (shifted(first + i, by) - newFirst);
            long count = counts[i];
            counts[i] = 0;
            counts[at] += count; // at <= i: never over what is still to be read
        }
        first = newFirst;
        size = (int) (last - newFirst) + 1;
    }

    /// Adds the counts of the same scale; false if one overflows.
    boolean add(Buckets other) {
        if (other.size == 0) {
            return true;
        }
        long low = size == 0 ? other.first : Math.min(first, other.first);
        long high =
                size == 0
                        ? other.first + other.size
                        : Math.max(first + size, other.first + other.size);
        var sum = new long[(int) (high - low)];
        System.arraycopy(counts, 0, sum, (int) (first - low) * (size == 0 ? 0 : 1), size);
        boolean fits = true;
        for (int i = 0; i < other.size; i++) {
            int at = (int) (other.first - low) + i;
            sum[at] += other.counts[i];
            fits &= sum[at] >= 0;
        }
        counts = sum;
        first = low;
        size = sum.length;
        return fits;
    }

    /// How many buckets both would span.
    long span(Buckets other) {
        if (size == 0 || other.size == 0) {
            return Math.max(size, other.size);
        }
        return Math.max(first + size, other.first + other.size) - Math.min(first, other.first);
    }

    /// The threshold widened to the upper edge of every filled bucket that it reaches into.
    double widened(double threshold, int scale) {
        double wide = threshold;
        for (int i = 0; i < size && edge(first + i, scale) < wide; i++) {
            if (counts[i] != 0) {
                wide = Math.max(wide, edge(first + i + 1, scale));
            }
        }
        return wide;
    }

    /// Takes out what lies within the threshold, which [#widened] gave, and returns its count.
    long takeWithin(double threshold, int scale) {
        long taken = 0;
        int drop = 0;
        while (drop < size && edge(first + drop + 1, scale) <= threshold) {
            taken += counts[drop++];
        }
        while (drop < size && counts[drop] == 0) {
            drop++;
        }
        System.arraycopy(counts, drop, counts, 0, size - drop);
        first += drop;
        size -= drop;
        return taken;
    }

    /// Lower edge of a bucket.
    private static double edge(long index, int scale) {
        return Math.pow(2, scale >= 0 ? Math.scalb((double) index, -scale) : index << -scale);
    }

    /// Sum of all counts; negative if it overflows.
    long total() {
        long total = 0;
        for (int i = 0; i < size; i++) {
            total += counts[i];
            if (total < 0) {
                return -1;
            }
        }
        return total;
    }

    void swap(Buckets other) {
        long[] otherCounts = other.counts;
        long otherFirst = other.first;
        int otherSize = other.size;
        other.counts = counts;
        other.first = first;
        other.size = size;
        counts = otherCounts;
        first = otherFirst;
        size = otherSize;
    }
}
