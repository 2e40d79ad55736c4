package dev.firn.process.state;

import dev.firn.model.Metric;
import dev.firn.model.Series;
import dev.firn.model.SeriesRegistry;
import dev.firn.model.Temporality;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/// Under which series a converted point goes on, found once for each series. Thread-safe.
final class SeriesTargets {
    private final SeriesRegistry registry;
    private final Predicate<Metric> converts;
    private final Temporality temporality;
    private final ConcurrentHashMap<Series, Optional<Series>> targets = new ConcurrentHashMap<>();
    private volatile int purgeAt = 1 << 12;

    /// @param converts which metrics are converted
    /// @param temporality that they have then
    SeriesTargets(SeriesRegistry registry, Predicate<Metric> converts, Temporality temporality) {
        this.registry = registry;
        this.converts = converts;
        this.temporality = temporality;
    }

    /// The series after conversion; empty if it is not converted.
    Optional<Series> of(Series series) {
        Optional<Series> known = targets.get(series);
        if (known == null || known.isPresent() && known.get().evicted) {
            known = find(series);
            targets.put(series, known);
            if (targets.size() > purgeAt) {
                targets.keySet().removeIf(one -> one.evicted);
                purgeAt = Math.max(1 << 12, 2 * targets.size());
            }
        }
        if (known.isPresent()) {
            touch(series); // the log sees the target only, and so would let this one be evicted
        }
        return known;
    }

    private void touch(Series series) {
        long seconds = registry.nowSeconds();
        if (series.lastUsedSeconds != seconds) {
            series.lastUsedSeconds = seconds;
        }
    }

    private Optional<Series> find(Series series) {
        Metric metric = series.metric();
        if (!converts.test(metric)) {
            return Optional.empty();
        }
        var converted =
                new Metric(
                        metric.resource(),
                        metric.scope(),
                        metric.name(),
                        metric.unit(),
                        metric.type(),
                        temporality,
                        metric.monotonic(),
                        metric.description(),
                        metric.metadata());
        return Optional.of(registry.intern(converted, series.attributes()));
    }
}
