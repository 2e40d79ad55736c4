package dev.firn.lake.compact;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/// The rows of one row group to be written: which files they come from and in which order. Mutable
/// while it is gathered, for the hot path that `LakeCompactBench` measures.
final class RowOrder {
    private final List<SourceFile> files;
    private int[] file;
    private int[] row;
    private int size;

    /// First row that is needed of each file, and the one after the last.
    private final long[] from;

    private final long[] to;

    RowOrder(List<SourceFile> files, int capacity) {
        this.files = files;
        this.file = new int[capacity];
        this.row = new int[capacity];
        this.from = new long[files.size()];
        this.to = new long[files.size()];
        Arrays.fill(from, Long.MAX_VALUE);
    }

    List<SourceFile> files() {
        return files;
    }

    int size() {
        return size;
    }

    long from(int ofFile) {
        return Math.min(from[ofFile], to[ofFile]);
    }

    long to(int ofFile) {
        return to[ofFile];
    }

    /// `count` rows of a file, from this one on.
    void add(int ofFile, long first, int count) {
        if (size + count > file.length) {
            int capacity = Math.max(size + count, size * 2);
            file = Arrays.copyOf(file, capacity);
            row = Arrays.copyOf(row, capacity);
        }
        Arrays.fill(file, size, size + count, ofFile);
        for (int i = 0; i < count; i++) {
            row[size + i] = (int) (first + i);
        }
        size += count;
        from[ofFile] = Math.min(from[ofFile], first);
        to[ofFile] = Math.max(to[ofFile], first + count);
    }

    /// A part of it.
    RowOrder part(int first, int end) {
        var part = new RowOrder(files, end - first);
        for (int i = first; i < end; i++) {
            part.add(file[i], row[i], 1);
        }
        return part;
    }

    /// Those of its rows that stay.
    RowOrder kept(BitSet stays) {
        var kept = new RowOrder(files, stays.cardinality());
        for (int i = stays.nextSetBit(0); i >= 0; i = stays.nextSetBit(i + 1)) {
            kept.add(file[i], row[i], 1);
        }
        return kept;
    }

    /// For each row, its place when the ranges `[from, to)` of all files lie one after the other.
    int[] places() {
        int[] base = new int[files.size()];
        int next = 0;
        for (int i = 0; i < base.length; i++) {
            base[i] = next - (int) from(i);
            next += (int) (to(i) - from(i));
        }
        int[] places = new int[size];
        for (int i = 0; i < size; i++) {
            places[i] = base[file[i]] + row[i];
        }
        return places;
    }

    /// Rows of the ranges of all files: as many as the order's, unless rows are left out between.
    int rowsRead() {
        long rows = 0;
        for (int i = 0; i < from.length; i++) {
            rows += to[i] - from(i);
        }
        return Math.toIntExact(rows);
    }
}
