package dev.firn.engine;

import dev.firn.base.OwnMetrics;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import java.util.function.DoubleSupplier;

/// The sink's own metrics.
final class SinkMetrics {
    private static final double[] INSERT_BOUNDS = {
        0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30
    };

    final Counter rows;
    final Counter collisions;
    final Counter pastTtl;
    final Counter quarantined;
    final Counter failures;
    final Histogram insertSeconds;
    final Gauge stopped;
    final Gauge missing;

    SinkMetrics(OwnMetrics metrics, DoubleSupplier lagSeconds, DoubleSupplier knownSeries) {
        rows =
                metrics.counter(
                        "firn_engine_rows_inserted",
                        "Rows that the engine has stored, by table.",
                        "table");
        for (Table table : Table.values()) {
            rows.labelValues(table.label()).inc(0);
        }
        rows.labelValues("series").inc(0);
        collisions =
                metrics.counter(
                        "firn_engine_series_collisions",
                        "Points kept out of the engine because another series has their series_id.");
        pastTtl =
                metrics.counter(
                        "firn_engine_points_past_ttl",
                        "Points kept out of the engine because they expire within two days.");
        quarantined =
                metrics.counter(
                        "firn_engine_cuts_quarantined", "Cuts that the engine refused for good.");
        failures =
                metrics.counter(
                        "firn_engine_sink_failures",
                        "Rounds of the engine sink that failed and are repeated.");
        insertSeconds =
                metrics.histogram(
                        "firn_engine_insert_seconds",
                        "Time that an insert of one block takes.",
                        INSERT_BOUNDS);
        stopped =
                metrics.gauge(
                        "firn_engine_sink_stopped",
                        "1 if the engine sink has stopped because rows and log contradict.");
        stopped.set(0);
        missing =
                metrics.gauge(
                        "firn_engine_cuts_missing",
                        "Cuts that the engine lacks because the log no longer had them.");
        missing.set(0);
        metrics.gauge(
                "firn_engine_lag_seconds",
                "How long the oldest cut that is not in the engine has been waiting.",
                lagSeconds);
        metrics.gauge(
                "firn_engine_series_known",
                "Series of which the engine sink knows that the engine has them.",
                knownSeries);
    }
}
