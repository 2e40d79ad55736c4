package dev.firn.engine;

import dev.firn.base.ByteWriter;
import dev.firn.model.LongLists;
import dev.firn.model.Points;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.TreeMap;

/// Rows of `rollup_5m` of one kind that wait to be written, as columns. A hot path: `firn bench
/// ingest` measures it.
final class RollupRows {
    // Columns of integers and of bits.
    static final int ZERO_COUNT = 0;
    static final int ZERO_THRESHOLD = 1;
    static final int LAST_ZERO_COUNT = 2;
    static final int LAST_ZERO_THRESHOLD = 3;

    // Columns of Int32.
    static final int SCALE = 0;
    static final int POSITIVE_OFFSET = 1;
    static final int NEGATIVE_OFFSET = 2;
    static final int LAST_SCALE = 3;
    static final int LAST_POSITIVE_OFFSET = 4;
    static final int LAST_NEGATIVE_OFFSET = 5;

    // Columns of lists.
    static final int BOUNDS = 0;
    static final int BUCKETS = 1;
    static final int LAST_BOUNDS = 2;
    static final int LAST_BUCKETS = 3;
    static final int POSITIVE_BUCKETS = 0;
    static final int NEGATIVE_BUCKETS = 1;
    static final int LAST_POSITIVE = 2;
    static final int LAST_NEGATIVE = 3;

    private static final int LISTS = 4;

    private static final String BEFORE = "metric_id, series_id, time, count, ";
    private static final String MIDDLE =
            "min, max, first_time, first_start, first_value, last_time, last_start, last_value, ";
    private static final String AFTER =
            "stale_count, increase, unknown_baselines, resets, retention_days, version";
    private static final String NUMBERS = BEFORE + MIDDLE + "nan_count, sum, " + AFTER;
    private static final String OTHERS =
            BEFORE + MIDDLE + "first_count, last_count, sum_increase, " + AFTER;

    private final Points.Kind kind;

    // Fields of cells, by row.
    private long[] id = new long[0];
    private int[] metricId = new int[0];
    private int[] retentionDays = new int[0];
    private long[] window = new long[0];
    private final long[][] cells = new long[OpenWindows.WIDTH][0];
    private long[] nan = new long[0];
    private long[] staleCount = new long[0];
    private long[] unknown = new long[0];
    private long[] resets = new long[0];
    private final long[][] longs = new long[4][0];
    private final int[][] ints = new int[6][0];
    private final LongLists[] lists = new LongLists[LISTS];
    private int size;

    RollupRows(Points.Kind kind) {
        this.kind = kind;
        for (int i = 0; i < LISTS; i++) {
            lists[i] = new LongLists();
        }
    }

    int size() {
        return size;
    }

    Points.Kind kind() {
        return kind;
    }

    /// Start of a row's window.
    long window(int row) {
        return window[row];
    }

    /// Appends what a cell says of its window.
    void add(OpenWindows cellsOfKind, int number) {
        if (size == id.length) {
            grow(Math.max(256, size * 2));
        }
        long[] cell = cellsOfKind.chunk(number);
        int at = OpenWindows.offset(number);
        id[size] = cell[at + OpenWindows.ID];
        metricId[size] = (int) (cell[at + OpenWindows.METRIC] >>> 32);
        retentionDays[size] = (int) cell[at + OpenWindows.METRIC];
        window[size] = cell[at + OpenWindows.WINDOW];
        for (int field = OpenWindows.COUNT; field < OpenWindows.WIDTH; field++) {
            cells[field][size] = cell[at + field];
        }
        boolean any = cell[at + OpenWindows.FIRST_TIME] != 0;
        for (int field = OpenWindows.LAST_TIME; field <= OpenWindows.LAST_COUNT; field++) {
            cells[field][size] = any ? cell[at + field] : 0;
        }
        if (kind != Points.Kind.NUMBERS) {
            long increase = cell[at + OpenWindows.INCREASE];
            cells[OpenWindows.INCREASE][size] = Double.doubleToRawLongBits((double) increase);
        }
        nan[size] = cell[at + OpenWindows.NAN_STALE] >>> 32;
        staleCount[size] = cell[at + OpenWindows.NAN_STALE] & 0xffff_ffffL;
        unknown[size] = cell[at + OpenWindows.UNKNOWN_RESETS] >>> 32;
        resets[size] = cell[at + OpenWindows.UNKNOWN_RESETS] & 0xffff_ffffL;
        Buckets buckets = kind == Points.Kind.NUMBERS ? null : cellsOfKind.buckets(number);
        if (buckets != null) {
            buckets.emit(this);
        } else {
            for (LongLists list : lists) { // only stale markers have come
                list.endRow();
            }
        }
        size++;
    }

    private void grow(int capacity) {
        id = Arrays.copyOf(id, capacity);
        metricId = Arrays.copyOf(metricId, capacity);
        retentionDays = Arrays.copyOf(retentionDays, capacity);
        window = Arrays.copyOf(window, capacity);
        for (int field = OpenWindows.LAST_TIME; field < OpenWindows.WIDTH; field++) {
            cells[field] = Arrays.copyOf(cells[field], capacity);
        }
        nan = Arrays.copyOf(nan, capacity);
        staleCount = Arrays.copyOf(staleCount, capacity);
        unknown = Arrays.copyOf(unknown, capacity);
        resets = Arrays.copyOf(resets, capacity);
        if (kind == Points.Kind.EXPONENTIAL_HISTOGRAMS) {
            for (int i = 0; i < longs.length; i++) {
                longs[i] = Arrays.copyOf(longs[i], capacity);
            }
            for (int i = 0; i < ints.length; i++) {
                ints[i] = Arrays.copyOf(ints[i], capacity);
            }
        }
    }

    /// A value of the row that is being added.
    void number(int column, long bits) {
        longs[column][size] = bits;
    }

    /// The same of a column of Int32.
    void integer(int column, int value) {
        ints[column][size] = value;
    }

    /// The same of a column of lists.
    void list(int column, long[] values, int length) {
        for (int i = 0; i < length; i++) {
            lists[column].push(values[i]);
        }
        lists[column].endRow();
    }

    /// Row numbers by month, so that a block goes into one partition.
    List<int[]> months() {
        var months = new TreeMap<Integer, int[]>();
        var sizes = new HashMap<Integer, Integer>();
        for (int from = 0; from < size; ) {
            LocalDate first =
                    LocalDate.ofEpochDay(Math.floorDiv(window[from], 86_400L)).withDayOfMonth(1);
            long low = first.toEpochDay() * 86_400;
            long high = first.plusMonths(1).toEpochDay() * 86_400;
            int to = from;
            while (to < size && window[to] >= low && window[to] < high) {
                to++;
            }
            int month = first.getYear() * 12 + first.getMonthValue();
            int before = sizes.getOrDefault(month, 0);
            int[] rows = months.getOrDefault(month, new int[0]);
            if (rows.length < before + to - from) {
                rows = Arrays.copyOf(rows, Math.max(before + to - from, 2 * rows.length));
            }
            for (int row = from; row < to; row++) {
                rows[before + row - from] = row;
            }
            months.put(month, rows);
            sizes.put(month, before + to - from);
            from = to;
        }
        return months.entrySet().stream()
                .map(month ->
                        Arrays.copyOf(month.getValue(), sizes.getOrDefault(month.getKey(), 0)))
                .toList();
    }

    /// Names of the columns in the order of [#block].
    String columns() {
        return switch (kind) {
            case NUMBERS -> NUMBERS;
            case SUMMARIES -> OTHERS;
            case HISTOGRAMS -> OTHERS + ", bounds, buckets, last_bounds, last_buckets";
            case EXPONENTIAL_HISTOGRAMS ->
                    OTHERS
                            + ", scale, zero_count, zero_threshold, positive_offset,"
                            + " positive_buckets, negative_offset, negative_buckets, last_scale,"
                            + " last_zero_count, last_zero_threshold, last_positive_offset,"
                            + " last_positive_buckets, last_negative_offset,"
                            + " last_negative_buckets";
        };
    }

    /// A Native block of some rows.
    ByteWriter block(int[] rows, int from, int to, TimePrecision precision, long version) {
        var block = new NativeBlock(new ByteWriter(1 << 16));
        block.begin(columns().split(",").length, rows, from, to)
                .uint32("metric_id", metricId)
                .int64("series_id", id)
                .dateTime("time", window)
                .uint64("count", cells[OpenWindows.COUNT])
                .float64Bits("min", cells[OpenWindows.MIN])
                .float64Bits("max", cells[OpenWindows.MAX])
                .ticks("first_time", precision, cells[OpenWindows.FIRST_TIME])
                .ticks("first_start", precision, cells[OpenWindows.FIRST_START])
                .float64Bits("first_value", cells[OpenWindows.FIRST_VALUE])
                .ticks("last_time", precision, cells[OpenWindows.LAST_TIME])
                .ticks("last_start", precision, cells[OpenWindows.LAST_START])
                .float64Bits("last_value", cells[OpenWindows.LAST_VALUE]);
        if (kind == Points.Kind.NUMBERS) {
            block.uint64("nan_count", nan).float64Bits("sum", cells[OpenWindows.SUM]);
        } else {
            block.uint64("first_count", cells[OpenWindows.FIRST_COUNT])
                    .uint64("last_count", cells[OpenWindows.LAST_COUNT])
                    .float64Bits("sum_increase", cells[OpenWindows.SUM]);
        }
        block.uint64("stale_count", staleCount)
                .float64Bits("increase", cells[OpenWindows.INCREASE])
                .uint64("unknown_baselines", unknown)
                .uint64("resets", resets)
                .uint16("retention_days", retentionDays)
                .uint64Constant("version", version);
        if (kind == Points.Kind.HISTOGRAMS) {
            block.float64Array("bounds", lists[BOUNDS])
                    .uint64Array("buckets", lists[BUCKETS])
                    .float64Array("last_bounds", lists[LAST_BOUNDS])
                    .uint64Array("last_buckets", lists[LAST_BUCKETS]);
        } else if (kind == Points.Kind.EXPONENTIAL_HISTOGRAMS) {
            exponential(block);
        }
        return block.end();
    }

    private void exponential(NativeBlock block) {
        block.int32("scale", ints[SCALE])
                .uint64("zero_count", longs[ZERO_COUNT])
                .float64Bits("zero_threshold", longs[ZERO_THRESHOLD])
                .int32("positive_offset", ints[POSITIVE_OFFSET])
                .uint64Array("positive_buckets", lists[POSITIVE_BUCKETS])
                .int32("negative_offset", ints[NEGATIVE_OFFSET])
                .uint64Array("negative_buckets", lists[NEGATIVE_BUCKETS])
                .int32("last_scale", ints[LAST_SCALE])
                .uint64("last_zero_count", longs[LAST_ZERO_COUNT])
                .float64Bits("last_zero_threshold", longs[LAST_ZERO_THRESHOLD])
                .int32("last_positive_offset", ints[LAST_POSITIVE_OFFSET])
                .uint64Array("last_positive_buckets", lists[LAST_POSITIVE])
                .int32("last_negative_offset", ints[LAST_NEGATIVE_OFFSET])
                .uint64Array("last_negative_buckets", lists[LAST_NEGATIVE]);
    }
}
