package dev.firn.query.promql.eval;

import dev.firn.query.promql.value.Bucket;
import dev.firn.query.promql.value.BucketWalk;
import dev.firn.query.promql.value.NativeHistogram;

/// The fraction of observations between two values.
final class Fractions {
    private Fractions() {}

    /// The number of observations below one border, found while buckets go by in ascending order.
    private static final class Rank {
        private final double border;
        private double rank;
        private boolean isSet;

        Rank(double border) {
            this.border = border;
        }

        /// `below`: what was counted before the bucket; `inside`: what the bucket adds up to there.
        boolean offer(double lower, double upper, double below, double inside) {
            if (!isSet && lower >= border) {
                set(below);
            } else if (!isSet && upper > border) {
                set(inside);
            }
            return isSet;
        }

        private void set(double value) {
            rank = value;
            isSet = true;
        }

        double within(double count) {
            return !isSet || rank > count ? count : rank;
        }
    }

    /// Of a native histogram.
    static double of(double lower, double upper, NativeHistogram histogram, Runnable nans) {
        if (histogram.count() == 0 || Double.isNaN(lower) || Double.isNaN(upper)) {
            return Double.NaN;
        }
        if (lower >= upper) {
            return 0;
        }
        var low = new Rank(lower);
        var high = new Rank(upper);
        double rank = 0;
        double count = 0;
        BucketWalk walk = histogram.upwards();
        while (walk.next()) {
            Bucket bucket = walk.bucket();
            count += bucket.count();
            boolean zero = bucket.lower() <= 0 && bucket.upper() >= 0;
            Bucket cut = zero ? narrowed(bucket, histogram) : bucket;
            boolean linear = histogram.isCustom() || zero;
            boolean done =
                    low.offer(cut.lower(), cut.upper(), rank, inside(cut, rank, lower, linear))
                            & high.offer(
                                    cut.lower(),
                                    cut.upper(),
                                    rank,
                                    inside(cut, rank, upper, linear));
            if (done) {
                break;
            }
            rank += bucket.count();
        }
        if (Double.isNaN(histogram.sum())) {
            while (walk.next()) {
                count += walk.bucket().count();
            }
            if (count < histogram.count()) {
                nans.run();
            }
        } else {
            count = histogram.count();
        }
        return (high.within(count) - low.within(count)) / histogram.count();
    }

    private static double inside(Bucket bucket, double rank, double border, boolean linear) {
        if (linear && bucket.lower() == Double.NEGATIVE_INFINITY) {
            return bucket.count();
        }
        return rank + bucket.count() * bucket.fractionBelow(border, linear);
    }

    private static Bucket narrowed(Bucket bucket, NativeHistogram histogram) {
        boolean negative = histogram.negative().index().length > 0;
        boolean positive = histogram.positive().index().length > 0;
        double lower = !negative && positive ? 0 : bucket.lower();
        double upper = !positive && negative ? 0 : bucket.upper();
        return new Bucket(lower, upper, true, true, bucket.count());
    }

    /// Of a classic histogram with cumulative counts, repaired and sorted.
    static double of(double lower, double upper, ClassicBuckets buckets) {
        if (!buckets.endsInfinite()) {
            return Double.NaN;
        }
        int n = buckets.size();
        double count = buckets.count(n - 1);
        if (count == 0 || Double.isNaN(lower) || Double.isNaN(upper)) {
            return Double.NaN;
        }
        if (lower >= upper) {
            return 0;
        }
        var low = new Rank(lower);
        var high = new Rank(upper);
        double rank = 0;
        double start = buckets.bound(0) <= 0 ? Double.NEGATIVE_INFINITY : 0;
        for (int i = 0; i < n; i++) {
            double end = buckets.bound(i);
            double total = buckets.count(i);
            boolean done =
                    low.offer(start, end, rank, inside(start, end, rank, total, lower))
                            & high.offer(start, end, rank, inside(start, end, rank, total, upper));
            if (done) {
                break;
            }
            rank = total;
            start = end;
        }
        return (high.within(count) - low.within(count)) / count;
    }

    private static double inside(
            double start, double end, double rank, double total, double border) {
        return start == Double.NEGATIVE_INFINITY
                ? total
                : rank + (total - rank) * (border - start) / (end - start);
    }
}
