package dev.firn.wal;

import dev.firn.base.Clock;
import java.util.concurrent.atomic.AtomicLong;

/// A clock that moves when told to.
final class ManualClock implements Clock {
    private final AtomicLong now = new AtomicLong(1_800_000_000_000_000_000L);

    void advanceMillis(long millis) {
        now.addAndGet(millis * 1_000_000L);
    }

    @Override
    public long nanos() {
        return now.get();
    }

    @Override
    public long ticks() {
        return now.get() - 1_700_000_000_000_000_000L;
    }
}
