package dev.firn.export.send;

import dev.firn.base.OwnMetrics;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.GaugeDataPoint;

/// What one exporter tells about itself; the Collector's names where they mean the same.
public final class SendMetrics {
    final CounterDataPoint sent;
    final CounterDataPoint failed;
    final CounterDataPoint notQueued;
    final CounterDataPoint delivered;
    final CounterDataPoint retried;
    final CounterDataPoint refused;
    final CounterDataPoint gaveUp;
    final GaugeDataPoint queueSize;
    final GaugeDataPoint queueCapacity;

    /// Exporters share the metrics and differ by their label.
    public SendMetrics(String exporter, OwnMetrics metrics) {
        sent =
                metrics.counter(
                                "otelcol_exporter_sent_metric_points",
                                "Points that an exporter delivered.",
                                "exporter")
                        .labelValues(exporter);
        failed =
                metrics.counter(
                                "otelcol_exporter_send_failed_metric_points",
                                "Points that an exporter dropped.",
                                "exporter")
                        .labelValues(exporter);
        notQueued =
                metrics.counter(
                                "otelcol_exporter_enqueue_failed_metric_points",
                                "Points dropped because an exporter's queue took no more.",
                                "exporter")
                        .labelValues(exporter);
        var requests =
                metrics.counter(
                        "firn_export_requests",
                        "Requests of an exporter by what became of them: delivered, retried (once"
                                + " an attempt), refused, gave_up.",
                        "exporter",
                        "outcome");
        delivered = requests.labelValues(exporter, "delivered");
        retried = requests.labelValues(exporter, "retried");
        refused = requests.labelValues(exporter, "refused");
        gaveUp = requests.labelValues(exporter, "gave_up");
        queueSize =
                metrics.gauge(
                                "otelcol_exporter_queue_size",
                                "Batches that wait for an exporter.",
                                "exporter",
                                "data_type")
                        .labelValues(exporter, "metrics");
        queueCapacity =
                metrics.gauge(
                                "otelcol_exporter_queue_capacity",
                                "Batches that may wait for an exporter.",
                                "exporter",
                                "data_type")
                        .labelValues(exporter, "metrics");
    }
}
