package dev.firn.engine;

import dev.firn.model.ExponentialHistograms;
import java.util.Arrays;

/// Buckets of a series of exponential histograms: net increases of the window at the least scale
/// met.
final class ExponentialBuckets implements Buckets {
    /// A span of buckets that is wider is left to the engine.
    static final int BUCKETS_MAX = 1 << 14;

    private static final long[] NONE = {};

    /// Consecutive buckets from an index on.
    private static final class Side {
        int offset;
        long[] counts = NONE;

        void clear() {
            offset = 0;
            counts = NONE;
        }

        /// Merges neighbours: each bucket goes into the one at its index shifted right.
        void down(int shift) {
            if (shift == 0 || counts.length == 0) {
                return;
            }
            int first = shifted(offset, shift);
            int last = shifted(offset + counts.length - 1L, shift);
            long[] merged = new long[last - first + 1];
            for (int i = 0; i < counts.length; i++) {
                merged[shifted((long) offset + i, shift) - first] += counts[i];
            }
            offset = first;
            counts = merged;
        }

        /// Adds or subtracts buckets of a scale higher by `shift`.
        boolean add(long[] more, int length, int from, int shift, int sign) {
            if (length == 0) {
                return true;
            }
            long first = (long) from >> Math.min(shift, 63);
            long last = from + length - 1L >> Math.min(shift, 63);
            if (!cover(first, last)) {
                return false;
            }
            for (int i = 0; i < length; i++) {
                counts[shifted((long) from + i, shift) - offset] += sign * more[i];
            }
            return true;
        }

        private boolean cover(long first, long last) {
            long low = counts.length == 0 ? first : Math.min(first, offset);
            long high = counts.length == 0 ? last : Math.max(last, offset + counts.length - 1L);
            if (high - low >= BUCKETS_MAX || high > Integer.MAX_VALUE || low < Integer.MIN_VALUE) {
                return false;
            }
            if (counts.length == 0 || low < offset || high >= offset + (long) counts.length) {
                long[] wider = new long[(int) (high - low + 1)];
                if (counts.length > 0) {
                    System.arraycopy(counts, 0, wider, (int) (offset - low), counts.length);
                }
                counts = wider;
                offset = (int) low;
            }
            return true;
        }

        private static int shifted(long index, int shift) {
            return (int) (index >> Math.min(shift, 63));
        }

        /// From the first bucket that is not zero to the last; what fell below zero counts zero.
        void emit(RollupRows rows, int offsetColumn, int list) {
            int from = 0;
            int to = counts.length;
            while (from < to && counts[from] == 0) {
                from++;
            }
            while (from < to && counts[to - 1] == 0) {
                to--;
            }
            long[] dense = Arrays.copyOfRange(counts, from, to);
            for (int i = 0; i < dense.length; i++) {
                dense[i] = Math.max(0, dense[i]);
            }
            rows.integer(offsetColumn, from == to ? 0 : offset + from);
            rows.list(list, dense, dense.length);
        }
    }

    private boolean any;
    private int scale;
    private long zeroCount;
    private double zeroThreshold;
    private final Side positive = new Side();
    private final Side negative = new Side();

    private int lastScale;
    private long lastZeroCount;
    private double lastZeroThreshold;
    private int lastPositiveOffset;
    private long[] lastPositive = NONE;
    private int lastNegativeOffset;
    private long[] lastNegative = NONE;

    @Override
    public void clear() {
        any = false;
        scale = 0;
        zeroCount = 0;
        zeroThreshold = 0;
        positive.clear();
        negative.clear();
    }

    /// Adds a point that is not stale.
    ///
    /// @param adds its buckets count
    /// @param less less those of the point before it
    /// @return false if the window's buckets span too much
    boolean add(ExponentialHistograms points, int row, boolean adds, boolean less) {
        int own = points.scale[row];
        int least = less ? Math.min(own, lastScale) : own;
        if (!any) {
            scale = least;
            zeroThreshold = points.zeroThreshold[row];
        } else if (least < scale) {
            positive.down(scale - least);
            negative.down(scale - least);
            scale = least;
        }
        any = true;
        if (points.zeroThreshold[row] > zeroThreshold) {
            zeroThreshold = points.zeroThreshold[row];
        }
        long[] ups = points.positive.row(row);
        long[] downs = points.negative.row(row);
        boolean fits = true;
        if (adds) {
            zeroCount += points.zeroCount[row];
            int shift = own - scale;
            fits &= positive.add(ups, ups.length, points.positiveOffset[row], shift, 1);
            fits &= negative.add(downs, downs.length, points.negativeOffset[row], shift, 1);
        }
        if (less) {
            zeroCount -= lastZeroCount;
            int shift = lastScale - scale;
            fits &= positive.add(lastPositive, lastPositive.length, lastPositiveOffset, shift, -1);
            fits &= negative.add(lastNegative, lastNegative.length, lastNegativeOffset, shift, -1);
        }
        return fits;
    }

    /// The newest point.
    void last(ExponentialHistograms points, int row) {
        lastScale = points.scale[row];
        lastZeroCount = points.zeroCount[row];
        lastZeroThreshold = points.zeroThreshold[row];
        lastPositiveOffset = points.positiveOffset[row];
        lastPositive = points.positive.row(row);
        lastNegativeOffset = points.negativeOffset[row];
        lastNegative = points.negative.row(row);
    }

    @Override
    public void emit(RollupRows rows) {
        rows.integer(RollupRows.SCALE, any ? scale : 0);
        rows.number(RollupRows.ZERO_COUNT, Math.max(0, zeroCount));
        rows.number(RollupRows.ZERO_THRESHOLD, Double.doubleToRawLongBits(zeroThreshold));
        positive.emit(rows, RollupRows.POSITIVE_OFFSET, RollupRows.POSITIVE_BUCKETS);
        negative.emit(rows, RollupRows.NEGATIVE_OFFSET, RollupRows.NEGATIVE_BUCKETS);
        rows.integer(RollupRows.LAST_SCALE, any ? lastScale : 0);
        rows.number(RollupRows.LAST_ZERO_COUNT, any ? lastZeroCount : 0);
        rows.number(
                RollupRows.LAST_ZERO_THRESHOLD,
                any ? Double.doubleToRawLongBits(lastZeroThreshold) : 0);
        rows.integer(RollupRows.LAST_POSITIVE_OFFSET, any ? lastPositiveOffset : 0);
        rows.list(RollupRows.LAST_POSITIVE, lastPositive, any ? lastPositive.length : 0);
        rows.integer(RollupRows.LAST_NEGATIVE_OFFSET, any ? lastNegativeOffset : 0);
        rows.list(RollupRows.LAST_NEGATIVE, lastNegative, any ? lastNegative.length : 0);
    }
}
