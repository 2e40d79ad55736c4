package dev.firn.engine.child;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/// How long readers' statements took, in buckets. Thread-safe.
final class QueryTimes {
    /// Upper bounds, seconds; one more bucket is without a bound.
    static final double[] BOUNDS = {
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60
    };

    private final AtomicLongArray counts = new AtomicLongArray(BOUNDS.length + 1);
    private final LongAdder nanos = new LongAdder();

    void add(long elapsedNanos) {
        double seconds = elapsedNanos / 1e9;
        int bucket = 0;
        while (bucket < BOUNDS.length && seconds > BOUNDS[bucket]) {
            bucket++;
        }
        counts.incrementAndGet(bucket);
        nanos.add(elapsedNanos);
    }

    /// Of each bucket, not cumulative.
    long[] counts() {
        long[] all = new long[counts.length()];
        for (int i = 0; i < all.length; i++) {
            all[i] = counts.get(i);
        }
        return all;
    }

    double seconds() {
        return nanos.sum() / 1e9;
    }
}
