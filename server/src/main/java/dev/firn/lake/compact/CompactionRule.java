package dev.firn.lake.compact;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.iceberg.DataFile;

/// Which files of one partition are merged: small ones, as soon as together they are several times
/// as large as the largest among them. So each rewrite puts a row into a file at least `growth`
/// times as large as the one that it was in, and a row is rewritten at most log(target / first
/// size) times to the base of `growth`, however many late files come: a large file is not touched
/// for a few late rows.
///
/// Iceberg's own planner (`BinPackRewriteFilePlanner`) has no tiers: it takes every file below 75 %
/// of the target along with each five late ones.
///
/// @param targetBytes size of a finished file; a file of half of that is left alone
/// @param growth at least 2
/// @param filesMax files of one merge
/// @param keyRowsMax rows of all files of one merge, of each at most a page, whose keys are in
///   memory at once
record CompactionRule(long targetBytes, int growth, int filesMax, long keyRowsMax) {
    private static final long PAGE_ROWS = dev.firn.lake.PageWriter.PAGE_ROWS;

    CompactionRule {
        if (targetBytes < 2 || growth < 2 || filesMax < 2 || keyRowsMax < 1) {
            throw new IllegalArgumentException("a merge makes at least two files one larger one");
        }
    }

    /// Whether a file is large enough to stay as it is.
    boolean full(long bytes) {
        return bytes >= targetBytes / 2;
    }

    /// The merges that are worth it, each of at least two files. Files that are full are ignored.
    List<List<DataFile>> merges(List<DataFile> partition) {
        List<DataFile> small =
                partition.stream()
                        .filter(file -> !full(file.fileSizeInBytes()))
                        .sorted(
                                Comparator.comparingLong(DataFile::fileSizeInBytes)
                                        .thenComparing(DataFile::location))
                        .toList();
        return batches(small.subList(0, worth(small)));
    }

    /// How many of the smallest files together are worth a merge.
    private int worth(List<DataFile> ascending) {
        int worth = 0;
        long total = 0;
        for (int i = 0; i < ascending.size(); i++) {
            total += ascending.get(i).fileSizeInBytes();
            if (i > 0 && pays(total, ascending.get(i).fileSizeInBytes())) {
                worth = i + 1;
            }
        }
        return worth;
    }

    private boolean pays(long total, long largest) {
        return total >= growth * largest || full(total);
    }

    private List<List<DataFile>> batches(List<DataFile> ascending) {
        var batches = new ArrayList<List<DataFile>>();
        var batch = new ArrayList<DataFile>();
        long bytes = 0;
        long keyRows = 0;
        for (DataFile file : ascending) {
            long rows = Math.min(PAGE_ROWS, file.recordCount());
            if (bytes >= targetBytes
                    || batch.size() == filesMax
                    || batch.size() >= growth && keyRows + rows > keyRowsMax) {
                close(batch, bytes, batches);
                batch = new ArrayList<>();
                bytes = 0;
                keyRows = 0;
            }
            batch.add(file);
            bytes += file.fileSizeInBytes();
            keyRows += rows;
        }
        close(batch, bytes, batches);
        return List.copyOf(batches);
    }

    private void close(List<DataFile> batch, long bytes, List<List<DataFile>> batches) {
        if (batch.size() >= 2 && pays(bytes, batch.getLast().fileSizeInBytes())) {
            batches.add(List.copyOf(batch));
        }
    }
}
