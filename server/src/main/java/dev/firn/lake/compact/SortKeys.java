package dev.firn.lake.compact;

import dev.firn.lake.PointsTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.jspecify.annotations.Nullable;

/// The order of table `points`: metric name by its UTF-8 bytes, series id, time in nanoseconds.
/// Reads these columns of a range of rows as three plain arrays. Names have numbers that stand for
/// all files of a merge. Used by one thread.
final class SortKeys {
    /// The keys of some rows that follow each other in a file.
    static final class Block {
        int[] name = new int[0];
        long[] series = new long[0];
        long[] time = new long[0];
        int size;

        void reserve(int capacity) {
            if (series.length < capacity) {
                name = new int[capacity];
                series = new long[capacity];
                time = new long[capacity];
            }
        }

        /// Holds nothing but the key of a row of another block.
        void keep(Block of, int row) {
            reserve(1);
            name[0] = of.name[row];
            series[0] = of.series[row];
            time[0] = of.time[row];
            size = 1;
        }
    }

    private static final long MICRO = 1000;

    private final ColumnDescriptor name;
    private final ColumnDescriptor series;
    private final ColumnDescriptor time;
    private final ColumnDescriptor timeNanos;
    private final ColumnScan scan = new ColumnScan();
    private final ColumnRows rows = new ColumnRows();
    private final List<Binary> names = new ArrayList<>();
    private final Map<Binary, Integer> numbers = new HashMap<>();

    SortKeys(MessageType columns) {
        name = column(columns, PointsTable.METRIC_NAME);
        series = column(columns, PointsTable.SERIES_ID);
        time = column(columns, PointsTable.TIME);
        timeNanos = column(columns, PointsTable.TIME_NANOS);
    }

    static ColumnDescriptor column(MessageType columns, int id) {
        return columns.getColumns().stream()
                .filter(column -> column.getPrimitiveType().getId().intValue() == id)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("points has no column " + id));
    }

    /// Reads the keys of rows `[from, to)`.
    void read(SourceFile file, long from, long to, Block into) {
        int size = Math.toIntExact(to - from);
        into.size = size;
        into.reserve(size);
        column(file, name, from, to);
        int[] numberOf = new int[rows.pool.size()];
        for (int i = 0; i < size; i++) {
            int code = rows.codes[i];
            if (numberOf[code] == 0) {
                numberOf[code] = 1 + number(rows.pool.get(code));
            }
            into.name[i] = numberOf[code] - 1;
        }
        column(file, series, from, to);
        System.arraycopy(rows.values, 0, into.series, 0, size);
        column(file, time, from, to);
        for (int i = 0; i < size; i++) {
            into.time[i] = rows.values[i] * MICRO;
        }
        column(file, timeNanos, from, to);
        for (int i = 0; i < size; i++) {
            into.time[i] += rows.values[i];
        }
    }

    private void column(SourceFile file, ColumnDescriptor column, long from, long to) {
        rows.begin(column, Math.toIntExact(to - from));
        scan.read(file, own(file, column), from, to, rows);
    }

    /// A column that no file may lack, as the file has it.
    static ColumnDescriptor own(SourceFile file, ColumnDescriptor column) {
        @Nullable ColumnDescriptor own = file.column(column.getPrimitiveType().getId().intValue());
        if (own == null) {
            throw SourceFile.unreadable(
                    file.file(),
                    new IllegalStateException(
                            "it has no column \"" + String.join(".", column.getPath()) + "\""));
        }
        return own;
    }

    private int number(Binary one) {
        Integer known = numbers.get(one);
        if (known != null) {
            return known;
        }
        Binary kept = one.copy();
        numbers.put(kept, names.size());
        names.add(kept);
        return names.size() - 1;
    }

    /// Negative, zero or positive, as row `i` of `a` comes before, with or after row `j` of `b`.
    int compare(Block a, int i, Block b, int j) {
        if (a.name[i] != b.name[j]) {
            return Binary.lexicographicCompare(names.get(a.name[i]), names.get(b.name[j]));
        }
        int bySeries = Long.compare(a.series[i], b.series[j]);
        return bySeries != 0 ? bySeries : Long.compare(a.time[i], b.time[j]);
    }
}
