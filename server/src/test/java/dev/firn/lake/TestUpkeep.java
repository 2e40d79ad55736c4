package dev.firn.lake;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.io.CloseableIterable;

/// What disturbs writers: compaction and expiry, as small as they can be. Compaction commits as
/// writers do; an exception ends its round.
public final class TestUpkeep {
    /// Files that compactions wrote, whether or not they entered a table.
    private static final Set<String> MERGED = ConcurrentHashMap.newKeySet();

    public static volatile String lastEnd = "";

    private TestUpkeep() {}

    /// Replaces all files by one; false if the round ended without.
    public static boolean compact(Table table) {
        try {
            TableOperations operations = ((HasTableOperations) table).operations();
            TableMetadata base = operations.refresh();
            Snapshot from = base.currentSnapshot();
            if (from == null) {
                return false;
            }
            Set<DataFile> old = new HashSet<>();
            try (CloseableIterable<FileScanTask> tasks =
                    table.newScan().useSnapshot(from.snapshotId()).planFiles()) {
                tasks.forEach(task -> old.add(task.file().copy()));
            }
            if (old.size() < 2) {
                return false;
            }
            var rows = new ArrayList<TestTables.Row>();
            try (var records = IcebergGenerics.read(table).useSnapshot(from.snapshotId()).build()) {
                records.forEach(record -> rows.add(TestTables.row(record)));
            }
            Set<DataFile> merged = Set.of(TestTables.write(table, List.copyOf(rows)));
            merged.forEach(file -> MERGED.add(file.location()));
            Snapshot snapshot =
                    table.newRewrite()
                            .validateFromSnapshot(from.snapshotId())
                            .rewriteFiles(old, merged)
                            .apply();
            operations.commit(
                    base,
                    TableMetadata.buildFrom(base)
                            .setBranchSnapshot(snapshot, SnapshotRef.MAIN_BRANCH)
                            .build());
            return true;
        } catch (Exception e) {
            lastEnd = e.toString();
            return false; // the next round plans anew
        }
    }

    /// Whether a compaction stands, whatever it was told.
    public static boolean compacted(Table table) {
        table.refresh();
        try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
            for (FileScanTask task : tasks) {
                if (MERGED.contains(task.file().location())) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Leaves the newest snapshot alone.
    public static boolean expire(Table table) {
        try {
            table.refresh();
            table.expireSnapshots()
                    .expireOlderThan(System.currentTimeMillis())
                    .retainLast(1)
                    .commit();
            return true;
        } catch (RuntimeException e) {
            return false;
        }
    }
}
