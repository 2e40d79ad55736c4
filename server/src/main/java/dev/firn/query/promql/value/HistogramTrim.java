package dev.firn.query.promql.value;

import java.util.Arrays;

/// The operators `</` and `>/`: a histogram without its observations above or below a value. A
/// bucket that the value cuts keeps a share, found by interpolation; sum and count are estimated
/// anew from what is left.
public final class HistogramTrim {
    private final NativeHistogram of;
    private final double at;
    private final boolean upper;
    private double count;
    private double sum;
    private boolean trimmed;

    private HistogramTrim(NativeHistogram of, double at, boolean upper) {
        this.of = of;
        this.at = at;
        this.upper = upper;
    }

    /// `upper` keeps what is below `at`, otherwise what is above it.
    public static NativeHistogram trim(NativeHistogram of, double at, boolean upper) {
        return new HistogramTrim(of, at, upper).trim();
    }

    private NativeHistogram trim() {
        Buckets positive = side(of.positive(), true);
        Buckets negative = side(of.negative(), false);
        double zero = of.zeroCount();
        if (zero > 0) {
            zero = zeroBucket();
        }
        if (!trimmed) {
            return of;
        }
        return new NativeHistogram(
                        of.schema(),
                        of.zeroThreshold(),
                        zero,
                        count,
                        sum,
                        positive,
                        negative,
                        of.bounds(),
                        of.hint())
                .compact();
    }

    private Buckets side(Buckets buckets, boolean positive) {
        double[] kept = buckets.count().clone();
        for (int i = 0; i < kept.length; i++) {
            Bucket bucket = positive ? of.positiveBucket(i) : of.negativeBucket(i);
            if (bucket.count() == 0) {
                continue;
            }
            boolean whole = upper ? bucket.upper() <= at : bucket.lower() >= at;
            boolean cut = upper ? bucket.lower() < at : bucket.upper() > at;
            if (whole) {
                keep(bucket.count(), midpoint(bucket.lower(), bucket.upper(), positive));
            } else if (cut) {
                kept[i] = cut(bucket, positive);
                trimmed |= kept[i] != bucket.count();
            } else {
                kept[i] = 0;
                trimmed = true;
            }
        }
        return new Buckets(buckets.index(), kept);
    }

    private void keep(double kept, double midpoint) {
        count += kept;
        sum += midpoint * kept;
    }

    private double cut(Bucket bucket, boolean positive) {
        if (Double.isInfinite(bucket.lower()) || Double.isInfinite(bucket.upper())) {
            return cutInfinite(bucket);
        }
        double below = bucket.count() * bucket.fractionBelow(at, of.isCustom());
        double kept = upper ? below : bucket.count() - below;
        double midpoint =
                upper
                        ? midpoint(bucket.lower(), at, positive)
                        : midpoint(at, bucket.upper(), positive);
        keep(kept, midpoint);
        return kept;
    }

    /// A bucket without a lower bound is taken to begin at zero if it ends above; otherwise nothing
    /// can be interpolated.
    private double cutInfinite(Bucket bucket) {
        double end = bucket.upper();
        double kept;
        double midpoint;
        if (bucket.lower() == Double.NEGATIVE_INFINITY) {
            boolean finite = end > 0 && !Double.isInfinite(end);
            if (upper && at > 0 && finite) {
                kept = bucket.count() * at / end;
                midpoint = at / 2;
            } else if (upper && end <= 0) {
                kept = bucket.count();
                midpoint = at;
            } else if (!upper && at >= 0 && finite) {
                kept = bucket.count() * (1 - at / end);
                midpoint = (at + end) / 2;
            } else {
                kept = 0;
                midpoint = 0;
            }
        } else if (!upper && at >= bucket.lower()) {
            kept = bucket.count();
            midpoint = at;
        } else {
            kept = 0;
            midpoint = 0;
        }
        keep(kept, midpoint);
        return kept;
    }

    private double zeroBucket() {
        boolean anyPositive = Arrays.stream(of.positive().count()).anyMatch(each -> each != 0);
        boolean anyNegative = Arrays.stream(of.negative().count()).anyMatch(each -> each != 0);
        double lower = anyPositive && !anyNegative ? 0 : -of.zeroThreshold();
        double end = anyNegative && !anyPositive ? 0 : of.zeroThreshold();
        double kept = of.zeroCount();
        double midpoint = (lower + end) / 2;
        if (upper ? at <= lower : at >= end && at > lower) {
            kept = 0;
        } else if (upper ? at < end : at > lower) {
            double share = upper ? (at - lower) / (end - lower) : (end - at) / (end - lower);
            kept *= share;
            midpoint = upper ? (lower + at) / 2 : (at + end) / 2;
        }
        trimmed |= kept != of.zeroCount();
        keep(kept, midpoint);
        return kept;
    }

    private double midpoint(double lower, double end, boolean positive) {
        if (Double.isInfinite(lower)) {
            if (Double.isInfinite(end)) {
                return 0;
            }
            return end > 0 ? end / 2 : end;
        }
        if (Double.isInfinite(end)) {
            return lower;
        }
        if (of.isCustom()) {
            return (lower + end) / 2;
        }
        double geometric = Math.sqrt(Math.abs(lower * end));
        return positive ? geometric : -geometric;
    }
}
