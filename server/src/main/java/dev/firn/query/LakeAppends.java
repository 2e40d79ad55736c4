package dev.firn.query;

import dev.firn.base.WorldException;
import dev.firn.lake.LakeCatalog;
import dev.firn.lake.LakePaths;
import dev.firn.lake.LakeWriters;
import dev.firn.lake.PointsTable;
import dev.firn.model.Position;
import dev.firn.query.AdmittedBook.Place;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataOperations;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotChanges;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;

/// Reads from snapshots what came into the lake: rows of the files that each commit added, by their
/// partition. No file of rows is opened.
public final class LakeAppends implements Appended.Source {
    /// The plane of rows whose plane has no partition of its own.
    public static final String OTHER = PointsTable.OTHER_PLANE;

    private final LakeCatalog catalog;

    private record Told(String writer, long cut) {}

    /// Over a catalog.
    public LakeAppends(LakeCatalog catalog) {
        this.catalog = catalog;
    }

    /// Reads it.
    ///
    /// @throws WorldException when the lake is out of reach
    @Override
    public Appended since(String writer, long cut) {
        try {
            return read(writer, cut);
        } catch (RuntimeException e) { // Iceberg's have no root of their own
            throw new WorldException("cannot read the lake's snapshots: " + e.getMessage(), e);
        }
    }

    private Appended read(String writer, long cut) {
        Table table = catalog.load(LakePaths.POINTS);
        var commits = new ArrayList<Appended.Commit>();
        var rewrites = new ArrayList<Appended.Rewrite>();
        boolean whole = true;
        for (Snapshot at = table.currentSnapshot(); at != null; ) {
            Told told = told(at);
            boolean its = told != null && told.writer.equals(writer);
            if (its && told != null && told.cut <= cut) {
                break;
            }
            if (its || told != null && isBeside(told, writer)) {
                commits.add(
                        new Appended.Commit(
                                Objects.requireNonNull(told).cut,
                                !its,
                                rows(table, changes(table, at).addedDataFiles())));
            } else if (at.operation().equals(DataOperations.REPLACE)) {
                SnapshotChanges changes = changes(table, at);
                rewrites.add(
                        new Appended.Rewrite(
                                at.sequenceNumber(),
                                rows(table, changes.removedDataFiles()),
                                rows(table, changes.addedDataFiles())));
            }
            Long parent = at.parentId();
            at = parent == null ? null : table.snapshot(parent);
            whole = parent == null || at != null;
        }
        Collections.reverse(commits);
        return new Appended(whole, commits, rewrites);
    }

    private static boolean isBeside(Told told, String writer) {
        return told.writer.length() > writer.length()
                && LakeWriters.owner(told.writer).equals(writer);
    }

    private static @Nullable Told told(Snapshot snapshot) {
        String position = snapshot.summary().get(LakePaths.POSITION_SUMMARY);
        int end = position == null ? -1 : position.lastIndexOf('=');
        return position == null || end < 0
                ? null
                : new Told(
                        position.substring(0, end),
                        Position.parse(position.substring(end + 1)).sequence());
    }

    private static SnapshotChanges changes(Table table, Snapshot snapshot) {
        return SnapshotChanges.builderFor(table).snapshot(snapshot).build();
    }

    private static Map<Place, Long> rows(Table table, Iterable<DataFile> files) {
        var rows = new HashMap<Place, Long>();
        for (DataFile file : files) {
            Object day = FileRows.partition(file, table.specs().get(file.specId()), "time_day");
            Object plane = FileRows.partition(file, table.specs().get(file.specId()), "plane");
            rows.merge(
                    new Place(Objects.toString(plane, ""), day instanceof Integer days ? days : -1),
                    file.recordCount(),
                    Long::sum);
        }
        return rows;
    }
}
