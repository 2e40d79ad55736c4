package dev.firn.query.promql.value;

import dev.firn.query.promql.value.NativeHistogram.Combined;
import java.util.Arrays;

/// Adds histograms, each number by Kahan's algorithm, over any number of schemas, zero buckets and
/// custom bounds. Mutable; an aggregation keeps one a group and step.
public final class HistogramSum {
    private NativeHistogram total;
    private double[] lostPositive;
    private double[] lostNegative;
    private double lostCount;
    private double lostSum;
    private double lostZero;

    /// Starts with a histogram.
    public HistogramSum(NativeHistogram first) {
        this.total = first;
        this.lostPositive = new double[first.positive().size()];
        this.lostNegative = new double[first.negative().size()];
    }

    private HistogramSum(HistogramSum other) {
        this.total = other.total;
        this.lostPositive = other.lostPositive.clone();
        this.lostNegative = other.lostNegative.clone();
        this.lostCount = other.lostCount;
        this.lostSum = other.lostSum;
        this.lostZero = other.lostZero;
    }

    public HistogramSum copy() {
        return new HistogramSum(this);
    }

    /// Adds one; true if custom bounds had to be reconciled.
    public boolean add(NativeHistogram other) {
        check(total, other);
        ResetHint hint = hint(total, other);
        boolean reconciled = false;
        NativeHistogram added = other;
        if (total.isCustom()) {
            reconciled = !Bounds.match(total.bounds(), other.bounds());
            if (reconciled) {
                double[] common = Bounds.intersect(total.bounds(), other.bounds());
                added = rebound(other, common);
                fold(rebound(compensated(), common));
            }
        } else {
            added = align(other);
        }
        accumulate(added, hint);
        return reconciled;
    }

    /// Brings total and the other to one zero bucket and schema.
    private NativeHistogram align(NativeHistogram other) {
        double threshold = ZeroBuckets.common(total, other);
        int schema = Math.min(total.schema(), other.schema());
        if (threshold != total.zeroThreshold() || schema != total.schema()) {
            fold(ZeroBuckets.widen(compensated(), threshold).reduced(schema));
        }
        return ZeroBuckets.widen(other, threshold).reduced(schema);
    }

    private NativeHistogram compensated() {
        return new NativeHistogram(
                total.schema(),
                total.zeroThreshold(),
                total.zeroCount() + lostZero,
                total.count(),
                total.sum(),
                new Buckets(total.positive().index(), sum(total.positive().count(), lostPositive)),
                new Buckets(total.negative().index(), sum(total.negative().count(), lostNegative)),
                total.bounds(),
                total.hint());
    }

    private void fold(NativeHistogram folded) {
        total = folded;
        lostZero = 0;
        lostPositive = new double[folded.positive().size()];
        lostNegative = new double[folded.negative().size()];
    }

    private void accumulate(NativeHistogram other, ResetHint hint) {
        lostCount = KahanSum.lost(other.count(), total.count(), lostCount);
        lostSum = KahanSum.lost(other.sum(), total.sum(), lostSum);
        lostZero = KahanSum.lost(other.zeroCount(), total.zeroCount(), lostZero);
        Buckets positive = above(other.positive(), other.schema(), other.zeroThreshold());
        Buckets negative = above(other.negative(), other.schema(), other.zeroThreshold());
        lostPositive = lost(total.positive(), positive, lostPositive);
        lostNegative = lost(total.negative(), negative, lostNegative);
        total =
                new NativeHistogram(
                        total.schema(),
                        total.zeroThreshold(),
                        total.zeroCount() + other.zeroCount(),
                        total.count() + other.count(),
                        total.sum() + other.sum(),
                        total.positive().plus(positive, 1),
                        total.negative().plus(negative, 1),
                        total.bounds(),
                        hint);
    }

    private static double[] lost(Buckets total, Buckets added, double[] lost) {
        int[] union = Buckets.union(total.index(), added.index());
        double[] sums = total.spread(union);
        double[] adds = added.spread(union);
        double[] losses = new Buckets(total.index(), lost).spread(union);
        for (int i = 0; i < union.length; i++) {
            losses[i] = KahanSum.lost(adds[i], sums[i], losses[i]);
        }
        return losses;
    }

    /// Everything, sums and compensations, times a factor.
    public void scale(double factor) {
        total = total.times(factor);
        lostCount *= factor;
        lostSum *= factor;
        lostZero *= factor;
        lostPositive = Arrays.stream(lostPositive).map(each -> each * factor).toArray();
        lostNegative = Arrays.stream(lostNegative).map(each -> each * factor).toArray();
    }

    /// Sum and compensation, divided by a number first.
    public NativeHistogram dividedBy(double divisor) {
        NativeHistogram quotient = total.dividedBy(divisor);
        return new NativeHistogram(
                quotient.schema(),
                quotient.zeroThreshold(),
                quotient.zeroCount() + lostZero / divisor,
                quotient.count() + lostCount / divisor,
                quotient.sum() + lostSum / divisor,
                new Buckets(
                        quotient.positive().index(),
                        sum(quotient.positive().count(), divided(lostPositive, divisor))),
                new Buckets(
                        quotient.negative().index(),
                        sum(quotient.negative().count(), divided(lostNegative, divisor))),
                quotient.bounds(),
                quotient.hint());
    }

    /// Whether a number has become infinite.
    public boolean overflows() {
        return total.overflows();
    }

    private static double[] divided(double[] values, double divisor) {
        return Arrays.stream(values).map(each -> each / divisor).toArray();
    }

    private static double[] sum(double[] a, double[] b) {
        double[] sum = a.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += b[i];
        }
        return sum;
    }

    /// Two histograms, plainly added (sign 1) or subtracted (-1).
    static Combined combine(NativeHistogram a, NativeHistogram b, double sign) {
        check(a, b);
        boolean collide = collide(a.hint(), b.hint());
        boolean reconciled = a.isCustom() && !Bounds.match(a.bounds(), b.bounds());
        NativeHistogram left = a;
        NativeHistogram right = b;
        if (reconciled) {
            double[] common = Bounds.intersect(a.bounds(), b.bounds());
            left = rebound(a, common);
            right = rebound(b, common);
        } else if (!a.isCustom()) {
            double threshold = ZeroBuckets.common(a, b);
            int schema = Math.min(a.schema(), b.schema());
            left = ZeroBuckets.widen(a, threshold).reduced(schema);
            right = ZeroBuckets.widen(b, threshold).reduced(schema);
        }
        var result =
                new NativeHistogram(
                        left.schema(),
                        left.zeroThreshold(),
                        left.zeroCount() + sign * right.zeroCount(),
                        a.count() + sign * b.count(),
                        a.sum() + sign * b.sum(),
                        left.positive().plus(outside(right, right.positive()), sign),
                        left.negative().plus(outside(right, right.negative()), sign),
                        left.bounds(),
                        hint(a, b));
        return new Combined(result, collide, reconciled);
    }

    private static Buckets outside(NativeHistogram of, Buckets buckets) {
        return above(buckets, of.schema(), of.zeroThreshold());
    }

    /// Without the buckets that lie within the zero bucket.
    static Buckets above(Buckets buckets, int schema, double threshold) {
        if (schema == Bounds.CUSTOM_SCHEMA) {
            return buckets;
        }
        int skip = 0;
        while (skip < buckets.size()
                && Bounds.exponential(buckets.index()[skip], schema) <= threshold) {
            skip++;
        }
        return buckets.skip(skip);
    }

    private static NativeHistogram rebound(NativeHistogram of, double[] common) {
        return new NativeHistogram(
                of.schema(),
                of.zeroThreshold(),
                of.zeroCount(),
                of.count(),
                of.sum(),
                rebound(of.positive(), of.bounds(), common),
                of.negative(),
                common,
                of.hint());
    }

    /// Buckets of `from` collected into those of fewer bounds.
    static Buckets rebound(Buckets buckets, double[] from, double[] to) {
        double[] counts = new double[to.length + 1];
        for (int i = 0; i < buckets.size(); i++) {
            counts[Bounds.target(buckets.index()[i], from, to)] += buckets.count()[i];
        }
        return Buckets.from(0, counts).compact();
    }

    private static void check(NativeHistogram a, NativeHistogram b) {
        if (a.isCustom() != b.isCustom()) {
            throw new IncompatibleBucketsException();
        }
    }

    private static boolean collide(ResetHint a, ResetHint b) {
        return (a == ResetHint.RESET && b == ResetHint.NOT_RESET)
                || (a == ResetHint.NOT_RESET && b == ResetHint.RESET);
    }

    private static ResetHint hint(NativeHistogram a, NativeHistogram b) {
        if (a.hint() == b.hint()) {
            return a.hint();
        }
        boolean gauge = a.hint() == ResetHint.GAUGE || b.hint() == ResetHint.GAUGE;
        return gauge ? ResetHint.GAUGE : ResetHint.UNKNOWN;
    }
}
