package dev.firn.lake.keep;

import dev.firn.base.Clock;
import dev.firn.base.WorldException;
import dev.firn.lake.LakeCatalog;
import dev.firn.lake.LakePace;
import dev.firn.lake.LakePaths;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFiles;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.io.CloseableIterable;
import org.jspecify.annotations.Nullable;

/// Applies `lake.retention` to table `points` by metadata alone: data files of which no row stays
/// leave the table in a `delete` snapshot. Expiry deletes them once no kept snapshot reaches them;
/// rows among others that stay go when compaction writes their file anew ([LakeKeep]).
public final class Retirement {
    /// Summary key of the snapshot: why rows went.
    static final String REASON = "firn.reason";

    /// What happened, or would, in one partition.
    ///
    /// @param partition such as `time_day=2026-11-23/plane=prod`
    public record Report(String partition, long files, long rows, long bytes) {}

    private final LakeCatalog catalog;
    private final RetentionRules rules;
    private final Clock clock;
    private final Decided decided;
    private final KeepMetrics metrics;

    public Retirement(
            LakeCatalog catalog,
            RetentionRules rules,
            Clock clock,
            RandomGenerator random,
            KeepMetrics metrics) {
        this(catalog, rules, clock, Decided.of(random), metrics);
    }

    Retirement(
            LakeCatalog catalog,
            RetentionRules rules,
            Clock clock,
            Decided decided,
            KeepMetrics metrics) {
        this.catalog = catalog;
        this.rules = rules;
        this.clock = clock;
        this.decided = decided;
        this.metrics = metrics;
    }

    /// @param dry changes nothing
    public List<Report> run(boolean dry, LakePace pace) throws InterruptedException {
        if (rules.isEmpty()) {
            return List.of();
        }
        Table table = catalog.load(LakePaths.POINTS);
        if (dry) {
            Snapshot current = table.currentSnapshot();
            return current == null
                    ? List.of()
                    : reports(table, retired(table, current, Hold.of(table.properties())));
        }
        var dropped = new ArrayList<DataFile>();
        decided.change(
                table,
                (fresh, base) -> {
                    List<DataFile> now = plan(fresh, base);
                    if (!now.isEmpty()) {
                        dropped.clear(); // an attempt that lost planned others
                        dropped.addAll(now);
                    }
                    return next(fresh, base, now);
                });
        if (!dropped.isEmpty()) {
            catalog.refreshCurrentMetadata(table);
            metrics.dropped(
                    LakePaths.POINTS,
                    "retention",
                    dropped.stream().mapToLong(DataFile::recordCount).sum());
        }
        pace.step(0);
        return reports(table, dropped);
    }

    private List<DataFile> plan(Table table, TableMetadata base) {
        Snapshot current = base.currentSnapshot();
        return current == null ? List.of() : retired(table, current, Hold.of(base));
    }

    private static @Nullable TableMetadata next(
            Table table, TableMetadata base, List<DataFile> files) {
        if (files.isEmpty()) {
            return null;
        }
        DeleteFiles delete = table.newDelete().set(REASON, "retention");
        files.forEach(delete::deleteFile);
        Snapshot snapshot = delete.apply(); // never commit()
        return TableMetadata.buildFrom(base)
                .setBranchSnapshot(snapshot, SnapshotRef.MAIN_BRANCH)
                .build();
    }

    private List<DataFile> retired(Table table, Snapshot snapshot, List<Hold> holds) {
        RetentionRules.At at = rules.at(clock.millis(), table.schema(), holds);
        var files = new ArrayList<DataFile>();
        try (CloseableIterable<FileScanTask> tasks =
                table.newScan()
                        .useSnapshot(snapshot.snapshotId())
                        .includeColumnStats()
                        .planFiles()) {
            for (FileScanTask task : tasks) {
                if (at.retires(task.file())) {
                    files.add(task.file().copy());
                }
            }
        } catch (IOException e) {
            throw new WorldException(
                    "cannot plan retention of lake table \""
                            + table.name()
                            + "\": "
                            + e.getMessage(),
                    e);
        }
        return files;
    }

    private static List<Report> reports(Table table, List<DataFile> files) {
        var byPartition = new TreeMap<String, Report>();
        for (DataFile file : files) {
            String partition =
                    java.util.Objects.requireNonNull(table.specs().get(file.specId()))
                            .partitionToPath(file.partition());
            byPartition.merge(
                    partition,
                    new Report(partition, 1, file.recordCount(), file.fileSizeInBytes()),
                    (a, b) ->
                            new Report(
                                    partition,
                                    a.files + b.files,
                                    a.rows + b.rows,
                                    a.bytes + b.bytes));
        }
        return List.copyOf(byPartition.values());
    }
}
