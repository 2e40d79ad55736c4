package dev.firn.engine;

import dev.firn.base.Clock;

/// Time that stands until it is advanced.
final class TestClock implements Clock {
    private long nanos;

    TestClock(long nanos) {
        this.nanos = nanos;
    }

    void advance(long by) {
        nanos += by;
    }

    @Override
    public long nanos() {
        return nanos;
    }

    @Override
    public long ticks() {
        return nanos;
    }
}
