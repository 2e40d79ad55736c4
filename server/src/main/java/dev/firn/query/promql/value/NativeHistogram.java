package dev.firn.query.promql.value;

import dev.firn.query.promql.lang.GoNumber;
import java.util.Arrays;

/// A native histogram with counts as numbers, as Prometheus' FloatHistogram: exponential buckets of
/// a schema (2^2^-schema apart) around a zero bucket, or custom buckets with their bounds.
/// Immutable.
///
/// @param bounds the upper bounds of custom buckets, without +Inf; empty otherwise
public record NativeHistogram(
        int schema,
        double zeroThreshold,
        double zeroCount,
        double count,
        double sum,
        Buckets positive,
        Buckets negative,
        double[] bounds,
        ResetHint hint) {
    private static final int SAMPLE_BYTES = 16;
    private static final int OBJECT_BYTES = 168;

    /// Two histograms added or subtracted, and what was noticed on the way.
    ///
    /// @param hintsCollide one says reset, the other not reset
    /// @param boundsReconciled custom bounds differed, only the common ones are left
    public record Combined(
            NativeHistogram result, boolean hintsCollide, boolean boundsReconciled) {}

    /// Nothing counted yet, in the layout of another one.
    public static NativeHistogram emptyLike(NativeHistogram other) {
        return new NativeHistogram(
                other.schema,
                0,
                0,
                0,
                0,
                Buckets.NONE,
                Buckets.NONE,
                other.bounds,
                ResetHint.UNKNOWN);
    }

    /// Whether the buckets are custom ones.
    public boolean isCustom() {
        return schema == Bounds.CUSTOM_SCHEMA;
    }

    /// Whether it marks the end of its series.
    public boolean isStale() {
        return StaleNan.is(sum);
    }

    /// What it costs a query's limit, in numbers.
    public long weight() {
        int numbers = positive.size() + negative.size() + bounds.length;
        return (OBJECT_BYTES + 8 + 8L * numbers) / SAMPLE_BYTES;
    }

    public NativeHistogram withHint(ResetHint hint) {
        return new NativeHistogram(
                schema, zeroThreshold, zeroCount, count, sum, positive, negative, bounds, hint);
    }

    NativeHistogram with(
            double zeroThreshold, double zeroCount, Buckets positive, Buckets negative) {
        return new NativeHistogram(
                schema, zeroThreshold, zeroCount, count, sum, positive, negative, bounds, hint);
    }

    /// Count and sum alone, for functions that read nothing else.
    public NativeHistogram stats(ResetHint hint) {
        return new NativeHistogram(
                schema, 0, 0, count, sum, Buckets.NONE, Buckets.NONE, new double[0], hint);
    }

    /// All counts and the sum times a factor; below zero it is no counter any more.
    public NativeHistogram times(double factor) {
        return new NativeHistogram(
                schema,
                zeroThreshold,
                zeroCount * factor,
                count * factor,
                sum * factor,
                positive.map(each -> each * factor),
                negative.map(each -> each * factor),
                bounds,
                factor < 0 ? ResetHint.GAUGE : hint);
    }

    /// All counts and the sum divided; by zero, the buckets go.
    public NativeHistogram dividedBy(double divisor) {
        return new NativeHistogram(
                schema,
                zeroThreshold,
                zeroCount / divisor,
                count / divisor,
                sum / divisor,
                divisor == 0 ? Buckets.NONE : positive.map(each -> each / divisor),
                divisor == 0 ? Buckets.NONE : negative.map(each -> each / divisor),
                bounds,
                divisor < 0 ? ResetHint.GAUGE : hint);
    }

    /// Bucket by bucket; [IncompatibleBucketsException] between exponential and custom ones.
    public Combined plus(NativeHistogram other) {
        return HistogramSum.combine(this, other, 1);
    }

    /// Bucket by bucket.
    public Combined minus(NativeHistogram other) {
        return HistogramSum.combine(this, other, -1);
    }

    /// At a coarser schema.
    public NativeHistogram reduced(int target) {
        if (target == schema) {
            return this;
        }
        return new NativeHistogram(
                target,
                zeroThreshold,
                zeroCount,
                count,
                sum,
                positive.reduce(schema - target),
                negative.reduce(schema - target),
                bounds,
                hint);
    }

    /// Without empty buckets.
    public NativeHistogram compact() {
        return with(zeroThreshold, zeroCount, positive.compact(), negative.compact());
    }

    /// Whether the counter started anew between `previous` and this one.
    public boolean isResetAfter(NativeHistogram previous) {
        return ResetDetection.isReset(this, previous);
    }

    /// Whether any of its numbers is infinite.
    public boolean overflows() {
        return Double.isInfinite(zeroCount)
                || Double.isInfinite(count)
                || Double.isInfinite(sum)
                || Arrays.stream(positive.count()).anyMatch(Double::isInfinite)
                || Arrays.stream(negative.count()).anyMatch(Double::isInfinite);
    }

    /// Whether all numbers have the same bits; hints do not count.
    public boolean isSame(NativeHistogram other) {
        return schema == other.schema
                && Double.compare(count, other.count) == 0
                && Double.compare(sum, other.sum) == 0
                && zeroThreshold == other.zeroThreshold
                && Double.compare(zeroCount, other.zeroCount) == 0
                && Bounds.match(bounds, other.bounds)
                && positive.isSame(other.positive)
                && negative.isSame(other.negative);
    }

    double upperBound(int index) {
        return isCustom() ? Bounds.custom(index, bounds) : Bounds.exponential(index, schema);
    }

    public Bucket positiveBucket(int i) {
        int index = positive.index()[i];
        double lower = upperBound(index - 1);
        double upper = upperBound(index);
        boolean lowerIn = isCustom() ? index == 0 : lower < 0;
        return new Bucket(lower, upper, lowerIn, isCustom() || upper > 0, positive.count()[i]);
    }

    public Bucket negativeBucket(int i) {
        int index = negative.index()[i];
        double lower = -upperBound(index);
        double upper = -upperBound(index - 1);
        return new Bucket(lower, upper, lower < 0, upper > 0, negative.count()[i]);
    }

    public Bucket zeroBucket() {
        return new Bucket(-zeroThreshold, zeroThreshold, true, true, zeroCount);
    }

    /// All buckets from the lowest on.
    public BucketWalk upwards() {
        return new BucketWalk(this, true);
    }

    /// All buckets from the highest on.
    public BucketWalk downwards() {
        return new BucketWalk(this, false);
    }

    /// `{count:3, sum:2, [-1,1]:2, (1,2]:1}`: what `count_values` puts into its label.
    @Override
    public String toString() {
        var text = new StringBuilder("{count:").append(GoNumber.general(count));
        text.append(", sum:").append(GoNumber.general(sum));
        for (int i = negative.size() - 1; i >= 0; i--) {
            append(text, negativeBucket(i));
        }
        append(text, zeroBucket());
        for (int i = 0; i < positive.size(); i++) {
            append(text, positiveBucket(i));
        }
        return text.append('}').toString();
    }

    private static void append(StringBuilder text, Bucket bucket) {
        if (bucket.count() != 0) {
            text.append(", ").append(bucket);
        }
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof NativeHistogram other && hint == other.hint && isSame(other);
    }

    @Override
    public int hashCode() {
        return Double.hashCode(count) * 31 + Double.hashCode(sum);
    }
}
