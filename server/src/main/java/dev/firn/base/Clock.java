package dev.firn.base;

/// Time as an object, so that tests advance it instead of sleeping.
public interface Clock {
    /// Wall time in nanoseconds since 1970-01-01T00:00:00Z.
    long nanos();

    /// Monotonic time in nanoseconds with an arbitrary origin, for durations only.
    long ticks();

    /// Wall time in milliseconds since 1970-01-01T00:00:00Z.
    default long millis() {
        return nanos() / 1_000_000;
    }

    /// The machine's clock.
    static Clock system() {
        return SystemClock.INSTANCE;
    }

    /// The machine's clock; one is enough.
    enum SystemClock implements Clock {
        INSTANCE;

        @Override
        public long nanos() {
            var now = java.time.Instant.now();
            return now.getEpochSecond() * 1_000_000_000L + now.getNano();
        }

        @Override
        public long ticks() {
            return System.nanoTime();
        }
    }
}
