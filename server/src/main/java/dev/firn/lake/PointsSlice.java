package dev.firn.lake;

import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/// The rows of one row group, and the runs of one series among them.
final class PointsSlice {
    final RunRows run;
    final String plane;
    final int[] rows;
    final int from;
    final int to;

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

    /// @param rows row numbers in order, of which this is `[from..to)`
    PointsSlice(RunRows run, String plane, int[] rows, int from, int to) {
        this.run = run;
        this.plane = plane;
        this.rows = rows;
        this.from = from;
        this.to = to;
        int last = -1;
        for (int i = from; i < to; i++) {
            int series = run.seriesIndex[rows[i]];
            rowsByForm[run.form[rows[i]]]++;
            if (series != last) {
                begin(series);
                last = series;
            }
            runLengths[runs - 1]++;
        }
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

    private void begin(int series) {
        if (runs == runSeries.length) {
            runSeries = Arrays.copyOf(runSeries, runs * 2);
            runLengths = Arrays.copyOf(runLengths, runs * 2);
        }
        runSeries[runs++] = series;
    }

    /// Number of rows.
    int size() {
        return to - from;
    }

    /// Rows whose value has this form.
    int rowsOf(byte form) {
        return rowsByForm[form];
    }
}
