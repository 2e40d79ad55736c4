package dev.firn.model;

import dev.firn.base.ByteReader;
import dev.firn.base.ByteReader.Malformed;
import dev.firn.base.ByteWriter;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The value of an explicit-bucket histogram's point.
///
/// Histograms with other bounds are merged on the bounds that they share: buckets between them are
/// added up, which loses resolution and nothing else. One without buckets has count and sum only,
/// and so has what it is merged into. One without measurements changes nothing.
public final class HistogramValue implements PointValue {
    static final int SHAPE = 3;
    private static final long[] NONE = new long[0];

    private final long count;
    private final byte has;
    private final double sum;
    private final double min;
    private final double max;
    private final long[] bounds;
    private final long[] counts;

    /// @param count unsigned
    /// @param has bits of [Histograms]; fields that it does not name are ignored
    /// @param bounds raw bits of ascending doubles
    /// @param counts one more than bounds, or none of both; the arrays belong to the value then
    public HistogramValue(
            long count,
            byte has,
            double sum,
            double min,
            double max,
            long[] bounds,
            long[] counts) {
        if (counts.length != bounds.length + 1 && !(counts.length == 0 && bounds.length == 0)) {
            throw new IllegalArgumentException(
                    bounds.length + " bounds do not go with " + counts.length + " counts");
        }
        this.count = count;
        this.has = has;
        this.sum = (has & Histograms.HAS_SUM) != 0 ? sum : 0;
        this.min = (has & Histograms.HAS_MIN) != 0 ? min : 0;
        this.max = (has & Histograms.HAS_MAX) != 0 ? max : 0;
        this.bounds = bounds;
        this.counts = counts;
    }

    static HistogramValue at(Histograms points, int row) {
        return new HistogramValue(
                points.count[row],
                points.has[row],
                points.sum[row],
                points.min[row],
                points.max[row],
                points.bounds.row(row),
                points.counts.row(row));
    }

    /// Number of measurements, unsigned.
    public long count() {
        return count;
    }

    /// Whether it has a sum.
    public boolean hasSum() {
        return (has & Histograms.HAS_SUM) != 0;
    }

    /// Their sum, 0 if it has none.
    public double sum() {
        return sum;
    }

    /// Bits of [Histograms].
    public byte has() {
        return has;
    }

    /// Whether both have the same buckets.
    public boolean sameBounds(HistogramValue other) {
        return counts.length == other.counts.length && Arrays.equals(bounds, other.bounds);
    }

    /// The same with another sum, or none.
    public HistogramValue withSum(boolean present, double newSum) {
        int bits = present ? has | Histograms.HAS_SUM : has & ~Histograms.HAS_SUM;
        return new HistogramValue(count, (byte) bits, newSum, min, max, bounds, counts);
    }

    /// The same without minimum and maximum, which have no meaning for what was subtracted.
    public HistogramValue withoutExtremes() {
        byte bits = (byte) (has & Histograms.HAS_SUM);
        return new HistogramValue(count, bits, sum, 0, 0, bounds, counts);
    }

    @Override
    public HistogramValue plus(PointValue to) {
        HistogramValue other = (HistogramValue) to;
        if (other.count == 0 && count != 0) {
            return this;
        }
        if (count == 0 && other.count != 0) {
            return other;
        }
        long[] common = common(other);
        boolean buckets = counts.length > 0 && other.counts.length > 0;
        long[] merged = NONE;
        if (buckets) {
            merged = on(common);
            long[] others = other.on(common);
            for (int i = 0; i < merged.length; i++) {
                merged[i] += others[i];
            }
        }
        return new HistogramValue(
                count + other.count,
                (byte) (has & other.has),
                sum + other.sum,
                Math.min(min, other.min),
                Math.max(max, other.max),
                buckets ? common : NONE,
                merged);
    }

    @Override
    public @Nullable HistogramValue minus(PointValue before) {
        HistogramValue from = (HistogramValue) before;
        if (Long.compareUnsigned(count, from.count) < 0) {
            return null;
        }
        long[] common = common(from);
        boolean buckets = counts.length > 0 && from.counts.length > 0;
        long[] left = NONE;
        if (buckets) {
            left = on(common);
            long[] others = from.on(common);
            for (int i = 0; i < left.length; i++) {
                if (Long.compareUnsigned(left[i], others[i]) < 0) {
                    return null;
                }
                left[i] -= others[i];
            }
        }
        return new HistogramValue(
                count - from.count,
                (byte) (has & from.has & Histograms.HAS_SUM),
                sum - from.sum,
                0,
                0,
                buckets ? common : NONE,
                left);
    }

    /// How many measurements are at most `threshold`, in the metric's unit. Minimum and maximum, if
    /// it has them, narrow the bucket around the threshold.
    public EventBounds atMost(double threshold) {
        boolean allBelow = (has & Histograms.HAS_MAX) != 0 && max <= threshold;
        boolean allAbove = (has & Histograms.HAS_MIN) != 0 && min > threshold;
        if (allBelow || allAbove) {
            return EventBounds.exact(allBelow ? count : 0);
        }
        if (counts.length == 0) {
            return EventBounds.within(
                    0, count, 0.5, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
        }
        long sure = 0;
        int at = 0;
        while (at < bounds.length && Double.longBitsToDouble(bounds[at]) <= threshold) {
            sure += counts[at];
            at++;
        }
        double below = at == 0 ? Double.NEGATIVE_INFINITY : Double.longBitsToDouble(bounds[at - 1]);
        if (below == threshold) {
            return EventBounds.exact(sure);
        }
        double above =
                at == bounds.length
                        ? Double.POSITIVE_INFINITY
                        : Double.longBitsToDouble(bounds[at]);
        double from = at == 0 && above > 0 ? Math.min(0, threshold) : below;
        double share =
                Double.isInfinite(above) || Double.isInfinite(from)
                        ? 0
                        : (threshold - from) / (above - from);
        return EventBounds.within(sure, counts[at], share, below, above);
    }

    /// The bounds that both have. Both zeros are one bound, the positive one if they differ.
    private long[] common(HistogramValue other) {
        if (Arrays.equals(bounds, other.bounds)) {
            return bounds;
        }
        long[] common = new long[Math.min(bounds.length, other.bounds.length)];
        int size = 0;
        int at = 0;
        for (long bits : bounds) {
            double bound = Double.longBitsToDouble(bits);
            while (at < other.bounds.length && Double.longBitsToDouble(other.bounds[at]) < bound) {
                at++;
            }
            if (at < other.bounds.length && Double.longBitsToDouble(other.bounds[at]) == bound) {
                common[size++] = bits == other.bounds[at] ? bits : 0;
            }
        }
        return Arrays.copyOf(common, size);
    }

    /// A copy of the counts by fewer bounds.
    private long[] on(long[] fewer) {
        long[] result = new long[fewer.length + 1];
        int to = 0;
        for (int i = 0; i < counts.length; i++) {
            result[to] += counts[i];
            boolean ends =
                    to < fewer.length
                            && i < bounds.length
                            && Double.longBitsToDouble(bounds[i])
                                    == Double.longBitsToDouble(fewer[to]);
            if (ends) {
                to++;
            }
        }
        return result;
    }

    @Override
    public int addTo(Batch batch, Series series, long time, long start, int flags) {
        for (long bound : bounds) {
            batch.histograms.bounds.push(bound);
        }
        for (long one : counts) {
            batch.histograms.counts.push(one);
        }
        return batch.histograms.add(series, time, start, flags, count, has, sum, min, max);
    }

    @Override
    public void write(ByteWriter out) {
        out.u8(SHAPE).varint(count).u8(has).f64(sum).f64(min).f64(max);
        out.varint(counts.length);
        for (long one : counts) {
            out.varint(one);
        }
        for (long bound : bounds) {
            out.i64(bound);
        }
    }

    static HistogramValue readFields(ByteReader in) {
        long count = in.varint();
        byte has = (byte) in.u8();
        double sum = in.f64();
        double min = in.f64();
        double max = in.f64();
        long[] counts = longs(in);
        int size = Math.max(0, counts.length - 1);
        if (size > in.remaining() / Long.BYTES) {
            throw new Malformed(size + " bounds exceed what is left");
        }
        long[] bounds = new long[size];
        for (int i = 0; i < size; i++) {
            bounds[i] = in.i64();
        }
        return new HistogramValue(count, has, sum, min, max, bounds, counts);
    }

    static long[] longs(ByteReader in) {
        long[] values = new long[in.count()];
        for (int i = 0; i < values.length; i++) {
            values[i] = in.varint();
        }
        return values;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof HistogramValue that
                && count == that.count
                && has == that.has
                && Double.compare(sum, that.sum) == 0
                && Double.compare(min, that.min) == 0
                && Double.compare(max, that.max) == 0
                && Arrays.equals(bounds, that.bounds)
                && Arrays.equals(counts, that.counts);
    }

    @Override
    public int hashCode() {
        return Objects.hash(count, has, Arrays.hashCode(counts));
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
                + " bounds="
                + Arrays.toString(
                        Arrays.stream(bounds).mapToDouble(Double::longBitsToDouble).toArray())
                + " counts="
                + Arrays.toString(counts);
    }
}
