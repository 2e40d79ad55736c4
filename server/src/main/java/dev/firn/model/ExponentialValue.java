package dev.firn.model;

import dev.firn.base.ByteReader;
import dev.firn.base.ByteWriter;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The value of an exponential histogram's point.
///
/// Merged at the lower scale. Where scales or zero thresholds differ, the threshold becomes the
/// higher one, widened to the next edge of a bucket at the merged scale, and the buckets below
/// count as zero (OTLP data model, "ExponentialHistogram: Zero Threshold"). Always widening then is
/// what makes merging associative. One without measurements changes nothing.
public final class ExponentialValue implements PointValue {
    /// Buckets of either sign that [#plus] keeps; beyond them the scale falls. The Collector's
    /// deltatocumulative has the same number.
    public static final int BUCKETS_MAX = 160;

    static final int SHAPE = 4;
    private static final int MIN_NORMAL_EXPONENT = -1022;

    /// Edges at higher scales are too close for doubles to tell apart.
    private static final int SCALE_MAX = 30;

    private final long count;
    private final byte has;
    private final double sum;
    private final double min;
    private final double max;
    private final int scale;
    private final long zeroCount;
    private final double zeroThreshold;
    private final ExponentialBuckets positive;
    private final ExponentialBuckets negative;

    private ExponentialValue(
            long count,
            byte has,
            double sum,
            double min,
            double max,
            int scale,
            long zeroCount,
            double zeroThreshold,
            ExponentialBuckets positive,
            ExponentialBuckets negative) {
        this.count = count;
        this.has = has;
        this.sum = (has & Histograms.HAS_SUM) != 0 ? sum : 0;
        this.min = (has & Histograms.HAS_MIN) != 0 ? min : 0;
        this.max = (has & Histograms.HAS_MAX) != 0 ? max : 0;
        this.scale = scale;
        this.zeroCount = zeroCount;
        this.zeroThreshold = zeroThreshold;
        this.positive = positive;
        this.negative = negative;
    }

    static ExponentialValue at(ExponentialHistograms points, int row) {
        return new ExponentialValue(
                points.count[row],
                points.has[row],
                points.sum[row],
                points.min[row],
                points.max[row],
                points.scale[row],
                points.zeroCount[row],
                points.zeroThreshold[row],
                new ExponentialBuckets(points.positiveOffset[row], points.positive.row(row)),
                new ExponentialBuckets(points.negativeOffset[row], points.negative.row(row)));
    }

    /// From its fields; `has` as of [Histograms], fields that it does not name are ignored.
    public static ExponentialValue of(
            long count,
            byte has,
            double sum,
            double min,
            double max,
            int scale,
            long zeroCount,
            double zeroThreshold,
            int positiveOffset,
            long[] positive,
            int negativeOffset,
            long[] negative) {
        return new ExponentialValue(
                count,
                has,
                sum,
                min,
                max,
                scale,
                zeroCount,
                zeroThreshold,
                new ExponentialBuckets(positiveOffset, positive),
                new ExponentialBuckets(negativeOffset, negative));
    }

    /// Number of measurements, unsigned.
    public long count() {
        return count;
    }

    /// Resolution.
    public int scale() {
        return scale;
    }

    /// Width of the zero bucket.
    public double zeroThreshold() {
        return zeroThreshold;
    }

    /// Measurements in the zero bucket, unsigned.
    public long zeroCount() {
        return zeroCount;
    }

    /// Whether it has a sum.
    public boolean hasSum() {
        return (has & Histograms.HAS_SUM) != 0;
    }

    /// The sum, 0 if it has none.
    public double sum() {
        return sum;
    }

    /// The same with another sum, or none.
    public ExponentialValue withSum(boolean present, double newSum) {
        int bits = present ? has | Histograms.HAS_SUM : has & ~Histograms.HAS_SUM;
        return with((byte) bits, newSum);
    }

    /// The same without minimum and maximum.
    public ExponentialValue withoutExtremes() {
        return with((byte) (has & Histograms.HAS_SUM), sum);
    }

    private ExponentialValue with(byte bits, double newSum) {
        return new ExponentialValue(
                count, bits, newSum, min, max, scale, zeroCount, zeroThreshold, positive, negative);
    }

    @Override
    public ExponentialValue plus(PointValue other) {
        return plus((ExponentialValue) other, BUCKETS_MAX);
    }

    /// The same with another limit on buckets. Merging is associative as long as the limit does not
    /// work on histograms whose zero thresholds differ.
    public ExponentialValue plus(ExponentialValue other, int bucketsMax) {
        if (other.count == 0 && count != 0) {
            return this;
        }
        if (count == 0 && other.count != 0) {
            return other;
        }
        int common = Math.min(scale, other.scale);
        double threshold = Math.max(zeroThreshold, other.zeroThreshold);
        ExponentialValue a = at(common);
        ExponentialValue b = other.at(common);
        if (threshold > 0 && (scale != other.scale || zeroThreshold != other.zeroThreshold)) {
            long edge = edgeIndex(threshold, common);
            a = a.zeroed(edge - 1, edge(edge, common));
            b = b.zeroed(edge - 1, edge(edge, common));
        }
        int steps =
                Math.max(
                        a.positive.stepsToFit(b.positive, bucketsMax),
                        a.negative.stepsToFit(b.negative, bucketsMax));
        a = a.at(a.scale - steps);
        b = b.at(b.scale - steps);
        return new ExponentialValue(
                count + other.count,
                (byte) (has & other.has),
                sum + other.sum,
                Math.min(min, other.min),
                Math.max(max, other.max),
                a.scale,
                a.zeroCount + b.zeroCount,
                a.zeroThreshold,
                a.positive.plus(b.positive),
                a.negative.plus(b.negative));
    }

    /// Scale and zero threshold are this one's, or the earlier one's if they had to be coarser.
    @Override
    public @Nullable ExponentialValue minus(PointValue before) {
        ExponentialValue from = (ExponentialValue) before;
        if (Long.compareUnsigned(count, from.count) < 0) {
            return null;
        }
        ExponentialValue to = this;
        if (zeroThreshold > from.zeroThreshold) {
            from = from.zeroed(bucketOf(zeroThreshold, from.scale), zeroThreshold);
        } else if (zeroThreshold < from.zeroThreshold) {
            to = zeroed(bucketOf(from.zeroThreshold, scale), from.zeroThreshold);
        }
        int common = Math.min(to.scale, from.scale);
        to = to.at(common);
        from = from.at(common);
        ExponentialBuckets up = to.positive.minus(from.positive);
        ExponentialBuckets down = to.negative.minus(from.negative);
        if (up == null || down == null || Long.compareUnsigned(to.zeroCount, from.zeroCount) < 0) {
            return null;
        }
        return new ExponentialValue(
                count - from.count,
                (byte) (has & from.has & Histograms.HAS_SUM),
                sum - from.sum,
                0,
                0,
                common,
                to.zeroCount - from.zeroCount,
                to.zeroThreshold,
                up,
                down);
    }

    /// How many measurements are at most `threshold`, which is positive. Minimum and maximum, if it
    /// has them, narrow the bucket around the threshold.
    public EventBounds atMost(double threshold) {
        if (!(threshold > 0)) {
            throw new IllegalArgumentException("a threshold is positive, not " + threshold);
        }
        boolean allBelow = (has & Histograms.HAS_MAX) != 0 && max <= threshold;
        boolean allAbove = (has & Histograms.HAS_MIN) != 0 && min > threshold;
        if (allBelow || allAbove) {
            return EventBounds.exact(allBelow ? count : 0);
        }
        long low = negative.total();
        if (threshold < zeroThreshold) {
            // its neighbours in the zero bucket and in the positive ones are told apart by nothing
            long inside = zeroCount + positive.upTo(bucketOf(threshold, scale));
            return EventBounds.within(low, inside, 0.5, -zeroThreshold, zeroThreshold);
        }
        long bucket = bucketOf(threshold, scale);
        long upTo = positive.upTo(bucket);
        double above = edge(bucket + 1, scale);
        if (above == threshold) {
            return EventBounds.exact(low + zeroCount + upTo);
        }
        long sure = positive.upTo(bucket - 1);
        double below = edge(bucket, scale);
        double share = Math.log(threshold / below) / Math.log(above / below);
        return EventBounds.within(low + zeroCount + sure, upTo - sure, share, below, above);
    }

    /// The same at a scale that is not higher.
    private ExponentialValue at(int lower) {
        int steps = (int) Math.min((long) scale - lower, Integer.SIZE);
        return steps == 0
                ? this
                : new ExponentialValue(
                        count,
                        has,
                        sum,
                        min,
                        max,
                        lower,
                        zeroCount,
                        zeroThreshold,
                        positive.coarser(steps),
                        negative.coarser(steps));
    }

    /// With a wider zero bucket, which takes in all buckets up to and with `last`.
    private ExponentialValue zeroed(long last, double threshold) {
        return new ExponentialValue(
                count,
                has,
                sum,
                min,
                max,
                scale,
                zeroCount + positive.upTo(last) + negative.upTo(last),
                threshold,
                positive.after(last),
                negative.after(last));
    }

    /// Upper edge of bucket `index - 1`. A power of two gives the same double at every scale.
    static double edge(long index, int scale) {
        return Math.pow(2, Math.scalb((double) index, -scale));
    }

    /// The smallest index whose edge is at least `value`, positive; subnormal values count as the
    /// smallest normal one.
    static long edgeIndex(double value, int scale) {
        if (scale > SCALE_MAX) {
            return (long) Math.scalb((double) edgeIndex(value, SCALE_MAX), scale - SCALE_MAX);
        }
        if (value <= Double.MIN_NORMAL) {
            return (long) Math.ceil(Math.scalb((double) MIN_NORMAL_EXPONENT, scale));
        }
        if (value > Double.MAX_VALUE) {
            return (long) Math.scalb((double) Double.MAX_EXPONENT + 1, scale);
        }
        double exact = Math.scalb(Math.log(value) / Math.log(2), scale);
        long index = (long) Math.ceil(exact);
        while (edge(index - 1, scale) >= value) {
            index--;
        }
        while (edge(index, scale) < value) {
            index++;
        }
        return index;
    }

    /// The bucket into which `value` falls.
    private static long bucketOf(double value, int scale) {
        return edgeIndex(value, scale) - 1;
    }

    @Override
    public int addTo(Batch batch, Series series, long time, long start, int flags) {
        ExponentialHistograms to = batch.exponential;
        for (long one : positive.counts()) {
            to.positive.push(one);
        }
        for (long one : negative.counts()) {
            to.negative.push(one);
        }
        int row = to.add(series, time, start, flags);
        to.count[row] = count;
        to.has[row] = has;
        to.sum[row] = sum;
        to.min[row] = min;
        to.max[row] = max;
        to.scale[row] = scale;
        to.zeroCount[row] = zeroCount;
        to.zeroThreshold[row] = zeroThreshold;
        to.positiveOffset[row] = positive.offset();
        to.negativeOffset[row] = negative.offset();
        return row;
    }

    @Override
    public void write(ByteWriter out) {
        out.u8(SHAPE).varint(count).u8(has).f64(sum).f64(min).f64(max);
        out.zigzag(scale).varint(zeroCount).f64(zeroThreshold);
        write(positive, out);
        write(negative, out);
    }

    private static void write(ExponentialBuckets buckets, ByteWriter out) {
        out.zigzag(buckets.offset()).varint(buckets.counts().length);
        for (long one : buckets.counts()) {
            out.varint(one);
        }
    }

    static ExponentialValue readFields(ByteReader in) {
        return new ExponentialValue(
                in.varint(),
                (byte) in.u8(),
                in.f64(),
                in.f64(),
                in.f64(),
                (int) in.zigzag(),
                in.varint(),
                in.f64(),
                readBuckets(in),
                readBuckets(in));
    }

    private static ExponentialBuckets readBuckets(ByteReader in) {
        return new ExponentialBuckets((int) in.zigzag(), HistogramValue.longs(in));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ExponentialValue that
                && count == that.count
                && has == that.has
                && Double.compare(sum, that.sum) == 0
                && Double.compare(min, that.min) == 0
                && Double.compare(max, that.max) == 0
                && scale == that.scale
                && zeroCount == that.zeroCount
                && Double.compare(zeroThreshold, that.zeroThreshold) == 0
                && same(positive, that.positive)
                && same(negative, that.negative);
    }

    private static boolean same(ExponentialBuckets a, ExponentialBuckets b) {
        return a.offset() == b.offset() && Arrays.equals(a.counts(), b.counts());
    }

    @Override
    public int hashCode() {
        return Objects.hash(count, scale, zeroCount);
    }

    @Override
    public String toString() {
        return "count="
                + Long.toUnsignedString(count)
                + " has="
                + has
                + " sum="
                + sum
                + " min="
                + min
                + " max="
                + max
                + " scale="
                + scale
                + " zero="
                + zeroCount
                + "@"
                + zeroThreshold
                + " positive="
                + positive.offset()
                + Arrays.toString(positive.counts())
                + " negative="
                + negative.offset()
                + Arrays.toString(negative.counts());
    }
}
