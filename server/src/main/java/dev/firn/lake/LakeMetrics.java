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

    /// What was done once more.
    enum Again {
        /// A request to S3.
        REQUEST("request"),
        /// A compare-and-swap: a conflict, or an answer that was lost.
        COMMIT("commit"),
        /// A round of the sink: reading, writing or committing failed.
        ROUND("round");

        final String label;

        Again(String label) {
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
    private final Gauge filesWaiting;
    private final Histogram uploadSeconds;
    private final Counter retries;
    private final Counter uploaded;
    private volatile DoubleSupplier lagSeconds = () -> 0;
    private volatile DoubleSupplier cutsWaiting = () -> 0;

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
        metrics.gauge(
                "firn_lake_cuts_waiting",
                "Cuts of the log that are not in the lake yet.",
                () -> cutsWaiting.getAsDouble());
        filesWaiting =
                metrics.gauge(
                        "firn_lake_files_waiting",
                        "Data files that are written and wait for their commit.");
        filesWaiting.set(0);
        uploadSeconds =
                metrics.histogram(
                        "firn_lake_upload_seconds",
                        "Time of writing the data files of one commit, to disk or S3.",
                        COMMIT_SECONDS);
        retries =
                metrics.counter(
                        "firn_lake_retries",
                        "What was tried again: request (to S3), commit (a conflict or a lost"
                                + " answer), round (of the sink).",
                        "what");
        for (Again again : Again.values()) {
            retries.initLabelValues(again.label);
        }
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

    void lag(DoubleSupplier seconds, DoubleSupplier cuts) {
        lagSeconds = seconds;
        cutsWaiting = cuts;
    }

    /// A request to S3 is tried again.
    public void requestRetried() {
        again(Again.REQUEST);
    }

    void again(Again what) {
        retries.labelValues(what.label).inc();
    }

    void waiting(int files) {
        filesWaiting.set(files);
    }

    void uploaded(double seconds) {
        uploadSeconds.observe(seconds);
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
