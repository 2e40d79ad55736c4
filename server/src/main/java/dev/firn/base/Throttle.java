package dev.firn.base;

/// Lets one message of a call site through per period and counts those that it dropped.
public final class Throttle {
    private final Clock clock;
    private final long periodNanos;
    private long next = Long.MIN_VALUE;
    private long dropped;

    /// One message every `periodSeconds`.
    public Throttle(Clock clock, long periodSeconds) {
        this.clock = clock;
        this.periodNanos = periodSeconds * 1_000_000_000L;
    }

    /// -1: stay silent; otherwise speak, and say that this many were dropped since the last time.
    public synchronized long permit() {
        long now = clock.ticks();
        if (next != Long.MIN_VALUE && now - next < 0) {
            dropped++;
            return -1;
        }
        next = now + periodNanos;
        long result = dropped;
        dropped = 0;
        return result;
    }
}
