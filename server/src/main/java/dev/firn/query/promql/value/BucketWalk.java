package dev.firn.query.promql.value;

import org.jspecify.annotations.Nullable;

/// Walks all buckets of a histogram: negative, zero and positive ones, upwards or downwards.
/// Buckets that reach into the zero bucket are cut at its border.
public final class BucketWalk {
    private final NativeHistogram of;
    private final boolean upwards;
    private int at;
    private @Nullable Bucket bucket;

    BucketWalk(NativeHistogram of, boolean upwards) {
        this.of = of;
        this.upwards = upwards;
    }

    /// Steps on; false at the end, where the last bucket stays.
    public boolean next() {
        int negative = of.negative().size();
        int zero = of.zeroCount() > 0 ? 1 : 0;
        int total = negative + zero + of.positive().size();
        if (at >= total) {
            return false;
        }
        int i = upwards ? at : total - 1 - at;
        at++;
        if (i < negative) {
            bucket = cut(of.negativeBucket(negative - 1 - i));
        } else if (i < negative + zero) {
            bucket = of.zeroBucket();
        } else {
            bucket = cut(of.positiveBucket(i - negative - zero));
        }
        return true;
    }

    private Bucket cut(Bucket whole) {
        double threshold = of.zeroThreshold();
        if (whole.upper() < 0 && whole.upper() > -threshold) {
            return whole.bounded(whole.lower(), -threshold);
        }
        if (whole.lower() > 0 && whole.lower() < threshold) {
            return whole.bounded(threshold, whole.upper());
        }
        return whole;
    }

    /// Where it stands; an empty bucket at zero if there is none at all.
    public Bucket bucket() {
        return bucket == null ? new Bucket(0, 0, false, false, 0) : bucket;
    }
}
