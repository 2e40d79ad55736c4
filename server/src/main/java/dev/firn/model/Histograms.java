package dev.firn.model;

import java.util.Arrays;

/// Points of explicit-bucket histograms. Bounds are upper-inclusive; counts are per bucket, not
/// cumulative, and number one more than the bounds, or both are empty.
public final class Histograms extends Points {
    /// Bit of [#has].
    public static final byte HAS_SUM = 1;

    /// Bit of [#has].
    public static final byte HAS_MIN = 2;

    /// Bit of [#has].
    public static final byte HAS_MAX = 4;

    /// Number of measurements, unsigned.
    public long[] count = new long[0];

    /// Sum, if [#HAS_SUM].
    public double[] sum = new double[0];

    /// Minimum, if [#HAS_MIN].
    public double[] min = new double[0];

    /// Maximum, if [#HAS_MAX].
    public double[] max = new double[0];

    /// Which of the optional fields were sent.
    public byte[] has = new byte[0];

    /// Raw bits of each row's bounds.
    public final LongLists bounds = new LongLists();

    /// Each row's bucket counts, unsigned.
    public final LongLists counts = new LongLists();

    /// Adds a point; its bounds and counts were pushed to [#bounds] and [#counts] before and are
    /// ended here.
    public int add(
            Series one,
            long timeNanos,
            long startNanos,
            int pointFlags,
            long measurements,
            byte present,
            double total,
            double minimum,
            double maximum) {
        int row = addRow();
        series[row] = one;
        time[row] = timeNanos;
        start[row] = startNanos;
        flags[row] = pointFlags;
        count[row] = measurements;
        has[row] = present;
        sum[row] = total;
        min[row] = minimum;
        max[row] = maximum;
        bounds.endRow();
        counts.endRow();
        return row;
    }

    int copyRow(Histograms from, int row, Series as) {
        int to = addRow();
        series[to] = as;
        time[to] = from.time[row];
        start[to] = from.start[row];
        flags[to] = from.flags[row];
        count[to] = from.count[row];
        has[to] = from.has[row];
        sum[to] = from.sum[row];
        min[to] = from.min[row];
        max[to] = from.max[row];
        bounds.copyRow(from.bounds, row);
        counts.copyRow(from.counts, row);
        return to;
    }

    @Override
    public Kind kind() {
        return Kind.HISTOGRAMS;
    }

    @Override
    void growTo(int capacity) {
        count = Arrays.copyOf(count, capacity);
        sum = Arrays.copyOf(sum, capacity);
        min = Arrays.copyOf(min, capacity);
        max = Arrays.copyOf(max, capacity);
        has = Arrays.copyOf(has, capacity);
    }

    @Override
    void clear() {
        super.clear();
        bounds.clear();
        counts.clear();
    }

    @Override
    void removeLast() {
        super.removeLast();
        bounds.removeLast();
        counts.removeLast();
    }
}
