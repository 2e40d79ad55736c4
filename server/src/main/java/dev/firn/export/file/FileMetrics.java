package dev.firn.export.file;

import dev.firn.base.OwnMetrics;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;

/// Own metrics of all file exporters; the Collector's names where they mean the same.
final class FileMetrics {
    final Counter sent;
    final Counter failed;
    final Counter written;
    final Counter rotations;
    final Gauge queueSize;
    final Gauge queueCapacity;
    final Gauge queueBytes;

    FileMetrics(OwnMetrics metrics) {
        sent =
                metrics.counter(
                        "otelcol_exporter_sent_metric_points",
                        "Points that an exporter delivered.",
                        "exporter");
        failed =
                metrics.counter(
                        "otelcol_exporter_send_failed_metric_points",
                        "Points that an exporter dropped.",
                        "exporter");
        queueSize =
                metrics.gauge(
                        "otelcol_exporter_queue_size",
                        "Batches that wait for an exporter.",
                        "exporter",
                        "data_type");
        queueCapacity =
                metrics.gauge(
                        "otelcol_exporter_queue_capacity",
                        "Batches that may wait for an exporter.",
                        "exporter",
                        "data_type");
        queueBytes =
                metrics.gauge(
                        "firn_export_file_queue_bytes",
                        "Bytes that wait for the file's disk.",
                        "exporter");
        written =
                metrics.counter(
                        "firn_export_file_written_bytes", "Bytes written to the file.", "exporter");
        rotations =
                metrics.counter(
                        "firn_export_file_rotations",
                        "Times that a full file was put aside.",
                        "exporter");
    }
}
