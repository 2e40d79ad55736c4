package dev.firn.export.prometheus;

import dev.firn.export.prometheus.Targets.Target;
import dev.firn.model.ExponentialHistograms;
import dev.firn.model.Histograms;
import dev.firn.model.Points;
import dev.firn.model.Series;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// An exponential histogram, at a scale that Prometheus' native histograms have: -4 to 8.
final class ExponentialSlot extends Slot {
    /// Largest schema of Prometheus; finer ones are made coarser.
    static final int SCALE_MAX = 8;

    /// Coarsest schema of Prometheus; what is coarser must be dropped.
    static final int SCALE_MIN = -4;

    /// More buckets on a side than this are made coarser when deltas are added.
    static final int BUCKETS_MAX = 4_096;

    /// Exemplars kept, the latest ones.
    static final int EXEMPLARS_MAX = 10;

    private int scale;
    private long count;
    private double sum;
    private long zeroCount;
    private double zeroThreshold;
    private Buckets positive = new Buckets();
    private Buckets negative = new Buckets();
    private final Deque<Exemplar> exemplars = new ArrayDeque<>();
    private boolean added;

    /// The point that comes, until it is known to be good.
    private final Buckets newPositive = new Buckets();

    private final Buckets newNegative = new Buckets();

    ExponentialSlot(Series owner, Target target) {
        super(owner, target);
    }

    @Override
    Outcome put(Points points, int row, boolean adding) {
        var from = (ExponentialHistograms) points;
        if (from.scale[row] < SCALE_MIN) {
            return Outcome.SCALE;
        }
        if ((from.has[row] & Histograms.HAS_SUM) == 0) {
            return Outcome.NO_SUM;
        }
        int shift = Math.max(0, from.scale[row] - SCALE_MAX);
        int newScale = from.scale[row] - shift;
        double threshold = from.zeroThreshold[row];
        boolean good =
                threshold >= 0
                        && threshold < Double.POSITIVE_INFINITY
                        && newPositive.load(
                                from.positive, row, from.positiveOffset[row], newScale, shift)
                        && newNegative.load(
                                from.negative, row, from.negativeOffset[row], newScale, shift)
                        && adds(from.count[row], from.zeroCount[row], from.sum[row]);
        if (!good) {
            return Outcome.SHAPE;
        }
        added = adding && add(from, row, newScale);
        if (!added) {
            scale = newScale;
            zeroThreshold = threshold;
            zeroCount = from.zeroCount[row];
            count = from.count[row];
            sum = from.sum[row];
            positive.swap(newPositive);
            negative.swap(newNegative);
        }
        return Outcome.TAKEN;
    }

    /// Prometheus refuses counts that are not those of the buckets; above them only for the NaNs
    /// that a sum of NaN tells of.
    private boolean adds(long all, long zeros, double total) {
        long inBuckets = newPositive.total();
        long below = newNegative.total();
        if (inBuckets < 0 || below < 0 || zeros < 0 || all < 0) {
            return false;
        }
        long together = inBuckets + below + zeros; // three positive numbers: may wrap once
        boolean fits = inBuckets + below >= 0 && together >= 0;
        return fits && (Double.isNaN(total) ? together <= all : together == all);
    }

    /// metrics/data-model.md, "ExponentialHistogram": the coarser scale, the wider zero bucket.
    private boolean add(ExponentialHistograms from, int row, int newScale) {
        long newCount = count + from.count[row];
        long newZeros = zeroCount + from.zeroCount[row];
        if (newCount < 0 || newZeros < 0) {
            return false;
        }
        int common = Math.min(scale, newScale);
        positive.downscale(scale - common);
        negative.downscale(scale - common);
        newPositive.downscale(newScale - common);
        newNegative.downscale(newScale - common);
        while (common > SCALE_MIN
                && Math.max(positive.span(newPositive), negative.span(newNegative)) > BUCKETS_MAX) {
            common--;
            positive.downscale(1);
            negative.downscale(1);
            newPositive.downscale(1);
            newNegative.downscale(1);
        }
        double wide = Math.max(zeroThreshold, from.zeroThreshold[row]);
        if (zeroThreshold != from.zeroThreshold[row]) {
            wide = widened(wide, common);
            newZeros += positive.takeWithin(wide, common) + negative.takeWithin(wide, common);
            newZeros += newPositive.takeWithin(wide, common) + newNegative.takeWithin(wide, common);
        }
        // counts fit in a sum that fits: no bucket can overflow
        positive.add(newPositive);
        negative.add(newNegative);
        scale = common;
        zeroThreshold = wide;
        zeroCount = newZeros;
        count = newCount;
        sum += from.sum[row];
        return true;
    }

    private double widened(double threshold, int common) {
        double wide = threshold;
        double before;
        do {
            before = wide;
            wide = positive.widened(wide, common);
            wide = negative.widened(wide, common);
            wide = newPositive.widened(wide, common);
            wide = newNegative.widened(wide, common);
        } while (wide != before);
        return wide;
    }

    @Override
    boolean added() {
        return added;
    }

    @Override
    void keep(Exemplar one) {
        if (one.time == 0) {
            return; // Prometheus takes none without a time for a native histogram
        }
        if (!exemplars.isEmpty() && one.time < exemplars.getLast().time) {
            return;
        }
        if (exemplars.size() == EXEMPLARS_MAX) {
            exemplars.removeFirst();
        }
        exemplars.addLast(one);
    }

    int scale() {
        return scale;
    }

    long count() {
        return count;
    }

    double sum() {
        return sum;
    }

    long zeroCount() {
        return zeroCount;
    }

    double zeroThreshold() {
        return zeroThreshold;
    }

    Buckets positive() {
        return positive;
    }

    Buckets negative() {
        return negative;
    }

    /// The last one of them; null if there is none.
    @Nullable Exemplar latest() {
        return exemplars.peekLast();
    }

    /// By time, the latest last.
    Collection<Exemplar> exemplars() {
        return exemplars;
    }
}
