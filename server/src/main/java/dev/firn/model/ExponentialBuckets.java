package dev.firn.model;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The positive or the negative buckets of an exponential histogram at some scale: bucket `i` holds
/// (base^i, base^(i+1)], base = 2^(2^-scale). Immutable; empty ones start at 0.
///
/// @param offset index of the first bucket
/// @param counts unsigned; never changed
@SuppressWarnings("ArrayRecordComponent") // private to this package, compared by ExponentialValue
record ExponentialBuckets(int offset, long[] counts) {
    static final ExponentialBuckets EMPTY = new ExponentialBuckets(0, new long[0]);

    /// One past the last bucket.
    private long end() {
        return (long) offset + counts.length;
    }

    private long at(long index) {
        return index < offset || index >= end() ? 0 : counts[(int) (index - offset)];
    }

    /// All measurements.
    long total() {
        long total = 0;
        for (long one : counts) {
            total += one;
        }
        return total;
    }

    /// The same at a scale lower by `steps`: neighbours are added up. For negative indexes the
    /// shift rounds down, as the buckets need it.
    ExponentialBuckets coarser(int steps) {
        if (steps == 0 || counts.length == 0) {
            return this;
        }
        int shift = Math.min(steps, Integer.SIZE - 1);
        int from = offset >> shift;
        long[] result = new long[(int) ((end() - 1 >> shift) - from + 1)];
        for (int i = 0; i < counts.length; i++) {
            result[(int) (((long) offset + i >> shift) - from)] += counts[i];
        }
        return new ExponentialBuckets(from, result);
    }

    /// Measurements in buckets up to and with `last`.
    long upTo(long last) {
        long sum = 0;
        for (int i = 0; i < counts.length && offset + (long) i <= last; i++) {
            sum += counts[i];
        }
        return sum;
    }

    /// The buckets after `last`.
    ExponentialBuckets after(long last) {
        if (last < offset) {
            return this;
        }
        if (last >= end() - 1) {
            return EMPTY;
        }
        int skip = (int) (last + 1 - offset);
        return new ExponentialBuckets(
                offset + skip, Arrays.copyOfRange(counts, skip, counts.length));
    }

    /// By how many steps both together must become coarser to fit into `bucketsMax` buckets.
    int stepsToFit(ExponentialBuckets other, int bucketsMax) {
        ExponentialBuckets mine = trimmed();
        ExponentialBuckets others = other.trimmed();
        if (mine.counts.length == 0 && others.counts.length == 0) {
            return 0;
        }
        long first;
        long last;
        if (mine.counts.length == 0 || others.counts.length == 0) {
            ExponentialBuckets one = mine.counts.length == 0 ? others : mine;
            first = one.offset;
            last = one.end() - 1;
        } else {
            first = Math.min(mine.offset, others.offset);
            last = Math.max(mine.end(), others.end()) - 1;
        }
        int steps = 0;
        while ((last >> steps) - (first >> steps) + 1 > bucketsMax) {
            steps++;
        }
        return steps;
    }

    /// Both together, at the same scale, without empty buckets at the ends.
    ExponentialBuckets plus(ExponentialBuckets to) {
        ExponentialBuckets a = trimmed();
        ExponentialBuckets b = to.trimmed();
        if (a.counts.length == 0 || b.counts.length == 0) {
            return a.counts.length == 0 ? b : a;
        }
        int first = Math.min(a.offset, b.offset);
        long[] result = new long[Math.toIntExact(Math.max(a.end(), b.end()) - first)];
        for (int i = 0; i < result.length; i++) {
            result[i] = a.at((long) first + i) + b.at((long) first + i);
        }
        return new ExponentialBuckets(first, result);
    }

    /// What came on top of `before`, at the same scale; null if a bucket has shrunk.
    @Nullable ExponentialBuckets minus(ExponentialBuckets before) {
        for (int i = 0; i < before.counts.length; i++) {
            long index = (long) before.offset + i;
            if (Long.compareUnsigned(at(index), before.counts[i]) < 0) {
                return null;
            }
        }
        long[] result = new long[counts.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = counts[i] - before.at((long) offset + i);
        }
        return new ExponentialBuckets(offset, result).trimmed();
    }

    private ExponentialBuckets trimmed() {
        int from = 0;
        int to = counts.length;
        while (from < to && counts[from] == 0) {
            from++;
        }
        while (from < to && counts[to - 1] == 0) {
            to--;
        }
        if (from == to) {
            return EMPTY;
        }
        return from == 0 && to == counts.length
                ? this
                : new ExponentialBuckets(offset + from, Arrays.copyOfRange(counts, from, to));
    }
}
