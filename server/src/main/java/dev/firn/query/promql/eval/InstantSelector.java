package dev.firn.query.promql.eval;

import dev.firn.query.promql.eval.SeriesSource.Cursor;
import dev.firn.query.promql.eval.SeriesSource.Selection;
import dev.firn.query.promql.lang.Expr;
import dev.firn.query.promql.lang.Expr.When;
import dev.firn.query.promql.lang.Matcher;
import dev.firn.query.promql.value.NativeHistogram;
import dev.firn.query.promql.value.Samples;
import dev.firn.query.promql.value.StaleNan;
import java.util.ArrayList;
import java.util.List;

/// Instant selectors: at each step the newest sample that is not too old and no marker of
/// staleness.
final class InstantSelector {
    private final Evaluator evaluator;
    private final Grid grid;
    private final long lookback;

    InstantSelector(Evaluator evaluator, Grid grid) {
        this.evaluator = evaluator;
        this.grid = grid;
        this.lookback = evaluator.options().lookbackMillis();
    }

    /// Takes a series and, for each step, the time of the sample there.
    interface Taker {
        void take(Column column, long[] times);
    }

    List<Column> select(Expr.VectorSelector selector, String function) {
        var result = new ArrayList<Column>();
        boolean stats = evaluator.readsStatsOnly(selector);
        read(
                selector.matchers(),
                selector.when(),
                function,
                (column, samples) -> {
                    Samples kept = stats ? HistogramStats.of(samples) : samples;
                    fill(column, kept, selector.when(), new long[grid.steps()]);
                    if (!column.isEmpty()) {
                        result.add(column);
                    }
                });
        return result;
    }

    void each(List<Matcher> matchers, When when, String function, Taker taker) {
        read(
                matchers,
                when,
                function,
                (column, samples) -> {
                    long[] times = new long[grid.steps()];
                    fill(column, samples, when, times);
                    if (!column.isEmpty()) {
                        taker.take(column, times);
                    }
                });
    }

    /// Start times of the samples at the steps instead of their values.
    List<Column> starts(Expr.VectorSelector selector) {
        var result = new ArrayList<Column>();
        read(
                selector.matchers(),
                selector.when(),
                "start_timestamp",
                (found, samples) -> {
                    fill(found, samples, selector.when(), new long[grid.steps()]);
                    Column column = evaluator.derived(found, true);
                    for (int i = 0; i < grid.steps(); i++) {
                        if (found.has(i)) {
                            long at = evaluator.time(selector.when(), grid.at(i));
                            column.set(i, start(samples, found.isHistogram(i), at) / 1000.0);
                        }
                    }
                    if (!column.isEmpty()) {
                        result.add(column);
                    }
                });
        return Columns.merge(result);
    }

    private static long start(Samples samples, boolean histogram, long at) {
        long[] times = histogram ? samples.histogramTimes() : samples.times();
        long[] starts = histogram ? samples.histogramStarts() : samples.starts();
        return starts.length == 0 ? 0 : starts[last(times, 0, at) - 1];
    }

    private interface Reader {
        void read(Column column, Samples samples);
    }

    private void read(List<Matcher> matchers, When when, String function, Reader reader) {
        long first = evaluator.time(when, grid.start());
        long last = evaluator.time(when, grid.last());
        var selection = new Selection(matchers, first - lookback + 1, last, function);
        try (Cursor cursor = evaluator.source().select(selection)) {
            while (cursor.next()) {
                evaluator.budget().check();
                Samples samples = cursor.samples();
                long weight = samples.weight();
                evaluator.budget().take(weight);
                var column = new Column(cursor.labels(), false, grid.steps());
                reader.read(column, samples);
                evaluator.budget().give(weight);
                evaluator.budget().take(column.count());
            }
        }
    }

    /// How many times, from `from` on, are not after the limit.
    private static int last(long[] times, int from, long limit) {
        int i = from;
        while (i < times.length && times[i] <= limit) {
            i++;
        }
        return i;
    }

    private void fill(Column column, Samples samples, When when, long[] times) {
        int number = 0;
        int histogram = 0;
        for (int i = 0; i < grid.steps(); i++) {
            long at = evaluator.time(when, grid.at(i));
            number = last(samples.times(), number, at);
            histogram = last(samples.histogramTimes(), histogram, at);
            long numberTime = number == 0 ? Long.MIN_VALUE : samples.times()[number - 1];
            long histogramTime =
                    histogram == 0 ? Long.MIN_VALUE : samples.histogramTimes()[histogram - 1];
            times[i] = Math.max(numberTime, histogramTime);
            if (times[i] == Long.MIN_VALUE || times[i] <= at - lookback) {
                continue;
            }
            if (histogramTime > numberTime) {
                NativeHistogram found = samples.histograms()[histogram - 1];
                if (!found.isStale()) {
                    column.set(i, found);
                }
            } else if (!StaleNan.is(samples.values()[number - 1])) {
                column.set(i, samples.values()[number - 1]);
            }
        }
    }
}
