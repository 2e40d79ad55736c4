package dev.firn.engine;

import dev.firn.model.Histograms;
import java.util.Arrays;

/// Buckets of a series of explicit histograms: increases of the window on the bounds that all its
/// points have in common. Bounds are raw bits of doubles, and shared while they do not change.
final class ExplicitBuckets implements Buckets {
    private static final long[] NONE = {};

    long[] lastBounds = NONE;
    long[] lastCounts = NONE;
    private long[] bounds = NONE;
    private long[] counts = NONE; // empty: no point in the window
    private long[] gained = NONE;
    private long[] shared = NONE;

    @Override
    public void clear() {
        bounds = NONE;
        counts = NONE;
    }

    /// The counts of a point; a point without buckets has one.
    static long[] counts(Histograms points, int row) {
        return points.counts.length(row) == 0
                ? new long[] {points.count[row]}
                : points.counts.row(row);
    }

    /// The bounds of a point.
    long[] bounds(Histograms points, int row) {
        int from = points.bounds.from(row);
        int to = points.bounds.to(row);
        boolean same =
                Arrays.equals(points.bounds.values(), from, to, lastBounds, 0, lastBounds.length);
        return same ? lastBounds : points.bounds.row(row);
    }

    /// Compares a point with the one before it.
    ///
    /// @return whether a bucket has fallen
    boolean subtract(long[] pointBounds, long[] pointCounts) {
        shared = common(pointBounds, lastBounds);
        gained = onto(pointCounts, pointBounds, shared).clone();
        long[] before = onto(lastCounts, lastBounds, shared);
        boolean fell = false;
        for (int i = 0; i < gained.length; i++) {
            gained[i] -= before[i];
            fell |= gained[i] < 0;
        }
        return fell;
    }

    /// Adds what [#subtract] found.
    void addGained() {
        add(shared, gained);
    }

    /// Adds a part.
    void add(long[] partBounds, long[] partCounts) {
        if (counts.length == 0) {
            bounds = partBounds;
            counts = partCounts.clone();
            return;
        }
        long[] on = common(bounds, partBounds);
        long[] sum = onto(counts, bounds, on);
        long[] more = onto(partCounts, partBounds, on);
        for (int i = 0; i < sum.length; i++) {
            sum[i] += more[i];
        }
        bounds = on;
        counts = sum;
    }

    /// The newest point.
    void last(long[] pointBounds, long[] pointCounts) {
        lastBounds = pointBounds;
        lastCounts = pointCounts;
    }

    /// Those of `a` that `b` has, too; `a` itself where it is all of them.
    private static long[] common(long[] a, long[] b) {
        if (a == b || Arrays.equals(a, b)) {
            return a;
        }
        long[] found = new long[a.length];
        int size = 0;
        for (long one : a) {
            if (indexOf(b, one) >= 0) {
                found[size++] = one;
            }
        }
        return size == a.length ? a : Arrays.copyOf(found, size);
    }

    private static int indexOf(long[] bounds, long one) {
        double value = Double.longBitsToDouble(one);
        for (int i = 0; i < bounds.length; i++) {
            if (Double.longBitsToDouble(bounds[i]) == value) {
                return i;
            }
        }
        return -1;
    }

    /// Counts of buckets with bounds `from` on those of them that `on` names.
    private static long[] onto(long[] counts, long[] from, long[] on) {
        if (from == on || Arrays.equals(from, on)) {
            return counts;
        }
        long[] result = new long[on.length + 1];
        long before = 0;
        for (int i = 0; i < on.length; i++) {
            long upTo = sum(counts, indexOf(from, on[i]) + 1);
            result[i] = upTo - before;
            before = upTo;
        }
        result[on.length] = sum(counts, counts.length) - before;
        return result;
    }

    private static long sum(long[] counts, int to) {
        long sum = 0;
        for (int i = 0; i < to; i++) {
            sum += counts[i];
        }
        return sum;
    }

    @Override
    public void emit(RollupRows rows) {
        boolean any = counts.length > 0;
        rows.list(RollupRows.BOUNDS, bounds, bounds.length);
        rows.list(RollupRows.BUCKETS, counts, counts.length);
        rows.list(RollupRows.LAST_BOUNDS, lastBounds, any ? lastBounds.length : 0);
        rows.list(RollupRows.LAST_BUCKETS, lastCounts, any ? lastCounts.length : 0);
    }
}
