package dev.firn.model;

import java.util.Arrays;

/// Points of exponential histograms as OTLP has them: base 2^(2^-scale), bucket `i` holds (base^i,
/// base^(i+1)].
public final class ExponentialHistograms extends Points {
    /// Number of measurements, unsigned.
    public long[] count = new long[0];

    /// Sum, if [Histograms#HAS_SUM].
    public double[] sum = new double[0];

    /// Minimum, if [Histograms#HAS_MIN].
    public double[] min = new double[0];

    /// Maximum, if [Histograms#HAS_MAX].
    public double[] max = new double[0];

    /// Which of the optional fields were sent: the bits of [Histograms].
    public byte[] has = new byte[0];

    /// Resolution.
    public int[] scale = new int[0];

    /// Measurements within the zero threshold, unsigned.
    public long[] zeroCount = new long[0];

    /// Width of the zero bucket.
    public double[] zeroThreshold = new double[0];

    /// Index of the first positive bucket.
    public int[] positiveOffset = new int[0];

    /// Index of the first negative bucket.
    public int[] negativeOffset = new int[0];

    /// Positive bucket counts, unsigned.
    public final LongLists positive = new LongLists();

    /// Negative bucket counts, unsigned.
    public final LongLists negative = new LongLists();

    /// Adds a point whose remaining columns the caller sets by the returned row; its buckets were
    /// pushed to [#positive] and [#negative] before and are ended here.
    public int add(Series one, long timeNanos, long startNanos, int pointFlags) {
        int row = addRow();
        series[row] = one;
        time[row] = timeNanos;
        start[row] = startNanos;
        flags[row] = pointFlags;
        positive.endRow();
        negative.endRow();
        return row;
    }

    int copyRow(ExponentialHistograms from, int row, Series as) {
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
        scale[to] = from.scale[row];
        zeroCount[to] = from.zeroCount[row];
        zeroThreshold[to] = from.zeroThreshold[row];
        positiveOffset[to] = from.positiveOffset[row];
        negativeOffset[to] = from.negativeOffset[row];
        positive.copyRow(from.positive, row);
        negative.copyRow(from.negative, row);
        return to;
    }

    @Override
    public Kind kind() {
        return Kind.EXPONENTIAL_HISTOGRAMS;
    }

    @Override
    void growTo(int capacity) {
        count = Arrays.copyOf(count, capacity);
        sum = Arrays.copyOf(sum, capacity);
        min = Arrays.copyOf(min, capacity);
        max = Arrays.copyOf(max, capacity);
        has = Arrays.copyOf(has, capacity);
        scale = Arrays.copyOf(scale, capacity);
        zeroCount = Arrays.copyOf(zeroCount, capacity);
        zeroThreshold = Arrays.copyOf(zeroThreshold, capacity);
        positiveOffset = Arrays.copyOf(positiveOffset, capacity);
        negativeOffset = Arrays.copyOf(negativeOffset, capacity);
    }

    @Override
    void clear() {
        super.clear();
        positive.clear();
        negative.clear();
    }

    @Override
    void removeLast() {
        super.removeLast();
        positive.removeLast();
        negative.removeLast();
    }
}
