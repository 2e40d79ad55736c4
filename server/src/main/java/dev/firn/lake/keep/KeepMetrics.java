package dev.firn.lake.keep;

import dev.firn.base.OwnMetrics;
import dev.firn.lake.LakePaths;
import io.prometheus.metrics.core.metrics.Counter;
import java.util.List;

/// Own metrics of the lake's upkeep here, one set a process.
public final class KeepMetrics {
    private final Counter snapshots;
    private final Counter files;
    private final Counter bytes;
    private final Counter rows;

    /// Registers all of them, with value 0.
    public KeepMetrics(OwnMetrics metrics) {
        snapshots =
                metrics.counter(
                        "firn_lake_snapshots_expired",
                        "Snapshots that left a lake table's metadata.",
                        "table");
        files =
                metrics.counter(
                        "firn_lake_files_deleted",
                        "Files deleted from storage: of expired snapshots, or orphans.",
                        "table",
                        "reason");
        bytes =
                metrics.counter(
                        "firn_lake_deleted_bytes",
                        "Bytes of data files and manifests deleted from storage, and of orphans.",
                        "table",
                        "reason");
        rows =
                metrics.counter(
                        "firn_lake_rows_dropped",
                        "Rows that left the newest snapshot: by lake.retention, or erased.",
                        "table",
                        "reason");
        for (String table : List.of(LakePaths.POINTS, LakePaths.SERIES)) {
            snapshots.initLabelValues(table);
            for (String reason : List.of("expired", "orphan")) {
                files.initLabelValues(table, reason);
                bytes.initLabelValues(table, reason);
            }
            for (String reason : List.of("retention", "erase")) {
                rows.initLabelValues(table, reason);
            }
        }
    }

    void expired(String table, int count) {
        snapshots.labelValues(table).inc(count);
    }

    void deleted(String table, String reason, long count, long size) {
        files.labelValues(table, reason).inc(count);
        bytes.labelValues(table, reason).inc(size);
    }

    void dropped(String table, String reason, long count) {
        rows.labelValues(table, reason).inc(count);
    }
}
