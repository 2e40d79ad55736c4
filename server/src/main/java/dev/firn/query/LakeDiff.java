package dev.firn.query;

import dev.firn.engine.EngineClient;
import dev.firn.lake.scan.LakeScan;
import dev.firn.lake.scan.ScanPlan;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.jspecify.annotations.Nullable;

/// What changed between two snapshots of points: only files that one has and the other has not are
/// read, and rows that stand in both (compaction moved them) are no change.
public final class LakeDiff {
    private static final long HOUR_SECONDS = 3600;

    /// A metric's hour that changed.
    ///
    /// @param hour its beginning
    /// @param rowsAdded that only the later state has
    /// @param rowsRemoved that only the earlier one has
    /// @param rowsLate those of `rowsAdded` whose hour was over when the earlier state was
    ///   committed
    public record Change(
            String metricName, Instant hour, long rowsAdded, long rowsRemoved, long rowsLate) {}

    /// All of them.
    ///
    /// @param from snapshot of the earlier state; null when the table was empty, as for `to`
    public record Result(
            @Nullable Long from,
            @Nullable Long to,
            long filesAdded,
            long filesRemoved,
            List<Change> changes) {
        public Result {
            changes = List.copyOf(changes);
        }
    }

    private final @Nullable Snapshot from;
    private final @Nullable Snapshot to;
    private final ScanPlan added;
    private final ScanPlan removed;

    LakeDiff(Table table, @Nullable Snapshot from, @Nullable Snapshot to) {
        this.from = from;
        this.to = to;
        ScanPlan before = new LakeScan(table).plan(from, Expressions.alwaysTrue(), false);
        ScanPlan after = new LakeScan(table).plan(to, Expressions.alwaysTrue(), false);
        this.added = without(after, before);
        this.removed = without(before, after);
    }

    private static ScanPlan without(ScanPlan plan, ScanPlan other) {
        Set<String> known =
                other.files().stream()
                        .map(DataFile::location)
                        .collect(Collectors.toCollection(HashSet::new));
        List<DataFile> files =
                plan.files().stream().filter(file -> !known.contains(file.location())).toList();
        return new ScanPlan(plan.snapshot(), files, plan.filesTotal(), files.size());
    }

    /// Files of the later state only.
    ScanPlan added() {
        return added;
    }

    /// Files of the earlier state only.
    ScanPlan removed() {
        return removed;
    }

    Result result(List<EngineClient.Row> rows) {
        return new Result(
                from == null ? null : from.snapshotId(),
                to == null ? null : to.snapshotId(),
                added.files().size(),
                removed.files().size(),
                rows.stream()
                        .map(this::change)
                        .sorted(
                                Comparator.comparing(Change::hour)
                                        .thenComparing(Change::metricName))
                        .toList());
    }

    private Change change(EngineClient.Row row) {
        Instant hour = Instant.ofEpochSecond(row.number(1));
        long rowsAdded = row.number(2);
        boolean late =
                from != null
                        && hour.plusSeconds(HOUR_SECONDS).toEpochMilli() <= from.timestampMillis();
        return new Change(row.text(0), hour, rowsAdded, row.number(3), late ? rowsAdded : 0);
    }
}
