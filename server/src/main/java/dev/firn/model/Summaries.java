package dev.firn.model;

import java.util.Arrays;

/// Points of summaries: precomputed quantiles, which nothing can merge.
public final class Summaries extends Points {
    /// Number of measurements, unsigned.
    public long[] count = new long[0];

    /// Their sum.
    public double[] sum = new double[0];

    /// Raw bits of each row's quantiles, 0 to 1.
    public final LongLists quantiles = new LongLists();

    /// Raw bits of the values at those quantiles.
    public final LongLists values = new LongLists();

    /// Adds a point; its quantiles and values were pushed before and are ended here.
    public int add(
            Series one,
            long timeNanos,
            long startNanos,
            int pointFlags,
            long measurements,
            double total) {
        int row = addRow();
        series[row] = one;
        time[row] = timeNanos;
        start[row] = startNanos;
        flags[row] = pointFlags;
        count[row] = measurements;
        sum[row] = total;
        quantiles.endRow();
        values.endRow();
        return row;
    }

    int copyRow(Summaries from, int row, Series as) {
        int to = addRow();
        series[to] = as;
        time[to] = from.time[row];
        start[to] = from.start[row];
        flags[to] = from.flags[row];
        count[to] = from.count[row];
        sum[to] = from.sum[row];
        quantiles.copyRow(from.quantiles, row);
        values.copyRow(from.values, row);
        return to;
    }

    @Override
    public Kind kind() {
        return Kind.SUMMARIES;
    }

    @Override
    void growTo(int capacity) {
        count = Arrays.copyOf(count, capacity);
        sum = Arrays.copyOf(sum, capacity);
    }

    @Override
    void clear() {
        super.clear();
        quantiles.clear();
        values.clear();
    }

    @Override
    void removeLast() {
        super.removeLast();
        quantiles.removeLast();
        values.removeLast();
    }
}
