package dev.firn.lake.scan;

import java.util.List;
import org.apache.iceberg.DataFile;
import org.jspecify.annotations.Nullable;

/// What a scan has to open, of one snapshot.
///
/// @param snapshot its number; null when the table was empty
/// @param files data files that may hold rows that are asked for, by location
/// @param filesTotal data files of the snapshot
/// @param filesByBounds files that partitions and column bounds left; bloom filters took the
///   difference to `files`
public record ScanPlan(
        @Nullable Long snapshot, List<DataFile> files, long filesTotal, long filesByBounds) {
    public ScanPlan {
        files = List.copyOf(files);
        if (files.size() > filesByBounds || filesByBounds > filesTotal) {
            throw new IllegalArgumentException(
                    "a scan opens %d of %d of %d files"
                            .formatted(files.size(), filesByBounds, filesTotal));
        }
    }

    /// Of a table without a snapshot.
    static final ScanPlan EMPTY = new ScanPlan(null, List.of(), 0, 0);

    /// Size of the files to open.
    public long bytes() {
        return files.stream().mapToLong(DataFile::fileSizeInBytes).sum();
    }

    /// Rows of the files to open.
    public long rows() {
        return files.stream().mapToLong(DataFile::recordCount).sum();
    }
}
