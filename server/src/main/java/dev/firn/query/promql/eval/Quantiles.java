package dev.firn.query.promql.eval;

import dev.firn.query.promql.value.Bucket;
import dev.firn.query.promql.value.BucketWalk;
import dev.firn.query.promql.value.NativeHistogram;
import java.util.Arrays;

/// Quantiles of numbers and of native histograms.
final class Quantiles {
    private Quantiles() {}

    /// Of numbers, interpolated between neighbours; NaN counts as the smallest. Sorts the array.
    static double of(double q, double[] values) {
        if (values.length == 0 || Double.isNaN(q)) {
            return Double.NaN;
        }
        if (q < 0 || q > 1) {
            return outside(q);
        }
        Arrays.sort(values);
        int nans = values.length;
        while (nans > 0 && Double.isNaN(values[nans - 1])) {
            nans--;
        }
        int n = values.length;
        double rank = q * (n - 1);
        int lower = (int) Math.max(0, Math.floor(rank));
        int upper = Math.min(n - 1, lower + 1);
        double weight = rank - Math.floor(rank);
        return weight == 0 // else an infinite neighbour would make it NaN
                ? at(values, nans, lower)
                : at(values, nans, lower) * (1 - weight) + at(values, nans, upper) * weight;
    }

    /// NaNs are sorted last by Java and count as first.
    private static double at(double[] values, int numbers, int i) {
        int nans = values.length - numbers;
        return i < nans ? Double.NaN : values[i - nans];
    }

    private static double outside(double q) {
        return q < 0 ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    }

    /// Of a native histogram: linear in custom and zero buckets, exponential in the others.
    static double of(double q, NativeHistogram histogram, Runnable nanResult, Runnable nanSkew) {
        if (q < 0 || q > 1) {
            return outside(q);
        }
        if (histogram.count() == 0 || Double.isNaN(q)) {
            return Double.NaN;
        }
        boolean nans = Double.isNaN(histogram.sum());
        boolean upwards = nans || q < 0.5;
        BucketWalk walk = upwards ? histogram.upwards() : histogram.downwards();
        double rank = (upwards ? q : 1 - q) * histogram.count();
        double count = 0;
        while (walk.next()) {
            count += walk.bucket().count();
            if (walk.bucket().count() != 0 && count >= rank) {
                break;
            }
        }
        Bucket bucket = narrowed(walk.bucket(), histogram);
        if (histogram.isCustom()) {
            if (walk.bucket().lower() == Double.NEGATIVE_INFINITY && bucket.upper() <= 0) {
                return bucket.upper();
            }
            if (walk.bucket().lower() != Double.NEGATIVE_INFINITY
                    && bucket.upper() == Double.POSITIVE_INFINITY) {
                return bucket.lower();
            }
        }
        count = Math.min(count, histogram.count());
        if (count < rank) {
            if (nans) {
                nanResult.run();
                return Double.NaN;
            }
            return bucket.upper();
        }
        rank = upwards ? rank - (count - bucket.count()) : count - rank;
        if (nans && isSkewed(walk, count, histogram)) {
            nanSkew.run();
        }
        return interpolate(bucket, rank / bucket.count(), histogram.isCustom());
    }

    /// Observations of NaN are in the count and in no bucket.
    private static boolean isSkewed(BucketWalk walk, double seen, NativeHistogram histogram) {
        double count = seen;
        while (walk.next()) {
            count += walk.bucket().count();
        }
        return count < histogram.count();
    }

    /// A bucket around zero ends at zero on the side where nothing was observed.
    private static Bucket narrowed(Bucket bucket, NativeHistogram histogram) {
        double lower = bucket.lower();
        double upper = bucket.upper();
        boolean negative = histogram.negative().index().length > 0;
        boolean positive = histogram.positive().index().length > 0;
        if (histogram.isCustom()) {
            if (lower == Double.NEGATIVE_INFINITY && upper > 0) {
                lower = 0;
            }
        } else if (lower < 0 && upper > 0) {
            if (!negative && positive) {
                lower = 0;
            } else if (!positive && negative) {
                upper = 0;
            }
        }
        return new Bucket(
                lower, upper, bucket.lowerInclusive(), bucket.upperInclusive(), bucket.count());
    }

    private static double interpolate(Bucket bucket, double fraction, boolean custom) {
        double lower = bucket.lower();
        double upper = bucket.upper();
        if (custom || (lower <= 0 && upper >= 0)) {
            return lower + (upper - lower) * fraction;
        }
        double logLower = Bucket.log2(Math.abs(lower));
        double logUpper = Bucket.log2(Math.abs(upper));
        return lower > 0
                ? Math.pow(2, logLower + (logUpper - logLower) * fraction)
                : -Math.pow(2, logUpper + (logLower - logUpper) * (1 - fraction));
    }
}
