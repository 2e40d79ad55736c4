package dev.firn.process;

import dev.firn.base.Clock;
import dev.firn.model.Intake;
import dev.firn.model.Series;
import dev.firn.model.SeriesRegistry;
import dev.firn.process.identity.Interner;

/// What all stages of all pipelines share.
final class Workshop {
    private static final int RETRY_SECONDS = 30;

    final SeriesRegistry registry;
    final Interner interner;
    private final Clock clock;

    Workshop(SeriesRegistry registry, Clock clock) {
        this.registry = registry;
        this.clock = clock;
        this.interner = new Interner(registry);
    }

    long nowSeconds() {
        return clock.nanos() / 1_000_000_000L;
    }

    /// Keeps a series from being forgotten as idle.
    static void touch(Series series, long nowSeconds) {
        if (series.lastUsedSeconds != nowSeconds) {
            series.lastUsedSeconds = nowSeconds;
        }
    }

    /// `error_mode: propagate`: the sender is told to try again, as a Collector tells it.
    static Intake.Overloaded refusal(String failure) {
        return new Intake.Overloaded(
                Intake.Overloaded.Cause.UNAVAILABLE, RETRY_SECONDS, "not processed: " + failure);
    }
}
