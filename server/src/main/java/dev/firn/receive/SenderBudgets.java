package dev.firn.receive;

import dev.firn.base.Clock;
import java.util.LinkedHashMap;
import java.util.Map;

/// How many new series each sender may still bring: a bucket that fills within a minute. Only asked
/// on a series' first sight. Of more senders than `sendersMax` the one unheard of longest is
/// forgotten.
final class SenderBudgets {
    private static final class Bucket {
        private double left;
        private long filledAt;
    }

    private final Clock clock;
    private final int perMinute;
    private final LinkedHashMap<String, Bucket> buckets;

    SenderBudgets(Clock clock, int perMinute, int sendersMax) {
        this.clock = clock;
        this.perMinute = perMinute;
        this.buckets =
                new LinkedHashMap<>(16, 0.75f, true) {
                    private static final long serialVersionUID = 1;

                    @Override
                    protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
                        return size() > sendersMax;
                    }
                };
    }

    /// Takes one new series from the sender's budget, if there is one left.
    synchronized boolean take(String sender) {
        long now = clock.ticks();
        Bucket bucket =
                buckets.computeIfAbsent(
                        sender,
                        name -> {
                            var fresh = new Bucket();
                            fresh.left = perMinute;
                            fresh.filledAt = now;
                            return fresh;
                        });
        double minutes = (now - bucket.filledAt) / 60e9;
        bucket.left = Math.min(perMinute, bucket.left + minutes * perMinute);
        bucket.filledAt = now;
        if (bucket.left < 1) {
            return false;
        }
        bucket.left--;
        return true;
    }
}
