package dev.firn.lake;

import dev.firn.model.Batch;
import dev.firn.model.Exemplars;
import dev.firn.model.ExponentialHistograms;
import dev.firn.model.Histograms;
import dev.firn.model.LongLists;
import dev.firn.model.Numbers;
import dev.firn.model.Points;
import dev.firn.model.Series;
import dev.firn.model.Summaries;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Points of many batches, copied, one row each in the order of arrival. Mutable and columnar: some
/// 40 bytes a number point. For the hot path that `LakeWriteBench` measures.
final class RunRows {
    /// Form of a row whose `bits` are a row of [#histograms]; below it are the forms of [Numbers].
    static final byte HISTOGRAM = 3;

    static final byte EXPONENTIAL = 4;
    static final byte SUMMARY = 5;
    private static final int FORMS = 6;
    private static final int ROW_BYTES = 37;

    /// A cut that rows came from.
    record Source(String src, long seq) {}

    final List<Source> sources = new ArrayList<>();
    final RunSeries series = new RunSeries();
    final int[] rowsByForm = new int[FORMS];

    int size;
    int[] seriesIndex = new int[0];
    int[] source = new int[0];
    long[] time = new long[0];
    long[] start = new long[0];
    int[] flags = new int[0];
    byte[] form = new byte[0];
    long[] bits = new long[0];

    int histograms;
    long[] count = new long[0];
    double[] sum = new double[0];
    double[] min = new double[0];
    double[] max = new double[0];
    byte[] has = new byte[0];
    final LongLists bounds = new LongLists();
    final LongLists counts = new LongLists();

    /// For a row of [#count], its row in [#scale] or [#quantiles].
    int[] shapeRow = new int[0];

    int exponentials;
    int[] scale = new int[0];
    long[] zeroCount = new long[0];
    double[] zeroThreshold = new double[0];
    int[] positiveOffset = new int[0];
    int[] negativeOffset = new int[0];
    final LongLists positive = new LongLists();
    final LongLists negative = new LongLists();

    int summaries;
    final LongLists quantiles = new LongLists();
    final LongLists quantileValues = new LongLists();

    final RunExemplars exemplars = new RunExemplars();
    private long listBytes;

    /// Bytes held, and those that sorting and writing will need beside them.
    long bytes() {
        return (long) time.length * ROW_BYTES
                + (long) size * RunOrder.ROW_BYTES
                + (long) count.length * 37
                + (long) scale.length * 28
                + listBytes
                + exemplars.bytes()
                + series.bytes();
    }

    void add(Batch batch, String src, long seq) {
        int from = source(src, seq);
        int numbersAt = size;
        addNumbers(batch.numbers, from);
        int histogramsAt = size;
        addHistograms(batch.histograms, from);
        int exponentialAt = size;
        addExponential(batch.exponential, from);
        int summariesAt = size;
        addSummaries(batch.summaries, from);
        addExemplars(batch.exemplars, Points.Kind.NUMBERS, numbersAt);
        addExemplars(batch.exemplars, Points.Kind.HISTOGRAMS, histogramsAt);
        addExemplars(batch.exemplars, Points.Kind.EXPONENTIAL_HISTOGRAMS, exponentialAt);
        addExemplars(batch.exemplars, Points.Kind.SUMMARIES, summariesAt);
    }

    /// Kind by kind: a batch has its exemplars in the order sent, whatever the kinds of their
    /// points, but a run's must ascend with its rows.
    private void addExemplars(Exemplars from, Points.Kind kind, int first) {
        for (int i = 0; i < from.size(); i++) {
            if (from.pointKind[i] == kind.code()) {
                exemplars.add(first + from.pointRow[i], from, i);
            }
        }
    }

    private int source(String src, long seq) {
        if (sources.isEmpty()
                || sources.getLast().seq() != seq
                || !sources.getLast().src().equals(src)) {
            sources.add(new Source(src, seq));
        }
        return sources.size() - 1;
    }

    private void addNumbers(Numbers points, int from) {
        int first = addShared(points, from);
        int rows = points.size();
        System.arraycopy(points.form, 0, form, first, rows);
        System.arraycopy(points.bits, 0, bits, first, rows);
        for (int i = 0; i < rows; i++) {
            rowsByForm[points.form[i]]++;
        }
    }

    private void addHistograms(Histograms points, int from) {
        int first = addShared(points, from);
        for (int i = 0; i < points.size(); i++) {
            int row = addHistogram(points.count[i], points.has[i]);
            sum[row] = points.sum[i];
            min[row] = points.min[i];
            max[row] = points.max[i];
            copy(points.bounds, i, bounds);
            copy(points.counts, i, counts);
            shape(first + i, HISTOGRAM, row);
        }
    }

    private void addExponential(ExponentialHistograms points, int from) {
        int first = addShared(points, from);
        for (int i = 0; i < points.size(); i++) {
            int row = addHistogram(points.count[i], points.has[i]);
            sum[row] = points.sum[i];
            min[row] = points.min[i];
            max[row] = points.max[i];
            bounds.endRow();
            counts.endRow();
            shapeRow[row] = addBuckets(points, i);
            shape(first + i, EXPONENTIAL, row);
        }
    }

    private int addBuckets(ExponentialHistograms points, int i) {
        if (exponentials == scale.length) {
            int capacity = Math.max(16, exponentials * 2);
            scale = Arrays.copyOf(scale, capacity);
            zeroCount = Arrays.copyOf(zeroCount, capacity);
            zeroThreshold = Arrays.copyOf(zeroThreshold, capacity);
            positiveOffset = Arrays.copyOf(positiveOffset, capacity);
            negativeOffset = Arrays.copyOf(negativeOffset, capacity);
        }
        int row = exponentials++;
        scale[row] = points.scale[i];
        zeroCount[row] = points.zeroCount[i];
        zeroThreshold[row] = points.zeroThreshold[i];
        positiveOffset[row] = points.positiveOffset[i];
        negativeOffset[row] = points.negativeOffset[i];
        copy(points.positive, i, positive);
        copy(points.negative, i, negative);
        return row;
    }

    private void addSummaries(Summaries points, int from) {
        int first = addShared(points, from);
        for (int i = 0; i < points.size(); i++) {
            int row = addHistogram(points.count[i], Histograms.HAS_SUM);
            sum[row] = points.sum[i];
            bounds.endRow();
            counts.endRow();
            shapeRow[row] = summaries++;
            copy(points.quantiles, i, quantiles);
            copy(points.values, i, quantileValues);
            shape(first + i, SUMMARY, row);
        }
    }

    private void shape(int row, byte shape, int rowOfShape) {
        form[row] = shape;
        bits[row] = rowOfShape;
        rowsByForm[shape]++;
    }

    private int addHistogram(long measurements, byte present) {
        if (histograms == count.length) {
            int capacity = Math.max(16, histograms * 2);
            count = Arrays.copyOf(count, capacity);
            sum = Arrays.copyOf(sum, capacity);
            min = Arrays.copyOf(min, capacity);
            max = Arrays.copyOf(max, capacity);
            has = Arrays.copyOf(has, capacity);
            shapeRow = Arrays.copyOf(shapeRow, capacity);
        }
        int row = histograms++;
        count[row] = measurements;
        has[row] = present;
        listBytes += 16; // two ends of ragged rows, doubled
        return row;
    }

    private void copy(LongLists from, int row, LongLists to) {
        to.push(from, row);
        to.endRow();
        listBytes += 16 + 12L * from.length(row);
    }

    private int addShared(Points points, int from) {
        int rows = points.size();
        int first = size;
        grow(first + rows);
        System.arraycopy(points.time, 0, time, first, rows);
        System.arraycopy(points.start, 0, start, first, rows);
        System.arraycopy(points.flags, 0, flags, first, rows);
        Arrays.fill(source, first, first + rows, from);
        Series[] each = points.series;
        for (int i = 0; i < rows; i++) {
            seriesIndex[first + i] = series.index(each[i], points.time[i], from);
        }
        size += rows;
        return first;
    }

    private void grow(int rows) {
        if (rows <= time.length) {
            return;
        }
        int capacity = Math.max(1024, Math.max(rows, time.length + (time.length >> 1)));
        seriesIndex = Arrays.copyOf(seriesIndex, capacity);
        source = Arrays.copyOf(source, capacity);
        time = Arrays.copyOf(time, capacity);
        start = Arrays.copyOf(start, capacity);
        flags = Arrays.copyOf(flags, capacity);
        form = Arrays.copyOf(form, capacity);
        bits = Arrays.copyOf(bits, capacity);
    }
}
