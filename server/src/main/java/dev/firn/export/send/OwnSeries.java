package dev.firn.export.send;

import dev.firn.base.Clock;
import dev.firn.model.Series;
import dev.firn.model.SeriesRegistry;
import java.util.concurrent.ConcurrentHashMap;

/// The pipeline's series as those of the queue's log: a log keeps its notes in them, so two logs
/// share none. Thread-safe.
final class OwnSeries {
    private static final long IDLE_SECONDS = 3_600;
    private static final long SWEEP_NANOS = 60_000_000_000L;

    private final SeriesRegistry registry;
    private final Clock clock;
    private final ConcurrentHashMap<Series, Series> known = new ConcurrentHashMap<>();
    private long sweptTicks;

    OwnSeries(SeriesRegistry registry, Clock clock) {
        this.registry = registry;
        this.clock = clock;
        this.sweptTicks = clock.ticks();
    }

    Series of(Series series) {
        Series own = known.get(series);
        if (own == null || own.evicted) {
            own = registry.intern(series.metric(), series.attributes());
            known.put(series, own);
        }
        return own;
    }

    /// Forgets idle ones, once a minute; called by one thread.
    void sweep() {
        if (clock.ticks() - sweptTicks < SWEEP_NANOS) {
            return;
        }
        sweptTicks = clock.ticks();
        registry.evictIdle(IDLE_SECONDS);
        known.entrySet().removeIf(one -> one.getKey().evicted || one.getValue().evicted);
    }
}
