package dev.firn.query.promql.eval;

import dev.firn.query.promql.eval.SeriesSource.Cursor;
import dev.firn.query.promql.eval.SeriesSource.Selection;
import dev.firn.query.promql.lang.Expr;
import dev.firn.query.promql.lang.Expr.Extension;
import dev.firn.query.promql.value.NativeHistogram;
import dev.firn.query.promql.value.ResetHint;
import dev.firn.query.promql.value.Samples;
import java.util.ArrayList;
import java.util.List;

/// `selector smoothed`: at each step the value between the samples around it, no further away than
/// the lookback.
final class SmoothedSelector {
    private final Evaluator evaluator;
    private final Grid grid;
    private final Expr.VectorSelector selector;
    private final long lookback;

    SmoothedSelector(Evaluator evaluator, Grid grid, Expr.VectorSelector selector) {
        this.evaluator = evaluator;
        this.grid = grid;
        this.selector = selector;
        this.lookback = evaluator.options().lookbackMillis();
    }

    List<Column> select() {
        var result = new ArrayList<Column>();
        long first = evaluator.time(selector.when(), grid.start());
        long last = evaluator.time(selector.when(), grid.last());
        var selection =
                new Selection(selector.matchers(), first - lookback + 1, last + lookback, "");
        try (Cursor cursor = evaluator.source().select(selection)) {
            while (cursor.next()) {
                evaluator.budget().check();
                Samples samples = cursor.samples().withoutStale();
                evaluator.budget().take(samples.weight());
                var column = new Column(cursor.labels(), false, grid.steps());
                fill(column, samples);
                evaluator.budget().give(samples.weight());
                evaluator.budget().take(column.count());
                if (!column.isEmpty()) {
                    result.add(column);
                }
            }
        }
        return result;
    }

    private void fill(Column column, Samples samples) {
        var window =
                new Window(
                        column.labels(),
                        samples,
                        0,
                        Extension.SMOOTHED,
                        selector.span(),
                        selector.span(),
                        false);
        for (int i = 0; i < grid.steps(); i++) {
            long at = evaluator.time(selector.when(), grid.at(i));
            window.move(grid.at(i), at, lookback, lookback);
            if (window.isMixed()) {
                evaluator
                        .annotations()
                        .mixedFloatsHistograms(column.labels().name(), selector.span());
            } else if (window.histograms() > 0) {
                histogram(column, i, window, at);
            } else if (window.numbers() > 0) {
                number(column, i, window, at);
            }
        }
    }

    private static void number(Column column, int i, Window window, long at) {
        int next = window.numberAfter(at - 1);
        if (next < window.numbers() && window.time(next) == at) {
            column.set(i, window.value(next));
        } else if (next > 0 && next < window.numbers()) {
            double before = window.value(next - 1);
            double after = window.value(next);
            long from = window.time(next - 1);
            column.set(i, before + (after - before) * (at - from) / (window.time(next) - from));
        } else if (next > 0) {
            column.set(i, window.value(next - 1));
        }
    }

    private void histogram(Column column, int i, Window window, long at) {
        int next = window.histogramAfter(at - 1);
        if (next < window.histograms() && window.histogramTime(next) == at) {
            column.set(i, window.histogram(next));
        } else if (next > 0 && next < window.histograms()) {
            NativeHistogram before = window.histogram(next - 1);
            NativeHistogram after = window.histogram(next);
            boolean counter = before.hint() != ResetHint.GAUGE || after.hint() != ResetHint.GAUGE;
            var histograms =
                    new Histograms(evaluator.annotations(), window.metric(), selector.span());
            NativeHistogram between = null;
            if (before.isCustom() == after.isCustom()) {
                between =
                        histograms.interpolate(
                                before,
                                window.histogramTime(next - 1),
                                after,
                                window.histogramTime(next),
                                at,
                                counter);
            } else {
                evaluator.annotations().mixedBuckets(window.metric(), selector.span());
            }
            if (between != null) {
                column.set(i, between);
            }
        } else if (next > 0) {
            column.set(i, window.histogram(next - 1).withHint(ResetHint.UNKNOWN));
        }
    }
}
