package dev.firn.process;

import dev.firn.base.OwnMetrics;
import io.prometheus.metrics.core.metrics.Counter;

/// What processors count. Once a process.
final class ProcessMetrics {
    final Counter errors;
    final Counter filtered;
    final Counter accepted;
    final Counter acceptedBefore;
    final Counter refused;
    final Counter refusedBefore;
    final Counter collections;

    ProcessMetrics(OwnMetrics metrics) {
        errors =
                metrics.counter(
                        "firn_process_errors",
                        "Statements and conditions that failed: where they look at identity only,"
                                + " once for each series, else for each point.",
                        "processor");
        filtered =
                metrics.counter(
                        "otelcol_processor_filter_datapoints_filtered",
                        "Points dropped by a filter processor.",
                        "filter");
        accepted =
                metrics.counter(
                        "otelcol_processor_memory_limiter_accepted_metric_points",
                        "Points that a memory limiter let pass.",
                        "processor");
        acceptedBefore =
                metrics.counter(
                        "otelcol_processor_accepted_metric_points",
                        "The same under the name of older Collectors.",
                        "processor");
        refused =
                metrics.counter(
                        "otelcol_processor_memory_limiter_refused_metric_points",
                        "Points refused by a memory limiter; their senders try again.",
                        "processor");
        refusedBefore =
                metrics.counter(
                        "otelcol_processor_refused_metric_points",
                        "The same under the name of older Collectors.",
                        "processor");
        collections =
                metrics.counter(
                        "firn_process_forced_collections",
                        "Garbage collections that a memory limiter asked for.",
                        "processor");
    }
}
