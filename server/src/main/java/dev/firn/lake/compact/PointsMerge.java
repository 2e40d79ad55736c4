package dev.firn.lake.compact;

import dev.firn.lake.LakePace;
import dev.firn.lake.LakeParquet;
import dev.firn.lake.keep.LakeKeep;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.parquet.schema.MessageType;

/// Merges files of table `points`. Memory is divided: a quarter holds small files as they are, a
/// quarter the keys of a page of each file, half the column that is being copied.
final class PointsMerge implements FileMerge {
    /// A row of the column that is copied, as it is read, in order, and coded; and its place.
    private static final int ROW_BYTES = 48;

    private static final int ROWS_MIN = 16_384;

    private final long targetBytes;
    private final long memoryMax;
    private final LakeKeep keep;

    /// @param keep what stays of groups that it trims
    PointsMerge(long targetBytes, long memoryMax, LakeKeep keep) {
        this.targetBytes = targetBytes;
        this.memoryMax = memoryMax;
        this.keep = keep;
    }

    /// Rows, a page of each file at most, whose keys fit.
    static long keyRowsMax(long memoryMax) {
        return Math.max(1, memoryMax / 4 / KeyMerge.KEY_BYTES);
    }

    /// Files that are held as they are while they are merged.
    static Set<DataFile> held(List<DataFile> files, long memoryMax) {
        var held = new HashSet<DataFile>();
        long room = memoryMax / 4;
        for (DataFile file : files) {
            if (file.fileSizeInBytes() <= room) {
                room -= file.fileSizeInBytes();
                held.add(file);
            }
        }
        return held;
    }

    @Override
    public List<DataFile> merge(Table table, CompactionPlan.Group group, LakePace pace)
            throws InterruptedException {
        MessageType columns = MergedFiles.columns(table);
        var sources = new ArrayList<SourceFile>();
        try {
            Set<DataFile> held = held(group.files(), memoryMax);
            for (DataFile file : group.files()) {
                boolean inMemory = held.contains(file);
                sources.add(SourceFile.open(table, file, inMemory));
                pace.step(inMemory ? file.fileSizeInBytes() : 0);
            }
            var keys = new SortKeys(columns);
            RowSource source =
                    group.sort()
                            ? new KeySort(keys, sources.getFirst())
                            : new KeyMerge(keys, sources);
            if (group.trims()) {
                source = new KeptRows(source, new RowFilter(columns, keep));
            }
            return new MergedFiles(table, group.partition(), columns, targetBytes, rowsMax(), pace)
                    .write(source, new RowGroupLimit(columns, memoryMax / 2));
        } finally {
            sources.forEach(SourceFile::close);
        }
    }

    /// Whether rows of a file would go, told from four of its columns.
    boolean drops(Table table, DataFile file, LakePace pace) throws InterruptedException {
        SourceFile source = SourceFile.open(table, file, false);
        try {
            boolean drops = new RowFilter(MergedFiles.columns(table), keep).drops(source);
            pace.step(source.takeBytesRead());
            return drops;
        } finally {
            source.close();
        }
    }

    private int rowsMax() {
        return (int)
                Math.max(
                        ROWS_MIN,
                        Math.min(LakeParquet.ROW_GROUP_ROWS_MAX, memoryMax / 2 / ROW_BYTES));
    }
}
