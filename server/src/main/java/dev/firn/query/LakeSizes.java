package dev.firn.query;

import dev.firn.base.WorldException;
import dev.firn.lake.LakeCatalog;
import dev.firn.lake.LakePaths;
import dev.firn.lake.PointsTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/// How many bytes the lake's newest snapshots take, by partition and column: sizes of columns from
/// the manifests, and what files hold beside them.
public final class LakeSizes {
    private final LakeCatalog catalog;

    /// The points of a day and plane.
    ///
    /// @param day since 1970
    /// @param plane of the partition
    /// @param other whether it is that of planes that have none of their own
    /// @param columns bytes by name of the top-level column
    /// @param rest of the files: footers, indexes, bloom filters
    public record Partition(
            long day, String plane, boolean other, Map<String, Long> columns, long rest) {
        public Partition {
            columns = Map.copyOf(columns);
        }

        /// Bytes of its files.
        public long bytes() {
            return rest + columns.values().stream().mapToLong(one -> one).sum();
        }
    }

    /// What there is.
    ///
    /// @param series bytes of the files of table `series`
    /// @param metadata bytes of manifests
    public record Sizes(List<Partition> points, long series, long metadata) {
        public Sizes {
            points = List.copyOf(points);
        }

        /// All of it.
        public long bytes() {
            return series + metadata + points.stream().mapToLong(Partition::bytes).sum();
        }
    }

    private record Place(long day, String plane) {}

    /// Over a catalog.
    public LakeSizes(LakeCatalog catalog) {
        this.catalog = catalog;
    }

    /// Reads them.
    ///
    /// @throws WorldException when the lake is out of reach
    public Sizes read() {
        try {
            var parts = new HashMap<Place, List<DataFile>>();
            Table points = catalog.load(LakePaths.POINTS);
            long metadata =
                    each(
                            points,
                            file -> {
                                parts.computeIfAbsent(place(points, file), key -> new ArrayList<>())
                                        .add(file);
                            });
            var series = new long[1];
            metadata +=
                    each(
                            catalog.load(LakePaths.SERIES),
                            file -> series[0] += file.fileSizeInBytes());
            var partitions = new ArrayList<Partition>();
            parts.forEach((place, files) -> partitions.add(partition(points, place, files)));
            return new Sizes(partitions, series[0], metadata);
        } catch (IOException | UncheckedIOException e) {
            throw new WorldException("cannot read the lake's sizes: " + e.getMessage(), e);
        }
    }

    private interface Each {
        void take(DataFile file);
    }

    private static long each(Table table, Each each) throws IOException {
        Snapshot newest = table.currentSnapshot();
        if (newest == null) {
            return 0;
        }
        try (CloseableIterable<FileScanTask> tasks =
                table.newScan().useSnapshot(newest.snapshotId()).includeColumnStats().planFiles()) {
            tasks.forEach(task -> each.take(task.file()));
        }
        return newest.allManifests(table.io()).stream().mapToLong(ManifestFile::length).sum();
    }

    private static Place place(Table table, DataFile file) {
        Object day = FileRows.partition(file, table.specs().get(file.specId()), "time_day");
        Object plane = FileRows.partition(file, table.specs().get(file.specId()), "plane");
        return new Place(day instanceof Integer days ? days : -1, Objects.toString(plane, ""));
    }

    private static Partition partition(Table table, Place place, List<DataFile> files) {
        var columns = new HashMap<String, Long>();
        long rest = 0;
        for (DataFile file : files) {
            long left = file.fileSizeInBytes();
            Map<Integer, Long> sizes = file.columnSizes();
            for (Map.Entry<Integer, Long> one :
                    sizes == null ? Map.<Integer, Long>of().entrySet() : sizes.entrySet()) {
                String column = topLevel(table, one.getKey());
                if (column != null && one.getValue() <= left) {
                    columns.merge(column, one.getValue(), Long::sum);
                    left -= one.getValue();
                }
            }
            rest += left;
        }
        return new Partition(
                place.day, place.plane, place.plane.equals(PointsTable.OTHER_PLANE), columns, rest);
    }

    private static @Nullable String topLevel(Table table, int fieldId) {
        String name = table.schema().findColumnName(fieldId);
        if (name == null) {
            return null;
        }
        Types.NestedField whole = table.schema().findField(name);
        int dot = name.indexOf('.');
        return whole == null || dot < 0 ? name : name.substring(0, dot);
    }
}
