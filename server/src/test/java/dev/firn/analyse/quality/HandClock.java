package dev.firn.analyse.quality;

import dev.firn.base.Clock;

/// A clock whose time stands until it is set; its ticks are real.
final class HandClock implements Clock {
    private volatile long nanos;

    void set(long to) {
        nanos = to;
    }

    @Override
    public long nanos() {
        return nanos;
    }

    @Override
    public long ticks() {
        return System.nanoTime();
    }
}
