package dev.firn.export.prometheus;

import dev.firn.export.prometheus.Targets.Target;
import dev.firn.model.Histograms;
import dev.firn.model.Points;
import dev.firn.model.Series;
import org.jspecify.annotations.Nullable;

/// A histogram with explicit bounds. The bucket up to +Inf is the count itself.
final class HistogramSlot extends Slot {
    private static final long[] NONE = new long[0];

    private final Boundaries.Cache cache;
    private Boundaries bounds;
    private long[] counts = NONE;
    private long count;
    private double sum;
    private boolean hasSum;
    private boolean added;
    private @Nullable Exemplar @Nullable [] exemplars; // one a bucket, +Inf last

    HistogramSlot(Series owner, Target target, Boundaries.Cache cache) {
        super(owner, target);
        this.cache = cache;
        this.bounds = cache.of(NONE, 0, 0);
    }

    @Override
    Outcome put(Points points, int row, boolean adding) {
        var from = (Histograms) points;
        int first = from.bounds.from(row);
        int size = from.bounds.length(row);
        if (size > 0 && from.bounds.realAt(row, size - 1) == Double.POSITIVE_INFINITY) {
            size--; // said twice: the last bucket ends there anyway
        }
        if (from.counts.length(row) < size || !rises(from, row, size)) {
            return Outcome.SHAPE;
        }
        boolean same = bounds.equal(from.bounds.values(), first, size);
        if (!same) {
            bounds = cache.of(from.bounds.values(), first, size);
            exemplars = null;
        }
        boolean pointHasSum = (from.has[row] & Histograms.HAS_SUM) != 0;
        added = adding && same;
        if (counts.length != size) {
            counts = new long[size];
        }
        for (int i = 0; i < size; i++) {
            counts[i] = from.counts.at(row, i) + (added ? counts[i] : 0);
        }
        count = from.count[row] + (added ? count : 0);
        sum = from.sum[row] + (added ? sum : 0);
        hasSum = pointHasSum && (!added || hasSum);
        return Outcome.TAKEN;
    }

    private static boolean rises(Histograms from, int row, int size) {
        for (int i = 0; i < size; i++) {
            double bound = from.bounds.realAt(row, i);
            if (Double.isNaN(bound) || (i > 0 && bound <= from.bounds.realAt(row, i - 1))) {
                return false;
            }
        }
        return true;
    }

    @Override
    boolean added() {
        return added;
    }

    @Override
    void keep(Exemplar one) {
        if (exemplars == null || exemplars.length != bounds.size() + 1) {
            exemplars = new Exemplar[bounds.size() + 1];
        }
        int bucket = 0;
        while (bucket < bounds.size() && !(one.value <= bounds.at(bucket))) {
            bucket++;
        }
        Exemplar known = exemplars[bucket];
        if (known == null || one.time >= known.time) {
            exemplars[bucket] = one;
        }
    }

    Boundaries bounds() {
        return bounds;
    }

    long count() {
        return count;
    }

    double sum() {
        return sum;
    }

    boolean hasSum() {
        return hasSum;
    }

    /// Measurements up to the bound; `before` is the bound before it. Never above the count, which
    /// a sender's buckets may contradict.
    long cumulative(int bucket, long before) {
        long here = before + counts[bucket];
        boolean overflow = Long.compareUnsigned(here, before) < 0;
        return overflow || Long.compareUnsigned(here, count) > 0 ? count : here;
    }

    /// The latest in the bucket; that after the last bound is +Inf's.
    @Nullable Exemplar exemplar(int bucket) {
        return exemplars == null ? null : exemplars[bucket];
    }
}
