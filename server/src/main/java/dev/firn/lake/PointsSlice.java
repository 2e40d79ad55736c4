package dev.firn.lake;

import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/// The rows of one row group, gathered into the order of the file: a row's fields lie far apart
/// from those of the row before it, so that each column written from [RunRows] itself would miss
/// the cache once a row. And the runs of one series, and of one form, among them. Mutable, for the
/// hot path that `LakeWriteBench` measures.
final class PointsSlice {
    final RunRows run;
    final String plane;

    /// The columns of [RunRows] in the file's order, of which the first [#size] count.
    final Columns at;

    private final int size;

    /// Row numbers in [#run], in order: `rows[from + i]` is the `i`th.
    private final int[] rows;

    private final int from;

    /// Forms of runs of rows that share one, and how many rows each run has.
    byte[] formOfRun = new byte[64];

    int[] formLengths = new int[64];

    int formRuns;

    /// Series number of each run of rows.
    int[] runSeries = new int[64];

    /// Rows of each run.
    int[] runLengths = new int[64];

    /// Number of runs.
    int runs;

    /// Numbers of the metrics here, and for each run the place of its metric among them.
    final Numbers metrics;

    /// The same for the well-known columns.
    final Numbers wellKnowns;

    private final int[] rowsByForm = new int[6];

    /// Arrays for one slice after the other.
    static final class Columns {
        long[] time = new long[0];
        long[] start = new long[0];
        long[] bits = new long[0];
        int[] flags = new int[0];
        int[] source = new int[0];
        byte[] form = new byte[0];

        private void grow(int capacity) {
            time = new long[capacity];
            start = new long[capacity];
            bits = new long[capacity];
            flags = new int[capacity];
            source = new int[capacity];
            form = new byte[capacity];
        }

        private void gather(RunRows run, int[] rows, int from, int size) {
            if (time.length < size) {
                grow(Math.max(size, time.length * 2));
            }
            for (int i = 0; i < size; i++) {
                int row = rows[from + i];
                time[i] = run.time[row];
                start[i] = run.start[row];
                bits[i] = run.bits[row];
                flags[i] = run.flags[row];
                source[i] = run.source[row];
                form[i] = run.form[row];
            }
        }
    }

    /// @param columns filled here
    /// @param rows row numbers in order, of which this is `[from..to)`
    PointsSlice(RunRows run, String plane, Columns columns, int[] rows, int from, int to) {
        this.run = run;
        this.plane = plane;
        this.at = columns;
        this.rows = rows;
        this.from = from;
        this.size = to - from;
        columns.gather(run, rows, from, size);
        splitBySeries();
        splitByForm();
        metrics =
                new Numbers(
                        runs, run.series.metrics().size(), i -> run.series.metric(runSeries[i]));
        wellKnowns =
                new Numbers(
                        runs,
                        run.series.wellKnowns().size(),
                        i -> run.series.wellKnown(runSeries[i]));
    }

    /// Renumbers what occurs in the runs from 0.
    static final class Numbers {
        /// For each run, the place in [#numbers].
        final int[] ofRun;

        /// What occurs, in order of first appearance.
        final int[] numbers;

        /// @param all one more than the greatest number
        Numbers(int runs, int all, IntUnaryOperator numberOfRun) {
            ofRun = new int[runs];
            int[] places = new int[all]; // 0: not seen
            int[] seen = new int[Math.min(runs, all)];
            int size = 0;
            for (int i = 0; i < runs; i++) {
                int number = numberOfRun.applyAsInt(i);
                if (places[number] == 0) {
                    seen[size++] = number;
                    places[number] = size;
                }
                ofRun[i] = places[number] - 1;
            }
            numbers = Arrays.copyOf(seen, size);
        }
    }

    private void splitBySeries() {
        int last = -1;
        for (int i = 0; i < size; i++) {
            int series = run.seriesIndex[rows[from + i]];
            if (series != last) {
                begin(series);
                last = series;
            }
            runLengths[runs - 1]++;
        }
    }

    private void splitByForm() {
        byte[] form = at.form;
        for (int i = 0; i < size; ) {
            byte same = form[i];
            int end = i + 1;
            while (end < size && form[end] == same) {
                end++;
            }
            if (formRuns == formLengths.length) {
                formLengths = Arrays.copyOf(formLengths, formRuns * 2);
                formOfRun = Arrays.copyOf(formOfRun, formRuns * 2);
            }
            formOfRun[formRuns] = same;
            formLengths[formRuns++] = end - i;
            rowsByForm[same] += end - i;
            i = end;
        }
    }

    /// The `i`th row's number in [#run].
    int row(int i) {
        return rows[from + i];
    }

    private void begin(int series) {
        if (runs == runSeries.length) {
            runSeries = Arrays.copyOf(runSeries, runs * 2);
            runLengths = Arrays.copyOf(runLengths, runs * 2);
        }
        runSeries[runs++] = series;
    }

    /// Number of rows.
    int size() {
        return size;
    }

    /// Rows whose value has this form.
    int rowsOf(byte form) {
        return rowsByForm[form];
    }
}
