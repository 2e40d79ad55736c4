package dev.firn.lake.compact;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.internal.column.columnindex.OffsetIndex;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;

/// Keeps the widest column of a row group within the memory for it, by cutting the row group. What
/// a column will take is estimated from above, from the pages that would be read: a page of the
/// sink's has at most 200,000 entries.
final class RowGroupLimit {
    /// As the sink's `PageCut` cuts repeated columns.
    private static final long PAGE_ENTRIES_MAX = 200_000;

    /// An entry as it is read, as it is put in order, and its number in a dictionary.
    private static final long NUMBER_BYTES = 2 * 10 + 4;

    /// A text of an exemplar: its bytes twice and two objects.
    private static final long TEXT_BYTES = 2 * 10 + 120;

    private static final int ROWS_MIN = 4_096;

    private final ColumnScan scan = new ColumnScan();
    private final ColumnRows measured = new ColumnRows();
    private final MessageType columns;
    private final long bytesMax;

    RowGroupLimit(MessageType columns, long bytesMax) {
        this.columns = columns;
        this.bytesMax = bytesMax;
    }

    /// The rows, in as many pieces as needed.
    List<RowOrder> parts(RowOrder rows) {
        var parts = new ArrayList<RowOrder>();
        cut(rows, parts);
        return parts;
    }

    private void cut(RowOrder rows, List<RowOrder> parts) {
        if (rows.size() < 2 * ROWS_MIN
                || repeatedBytes(rows) <= bytesMax && textBytes(rows) <= bytesMax) {
            parts.add(rows);
            return;
        }
        int half = rows.size() / 2;
        cut(rows.part(0, half), parts);
        cut(rows.part(half, rows.size()), parts);
    }

    /// The most that a text column takes that is the same for all rows of a series: what the files
    /// hold of it, or, where that is too much, what is left of it when each text is kept once.
    private long textBytes(RowOrder rows) {
        long most = 0;
        for (ColumnDescriptor column : columns.getColumns()) {
            if (column.getMaxRepetitionLevel() > 0
                    || column.getPrimitiveType().getPrimitiveTypeName()
                            != PrimitiveTypeName.BINARY) {
                continue;
            }
            long stored = 0;
            for (SourceFile.Chunk chunk : chunks(column, rows)) {
                stored += 3 * chunk.data().getTotalUncompressedSize();
            }
            most = Math.max(most, stored <= bytesMax ? stored : pooledBytes(column, rows));
        }
        return most;
    }

    private long pooledBytes(ColumnDescriptor column, RowOrder rows) {
        measured.begin(column, rows.rowsRead());
        for (int i = 0; i < rows.files().size(); i++) {
            SourceFile file = rows.files().get(i);
            @Nullable ColumnDescriptor own = file.column(id(column));
            if (own != null && rows.from(i) < rows.to(i)) {
                scan.read(file, own, rows.from(i), rows.to(i), measured);
            }
        }
        return measured.pool.bytes();
    }

    private static int id(ColumnDescriptor column) {
        return column.getPrimitiveType().getId().intValue();
    }

    /// The most that a repeated column takes.
    private long repeatedBytes(RowOrder rows) {
        long most = 0;
        for (ColumnDescriptor column : columns.getColumns()) {
            if (column.getMaxRepetitionLevel() > 0) {
                boolean text =
                        column.getPrimitiveType().getPrimitiveTypeName()
                                == PrimitiveTypeName.BINARY;
                most = Math.max(most, entries(column, rows) * (text ? TEXT_BYTES : NUMBER_BYTES));
            }
        }
        return most;
    }

    private static long entries(ColumnDescriptor column, RowOrder rows) {
        long entries = 0;
        for (int i = 0; i < rows.files().size(); i++) {
            SourceFile file = rows.files().get(i);
            for (int block : blocks(column, rows, i)) {
                long base = file.blockFrom(block);
                entries +=
                        entries(
                                file.chunk(block, Objects.requireNonNull(file.column(id(column)))),
                                rows.from(i) - base,
                                rows.to(i) - base);
            }
        }
        return entries;
    }

    private static List<SourceFile.Chunk> chunks(ColumnDescriptor column, RowOrder rows) {
        var chunks = new ArrayList<SourceFile.Chunk>();
        for (int i = 0; i < rows.files().size(); i++) {
            SourceFile file = rows.files().get(i);
            for (int block : blocks(column, rows, i)) {
                chunks.add(file.chunk(block, Objects.requireNonNull(file.column(id(column)))));
            }
        }
        return chunks;
    }

    /// Row groups of a file that hold rows of the order; none if it lacks the column.
    private static int[] blocks(ColumnDescriptor column, RowOrder rows, int ofFile) {
        SourceFile file = rows.files().get(ofFile);
        if (file.column(id(column)) == null || rows.from(ofFile) == rows.to(ofFile)) {
            return new int[0];
        }
        return IntStream.rangeClosed(
                        file.blockOf(rows.from(ofFile)), file.blockOf(rows.to(ofFile) - 1))
                .toArray();
    }

    private static long entries(SourceFile.Chunk chunk, long from, long to) {
        ColumnChunkMetaData data = chunk.data();
        if (data.getTotalUncompressedSize() < data.getValueCount() / 8) {
            return 0; // levels alone: no row has a value
        }
        OffsetIndex index = chunk.index();
        if (index == null) {
            return data.getValueCount();
        }
        long entries = 0;
        for (int page = 0; page < index.getPageCount(); page++) {
            boolean last = page + 1 == index.getPageCount();
            if (index.getFirstRowIndex(page) < to
                    && (last || index.getFirstRowIndex(page + 1) > from)) {
                entries += PAGE_ENTRIES_MAX;
            }
        }
        return Math.min(data.getValueCount(), Math.max(entries, to - from));
    }
}
