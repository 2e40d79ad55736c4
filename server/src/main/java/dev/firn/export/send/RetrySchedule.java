package dev.firn.export.send;

import dev.firn.config.RetryConfig;
import java.util.random.RandomGenerator;

/// The waits between the attempts of one request: they grow up to a limit, and each is drawn from
/// around its interval, so that many clients do not come back at once.
final class RetrySchedule {
    private final RetryConfig config;
    private final RandomGenerator random;
    private double interval;

    RetrySchedule(RetryConfig config, RandomGenerator random) {
        this.config = config;
        this.random = random;
        this.interval = config.initialIntervalNanos();
    }

    /// The next wait in nanoseconds.
    long next() {
        double spread = config.randomization() * interval;
        double wait = interval - spread + 2 * spread * random.nextDouble();
        interval = Math.min(interval * config.multiplier(), (double) config.maxIntervalNanos());
        return Math.max(0, (long) wait);
    }
}
