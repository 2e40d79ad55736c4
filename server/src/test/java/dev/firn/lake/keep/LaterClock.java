package dev.firn.lake.keep;

import dev.firn.base.Clock;
import java.time.Duration;

/// The machine's clock, set forward: what was just written is old.
record LaterClock(Duration ahead) implements Clock {
    @Override
    public long nanos() {
        return Clock.system().nanos() + ahead.toNanos();
    }

    @Override
    public long ticks() {
        return Clock.system().ticks();
    }
}
