package dev.firn.lake;

import java.util.Arrays;

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
