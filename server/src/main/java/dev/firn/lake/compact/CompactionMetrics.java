package dev.firn.lake.compact;

import dev.firn.base.OwnMetrics;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import java.util.List;

/// Compaction's own metrics, one set a process.
public final class CompactionMetrics {
    private final Counter merges;
    private final Counter rows;
    private final Counter dropped;
    private final Counter files;
    private final Counter bytes;
    private final Counter seconds;
    private final Gauge backlog;
    private final Gauge small;
    private final Gauge left;

    /// Registers all of them, with value 0.
    public CompactionMetrics(OwnMetrics metrics) {
        merges =
                metrics.counter(
                        "firn_lake_compaction_merges",
                        "Groups of files by how their merge ended: merged, lost to another"
                                + " process, failed.",
                        "table",
                        "outcome");
        rows =
                metrics.counter(
                        "firn_lake_compaction_rows", "Rows in files that were merged.", "table");
        dropped =
                metrics.counter(
                        "firn_lake_compaction_dropped_rows",
                        "Rows past their retention (lake.retention) that merges left out.",
                        "table");
        files =
                metrics.counter(
                        "firn_lake_compaction_files",
                        "Files that were merged (in) and that came of it (out).",
                        "table",
                        "direction");
        bytes =
                metrics.counter(
                        "firn_lake_compaction_bytes",
                        "Bytes of files that were merged (in) and that came of it (out).",
                        "table",
                        "direction");
        seconds =
                metrics.counter(
                        "firn_lake_compaction_seconds",
                        "Time of merges, with the pauses that the pace demands.",
                        "table");
        backlog =
                metrics.gauge(
                        "firn_lake_compaction_backlog_files",
                        "Files that compaction has planned to merge and has not yet.",
                        "table");
        small =
                metrics.gauge(
                        "firn_lake_small_files",
                        "Files below half of lake.compact.target_size, when compaction looked"
                                + " last.",
                        "table");
        left =
                metrics.gauge(
                        "firn_lake_compaction_left_files",
                        "Files that compaction leaves alone: with deletes of other tools, or of"
                                + " another partition layout.",
                        "table");
        for (String table : Compaction.TABLES) {
            for (String outcome : List.of("merged", "lost", "failed")) {
                merges.initLabelValues(table, outcome);
            }
            rows.initLabelValues(table);
            dropped.initLabelValues(table);
            seconds.initLabelValues(table);
            for (String direction : List.of("in", "out")) {
                files.initLabelValues(table, direction);
                bytes.initLabelValues(table, direction);
            }
            backlog.initLabelValues(table);
            small.initLabelValues(table);
            left.initLabelValues(table);
        }
    }

    void failed(String table) {
        merges.labelValues(table, "failed").inc();
    }

    void ended(Compaction.Merge merge, long rowsDropped, double took) {
        String table = merge.table();
        merges.labelValues(table, merge.outcome()).inc();
        seconds.labelValues(table).inc(took);
        if (merge.outcome().equals("merged")) {
            rows.labelValues(table).inc(merge.rows());
            dropped.labelValues(table).inc(rowsDropped);
            files.labelValues(table, "in").inc(merge.filesIn());
            files.labelValues(table, "out").inc(merge.filesOut());
            bytes.labelValues(table, "in").inc(merge.bytesIn());
            bytes.labelValues(table, "out").inc(merge.bytesOut());
        }
    }

    /// @param done groups of the plan that were merged
    void backlog(String table, CompactionPlan plan, int done) {
        backlog.labelValues(table)
                .set(
                        plan.groups().stream()
                                .skip(done)
                                .mapToLong(group -> group.files().size())
                                .sum());
        small.labelValues(table).set(plan.smallFiles());
        left.labelValues(table).set(plan.left());
    }
}
