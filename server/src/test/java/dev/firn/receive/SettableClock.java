package dev.firn.receive;

import dev.firn.base.Clock;
import java.time.Duration;

/// A clock that moves when told to.
final class SettableClock implements Clock {
    private long nanos;
    private long ticks;

    SettableClock(long nanos) {
        this.nanos = nanos;
    }

    void advance(Duration by) {
        nanos += by.toNanos();
        ticks += by.toNanos();
    }

    @Override
    public long nanos() {
        return nanos;
    }

    @Override
    public long ticks() {
        return ticks;
    }
}
