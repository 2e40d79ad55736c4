package dev.firn.lake;

import dev.firn.base.OwnMetrics;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import java.util.List;
import java.util.function.DoubleSupplier;
import org.apache.iceberg.DataFile;

/// The lake sink's own metrics, one set a process.
public final class LakeMetrics {
    /// How one commit of one table ended.
    enum End {
        COMMITTED("committed"),
        ALREADY("already"),
        FOREIGN("foreign"),
        FAILED("failed");

        final String label;

        End(String label) {
            this.label = label;
        }
    }

    private static final double[] COMMIT_SECONDS = {
        0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60
    };

    private final Counter commits;
    private final Histogram commitSeconds;
    private final Counter rows;
    private final Counter bytes;
    private final Counter quarantined;
    private final Gauge stopped;
    private final Counter uploaded;
    private volatile DoubleSupplier lagSeconds = () -> 0;

    /// Registers all of them, with value 0.
    public LakeMetrics(OwnMetrics metrics) {
        commits =
                metrics.counter("firn_lake_commits", "Commits to lake tables.", "table", "outcome");
        commitSeconds =
                metrics.histogram(
                        "firn_lake_commit_seconds",
                        "Time of one commit, without writing data files.",
                        COMMIT_SECONDS);
        rows = metrics.counter("firn_lake_rows", "Rows committed to lake tables.", "table");
        bytes =
                metrics.counter(
                        "firn_lake_bytes_written", "Bytes of data files committed.", "table");
        quarantined =
                metrics.counter(
                        "firn_lake_quarantined_cuts", "Cuts that the lake refused for good.");
        stopped = metrics.gauge("firn_lake_sink_stopped", "1: a human must act; see the log.");
        // The seed's name: its uploader's files are the lake's data files.
        uploaded =
                metrics.counter(
                        "s3_uploader_files_processed",
                        "Data files committed to the lake, and tries that failed.",
                        "status");
        metrics.gauge(
                "firn_lake_lag_seconds",
                "Time since the oldest cut that is not in the lake was seen.",
                () -> lagSeconds.getAsDouble());
        for (String table : List.of(LakePaths.POINTS, LakePaths.SERIES)) {
            for (End end : End.values()) {
                commits.initLabelValues(table, end.label);
            }
            rows.initLabelValues(table);
            bytes.initLabelValues(table);
        }
        uploaded.initLabelValues("success");
        uploaded.initLabelValues("error");
    }

    void lag(DoubleSupplier seconds) {
        lagSeconds = seconds;
    }

    void ended(String table, End end, double seconds) {
        commits.labelValues(table, end.label).inc();
        commitSeconds.observe(seconds);
    }

    void stored(String table, List<DataFile> files) {
        rows.labelValues(table).inc(files.stream().mapToLong(DataFile::recordCount).sum());
        bytes.labelValues(table).inc(files.stream().mapToLong(DataFile::fileSizeInBytes).sum());
        uploaded.labelValues("success").inc(files.size());
    }

    /// Files were not written, or not committed.
    void failed() {
        uploaded.labelValues("error").inc();
    }

    void quarantined() {
        quarantined.inc();
    }

    void stopped() {
        stopped.set(1);
    }
}
