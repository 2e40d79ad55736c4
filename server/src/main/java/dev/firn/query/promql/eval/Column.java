package dev.firn.query.promql.eval;

import dev.firn.query.promql.value.Labels;
import dev.firn.query.promql.value.NativeHistogram;
import dev.firn.query.promql.value.Samples;
import org.jspecify.annotations.Nullable;

/// A series between two operators: at each step of the grid a number, a histogram or nothing.
/// Primitive arrays, since queries spend their time here.
final class Column {
    static final byte NONE = 0;
    static final byte NUMBER = 1;
    static final byte HISTOGRAM = 2;

    private final Labels labels;
    private final boolean dropName;
    private final byte[] kinds;
    private final double[] values;
    private NativeHistogram @Nullable [] histograms;
    private int count;

    /// `dropName`: the name no longer fits and goes at the end of the query.
    Column(Labels labels, boolean dropName, int steps) {
        this.labels = labels;
        this.dropName = dropName;
        this.kinds = new byte[steps];
        this.values = new double[steps];
    }

    private Column(Labels labels, boolean dropName, Column data) {
        this.labels = labels;
        this.dropName = dropName;
        this.kinds = data.kinds;
        this.values = data.values;
        this.histograms = data.histograms;
        this.count = data.count;
    }

    /// The same data under other labels.
    Column named(Labels labels, boolean dropName) {
        return new Column(labels, dropName, this);
    }

    static Column constant(double value, int steps) {
        var column = new Column(Labels.EMPTY, false, steps);
        for (int i = 0; i < steps; i++) {
            column.set(i, value);
        }
        return column;
    }

    Labels labels() {
        return labels;
    }

    boolean dropName() {
        return dropName;
    }

    int steps() {
        return kinds.length;
    }

    boolean has(int i) {
        return kinds[i] != NONE;
    }

    boolean isNumber(int i) {
        return kinds[i] == NUMBER;
    }

    boolean isHistogram(int i) {
        return kinds[i] == HISTOGRAM;
    }

    double value(int i) {
        return values[i];
    }

    /// Null where there is no histogram.
    @Nullable NativeHistogram histogram(int i) {
        return kinds[i] == HISTOGRAM && histograms != null ? histograms[i] : null;
    }

    void set(int i, double value) {
        count += kinds[i] == NONE ? 1 : 0;
        kinds[i] = NUMBER;
        values[i] = value;
    }

    void set(int i, NativeHistogram histogram) {
        count += kinds[i] == NONE ? 1 : 0;
        if (histograms == null) {
            histograms = new NativeHistogram[kinds.length];
        }
        kinds[i] = HISTOGRAM;
        histograms[i] = histogram;
    }

    /// Copies one step, whatever is there.
    void copy(int i, Column from, int j) {
        NativeHistogram histogram = from.histogram(j);
        if (histogram != null) {
            set(i, histogram);
        } else if (from.has(j)) {
            set(i, from.values[j]);
        }
    }

    boolean isEmpty() {
        return count == 0;
    }

    int count() {
        return count;
    }

    /// What it costs the query's limit.
    long weight() {
        long weight = kinds.length;
        for (int i = 0; histograms != null && i < kinds.length; i++) {
            NativeHistogram histogram = histogram(i);
            weight += histogram == null ? 0 : histogram.weight();
        }
        return weight;
    }

    Samples samples(Grid grid) {
        int histogramCount = 0;
        for (byte kind : kinds) {
            histogramCount += kind == HISTOGRAM ? 1 : 0;
        }
        long[] times = new long[count - histogramCount];
        double[] numbers = new double[times.length];
        long[] histogramTimes = new long[histogramCount];
        NativeHistogram[] kept = new NativeHistogram[histogramCount];
        int n = 0;
        int h = 0;
        for (int i = 0; i < kinds.length; i++) {
            NativeHistogram histogram = histogram(i);
            if (histogram != null) {
                histogramTimes[h] = grid.at(i);
                kept[h++] = histogram;
            } else if (kinds[i] == NUMBER) {
                times[n] = grid.at(i);
                numbers[n++] = values[i];
            }
        }
        return Samples.of(times, numbers, histogramTimes, kept);
    }
}
