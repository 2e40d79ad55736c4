package dev.firn.lake;

import dev.firn.base.WorldException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.util.SnapshotUtil;
import org.jspecify.annotations.Nullable;

/// What is in the lake, as `firn lake ls` shows it.
public final class LakeLs {
    /// One table now.
    ///
    /// @param location of the table, as its catalog says
    /// @param formatVersion of Firn's table format; empty if the table does not say
    /// @param files data files of the newest snapshot, as are `rows` and `bytes`
    /// @param positions of each writer
    /// @param snapshots that have not expired, oldest first
    public record TableInfo(
            String name,
            String location,
            String formatVersion,
            long files,
            long rows,
            long bytes,
            Map<String, String> positions,
            List<SnapshotInfo> snapshots) {
        public TableInfo {
            positions = Map.copyOf(positions);
            snapshots = List.copyOf(snapshots);
        }
    }

    /// One snapshot.
    ///
    /// @param timeMillis since 1970
    /// @param operation `append`, `replace`, `delete` or `overwrite`
    /// @param addedFiles that it brought, as are `addedRows` and `addedBytes`
    /// @param totalFiles that it holds, as are `totalRows` and `totalBytes`
    /// @param position `writer=position` of a commit by Firn, else empty
    /// @param current true for the newest of the main branch
    public record SnapshotInfo(
            long id,
            long timeMillis,
            String operation,
            long addedFiles,
            long addedRows,
            long addedBytes,
            long totalFiles,
            long totalRows,
            long totalBytes,
            String position,
            boolean current) {}

    /// One data file of the newest snapshot.
    ///
    /// @param partition such as `time_day=2026-11-23/data_plane_id=prod`
    public record FileInfo(String path, String partition, long rows, long bytes) {}

    private final LakeCatalog catalog;

    /// Over a catalog.
    public LakeLs(LakeCatalog catalog) {
        this.catalog = catalog;
    }

    /// All tables, by name.
    public List<TableInfo> tables() {
        return catalog.tables().stream().map(this::table).toList();
    }

    /// One table.
    public TableInfo table(String name) {
        Table table = catalog.load(name);
        Snapshot newest = table.currentSnapshot();
        Map<String, String> totals = newest == null ? Map.of() : newest.summary();
        var snapshots = new ArrayList<SnapshotInfo>();
        table.snapshots().forEach(snapshot -> snapshots.add(info(snapshot, newest)));
        return new TableInfo(
                name,
                table.location(),
                table.properties().getOrDefault(LakePaths.FORMAT_PROPERTY, ""),
                number(totals, SnapshotSummary.TOTAL_DATA_FILES_PROP),
                number(totals, SnapshotSummary.TOTAL_RECORDS_PROP),
                number(totals, SnapshotSummary.TOTAL_FILE_SIZE_PROP),
                positions(table),
                snapshots);
    }

    /// Id of a table's newest snapshot; 0 if it has none.
    public long snapshot(String name) {
        Snapshot newest = catalog.load(name).currentSnapshot();
        return newest == null ? 0 : newest.snapshotId();
    }

    /// Whether a snapshot of a table is the newest, this one, or one that came after it.
    public boolean includes(String name, long snapshot, long earlier) {
        Table table = catalog.load(name);
        Snapshot newest = table.currentSnapshot();
        return newest == null
                ? snapshot == earlier
                : snapshot == newest.snapshotId()
                        || table.snapshot(snapshot) != null
                                && SnapshotUtil.isAncestorOf(table, snapshot, earlier);
    }

    /// Positions of a table's writers, as its properties hold them.
    static Map<String, String> positions(Table table) {
        var positions = new TreeMap<String, String>();
        table.properties()
                .forEach((key, value) -> {
                    if (key.startsWith(LakePaths.WRITER_PROPERTY)) {
                        positions.put(key.substring(LakePaths.WRITER_PROPERTY.length()), value);
                    }
                });
        return positions;
    }

    private static SnapshotInfo info(Snapshot snapshot, @Nullable Snapshot newest) {
        Map<String, String> summary = snapshot.summary();
        return new SnapshotInfo(
                snapshot.snapshotId(),
                snapshot.timestampMillis(),
                snapshot.operation(),
                number(summary, SnapshotSummary.ADDED_FILES_PROP),
                number(summary, SnapshotSummary.ADDED_RECORDS_PROP),
                number(summary, SnapshotSummary.ADDED_FILE_SIZE_PROP),
                number(summary, SnapshotSummary.TOTAL_DATA_FILES_PROP),
                number(summary, SnapshotSummary.TOTAL_RECORDS_PROP),
                number(summary, SnapshotSummary.TOTAL_FILE_SIZE_PROP),
                summary.getOrDefault(LakePaths.POSITION_SUMMARY, ""),
                newest != null && newest.snapshotId() == snapshot.snapshotId());
    }

    private static long number(Map<String, String> summary, String key) {
        return Long.parseLong(summary.getOrDefault(key, "0"));
    }

    /// The data files of a table's newest snapshot, by path.
    public List<FileInfo> files(String name) {
        Table table = catalog.load(name);
        var files = new ArrayList<FileInfo>();
        try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
            for (FileScanTask task : tasks) {
                files.add(
                        new FileInfo(
                                task.file().location(),
                                task.spec().partitionToPath(task.file().partition()),
                                task.file().recordCount(),
                                task.file().fileSizeInBytes()));
            }
        } catch (IOException | UncheckedIOException e) {
            throw new WorldException(
                    "cannot list the files of lake table \"" + name + "\": " + e.getMessage(), e);
        }
        files.sort(java.util.Comparator.comparing(FileInfo::path));
        return files;
    }
}
