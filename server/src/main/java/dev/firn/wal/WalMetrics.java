package dev.firn.wal;

import dev.firn.base.OwnMetrics;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;

/// What the log tells about itself.
final class WalMetrics {
    private static final double[] SECONDS = {
        0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5
    };

    final Histogram appendSeconds;
    final Histogram fsyncSeconds;
    final Counter appends;
    final Counter points;
    final Counter cuts;
    final Counter retriesRecognised;
    final Counter corruptRecords;
    final Counter refused;
    final Counter writtenBytes;

    WalMetrics(OwnMetrics metrics, LogIndex index, long sizeMax) {
        appendSeconds =
                metrics.histogram(
                        "firn_wal_append_seconds",
                        "Time from a request's arrival at the log to its answer",
                        SECONDS);
        fsyncSeconds =
                metrics.histogram(
                        "firn_wal_fsync_seconds", "Time of one write with its sync", SECONDS);
        appends = metrics.counter("firn_wal_appends", "Requests made durable");
        points = metrics.counter("firn_wal_points", "Points made durable");
        writtenBytes =
                metrics.counter("firn_wal_written_bytes", "Bytes of records written and synced");
        cuts = metrics.counter("firn_wal_cuts", "Cuts finished");
        retriesRecognised =
                metrics.counter(
                        "firn_wal_retries_recognised",
                        "Requests that had been stored before and were only answered");
        corruptRecords =
                metrics.counter(
                        "firn_wal_corrupt_records",
                        "Damaged stretches found among acknowledged records");
        refused = metrics.counter("firn_wal_refused", "Requests told to come back later", "reason");
        metrics.gauge("firn_wal_bytes", "Bytes of all segments on disk", index::bytes);
        metrics.gauge(
                "otel_buffer_size_bytes",
                "Bytes in the log that some sink still needs",
                index::heldBytes);
        metrics.gauge(
                "otel_buffer_max_bytes", "wal.size_max: bytes the log may take", () -> sizeMax);
    }
}
