package dev.firn.lake.scan;

import dev.firn.base.InputException;
import dev.firn.base.WorldException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableScan;
import org.apache.iceberg.expressions.Binder;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.io.CloseableIterable;
import org.jspecify.annotations.Nullable;

/// Plans scans of a lake table. Partitions, bounds of columns and (for `series_id`) Parquet's bloom
/// filters decide; a file is left out only when none of its rows can satisfy the filter.
public final class LakeScan {
    /// Opening a file for its bloom filter costs about what it saves, so that beyond so many files
    /// they are not asked.
    public static final int BLOOM_FILES_MAX = 2_000;

    private final Table table;

    /// @param table loaded by the calling thread
    public LakeScan(Table table) {
        this.table = table;
    }

    /// The files that a question must open.
    ///
    /// @param asOf the state that is asked
    /// @param filter what rows must satisfy, over the table's columns
    /// @throws InputException when there is no such state, or the table holds what another tool
    ///   deleted by delete files, which file lists cannot tell an engine
    public ScanPlan plan(AsOf asOf, Expression filter) {
        return plan(asOf.of(table), filter, false);
    }

    /// The same for a snapshot in hand.
    ///
    /// @param bounds whether the files carry the bounds of their columns
    public ScanPlan plan(@Nullable Snapshot snapshot, Expression filter, boolean bounds) {
        if (snapshot == null) {
            return ScanPlan.EMPTY;
        }
        var files = byBounds(snapshot, filter, bounds);
        long total = Math.max(files.size(), total(snapshot));
        List<DataFile> left = files;
        if (namesSeries(filter) && files.size() <= BLOOM_FILES_MAX) {
            var blooms = new BloomSkip(table.io(), table.schema(), filter);
            left = files.stream().filter(blooms::mayMatch).toList();
        }
        return new ScanPlan(snapshot.snapshotId(), left, total, files.size());
    }

    private List<DataFile> byBounds(Snapshot snapshot, Expression filter, boolean bounds) {
        TableScan scan = table.newScan().useSnapshot(snapshot.snapshotId()).filter(filter);
        if (bounds) {
            scan = scan.includeColumnStats();
        }
        var files = new ArrayList<DataFile>();
        try (CloseableIterable<FileScanTask> tasks = scan.planFiles()) {
            for (FileScanTask task : tasks) {
                refuseDeletes(task);
                files.add(bounds ? task.file().copy() : task.file().copyWithoutStats());
            }
        } catch (IOException | UncheckedIOException e) {
            throw new WorldException(
                    "cannot plan a scan of lake table "
                            + table.name()
                            + " at snapshot "
                            + snapshot.snapshotId()
                            + ": "
                            + e.getMessage(),
                    e);
        }
        files.sort(Comparator.comparing(DataFile::location));
        return files;
    }

    private void refuseDeletes(FileScanTask task) {
        if (!task.deletes().isEmpty()) {
            throw new InputException(
                    "cannot scan lake table "
                            + table.name()
                            + " by its data files: another tool deleted rows of \""
                            + task.file().location()
                            + "\" by delete files; have that tool rewrite the table's data files");
        }
    }

    private static long total(Snapshot snapshot) {
        String total = snapshot.summary().get("total-data-files");
        return total == null ? 0 : Long.parseLong(total);
    }

    private boolean namesSeries(Expression filter) {
        var field = table.schema().findField("series_id");
        return field != null
                && Binder.boundReferences(table.schema().asStruct(), List.of(filter), true)
                        .contains(field.fieldId());
    }
}
