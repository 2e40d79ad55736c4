package dev.firn.query.promql.eval;

import dev.firn.query.promql.eval.QueryValue.Series;
import dev.firn.query.promql.eval.SeriesSource.Cursor;
import dev.firn.query.promql.eval.SeriesSource.Selection;
import dev.firn.query.promql.lang.Expr;
import dev.firn.query.promql.lang.Expr.Extension;
import dev.firn.query.promql.value.NativeHistogram;
import dev.firn.query.promql.value.Samples;
import java.util.ArrayList;
import java.util.List;

/// A range selector as the whole query: the samples themselves.
final class RawRange {
    private final Evaluator evaluator;
    private final Expr.MatrixSelector matrix;
    private final Extension extension;
    private final long end;
    private final long range;

    RawRange(Evaluator evaluator, Grid grid, Expr.MatrixSelector matrix) {
        this.evaluator = evaluator;
        this.matrix = matrix;
        this.extension = matrix.vector().extension();
        this.end = evaluator.time(matrix.vector().when(), grid.start());
        this.range = evaluator.positiveMillis(matrix.range(), matrix.span());
    }

    List<Series> series() {
        long lookback = evaluator.options().lookbackMillis();
        long before = extension == Extension.NONE ? 0 : lookback;
        long after = extension == Extension.SMOOTHED ? lookback : 0;
        var result = new ArrayList<Series>();
        var selection =
                new Selection(
                        matrix.vector().matchers(), end - range - before + 1, end + after, "");
        try (Cursor cursor = evaluator.source().select(selection)) {
            while (cursor.next()) {
                evaluator.budget().check();
                var window =
                        new Window(
                                cursor.labels(),
                                cursor.samples().withoutStale(),
                                range,
                                extension,
                                matrix.span(),
                                matrix.span(),
                                false);
                window.move(end, end, before, after);
                Samples samples = extension == Extension.NONE ? copy(window) : extended(window);
                evaluator.budget().take(samples.weight());
                if (samples.weight() > 0) {
                    result.add(new Series(cursor.labels(), samples));
                }
            }
        }
        return result;
    }

    private static Samples copy(Window window) {
        long[] times = new long[window.numbers()];
        double[] values = new double[window.numbers()];
        for (int i = 0; i < times.length; i++) {
            times[i] = window.time(i);
            values[i] = window.value(i);
        }
        long[] histogramTimes = new long[window.histograms()];
        NativeHistogram[] histograms = new NativeHistogram[window.histograms()];
        for (int i = 0; i < histogramTimes.length; i++) {
            histogramTimes[i] = window.histogramTime(i);
            histograms[i] = window.histogram(i);
        }
        return Samples.of(times, values, histogramTimes, histograms);
    }

    /// With a value at either border.
    private Samples extended(Window window) {
        boolean smoothed = extension == Extension.SMOOTHED;
        if (window.histograms() > 0) {
            throw QueryException.execution(
                    (smoothed ? "smoothed" : "anchored")
                            + " modifier is not supported with histograms");
        }
        int last = window.numbers() - 1;
        if (last < 0) {
            return Samples.NONE;
        }
        int first = Math.max(0, Math.min(window.numberAfter(window.start()), last) - 1);
        if (smoothed) {
            last = Math.min(window.numberAfter(window.end() - 1), last);
        }
        if (window.time(last) <= window.start()) {
            return Samples.NONE;
        }
        double left = ExtendedRate.left(window, first, window.start(), smoothed, false);
        double right = ExtendedRate.right(window, last, window.end(), smoothed, false);
        int from = first + (window.time(first) <= window.start() ? 1 : 0);
        int to = last - (window.time(last) >= window.end() ? 1 : 0);
        int inside = Math.max(0, to - from + 1);
        long[] times = new long[inside + 2];
        double[] values = new double[inside + 2];
        times[0] = window.start();
        values[0] = left;
        for (int i = 0; i < inside; i++) {
            times[i + 1] = window.time(from + i);
            values[i + 1] = window.value(from + i);
        }
        times[inside + 1] = window.end();
        values[inside + 1] = right;
        return Samples.of(times, values);
    }
}
