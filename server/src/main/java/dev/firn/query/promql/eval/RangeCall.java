package dev.firn.query.promql.eval;

import dev.firn.query.promql.eval.SeriesSource.Cursor;
import dev.firn.query.promql.eval.SeriesSource.Selection;
import dev.firn.query.promql.lang.Expr;
import dev.firn.query.promql.lang.Expr.Extension;
import dev.firn.query.promql.lang.Expr.When;
import dev.firn.query.promql.lang.Span;
import dev.firn.query.promql.lang.ValueType;
import dev.firn.query.promql.value.Labels;
import dev.firn.query.promql.value.NativeHistogram;
import dev.firn.query.promql.value.ResetHint;
import dev.firn.query.promql.value.Samples;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Calls of range functions: one series after the other, over all steps, so that of raw samples one
/// series is held at a time.
final class RangeCall {
    private static final Set<String> KEEP_NAME = Set.of("last_over_time", "first_over_time");
    private static final Set<String> BY_START = Set.of("rate", "irate", "increase", "resets");

    private final Evaluator evaluator;
    private final Grid grid;
    private final Expr.Call call;
    private final RangeFunction function;
    private final String name;
    private final boolean[] seen;
    private final List<Column> result = new ArrayList<>();
    private double[][] scalars = {};

    RangeCall(Evaluator evaluator, Grid grid, Expr.Call call, RangeFunction function) {
        this.evaluator = evaluator;
        this.grid = grid;
        this.call = call;
        this.function = function;
        this.name = call.function().name();
        this.seen = new boolean[grid.steps()];
    }

    List<Column> run() {
        Expr range = argument();
        scalars =
                call.arguments().stream()
                        .filter(argument -> argument.type() == ValueType.SCALAR)
                        .map(argument -> evaluator.scalar(argument, grid))
                        .toArray(double[][]::new);
        switch (range) {
            case Expr.MatrixSelector matrix -> overSelector(matrix);
            case Expr.Subquery subquery -> overSubquery(subquery);
            default -> throw new IllegalStateException("no range: " + range);
        }
        return name.equals("absent_over_time") ? absent(range) : Columns.merge(result);
    }

    private Expr argument() {
        return call.arguments().stream()
                .filter(argument -> argument.type() == ValueType.MATRIX)
                .findFirst()
                .orElseThrow()
                .bare();
    }

    private void overSelector(Expr.MatrixSelector matrix) {
        Expr.VectorSelector vector = matrix.vector();
        Extension extension = vector.extension();
        extension(extension);
        long range = evaluator.positiveMillis(matrix.range(), matrix.span());
        long lookback = evaluator.options().lookbackMillis();
        long before = extension == Extension.NONE ? 0 : lookback;
        long after = extension == Extension.SMOOTHED ? lookback : 0;
        When when = vector.when();
        long from = evaluator.time(when, grid.start()) - range - before + 1;
        long to = evaluator.time(when, grid.last()) + after;
        boolean stats = evaluator.readsStatsOnly(vector);
        var selection = new Selection(vector.matchers(), from, to, name);
        try (Cursor cursor = evaluator.source().select(selection)) {
            while (cursor.next()) {
                Samples samples = cursor.samples().withoutStale();
                if (stats) {
                    samples = HistogramStats.of(samples);
                }
                series(cursor.labels(), false, samples, when, range, before, after, matrix.span());
            }
        }
    }

    private void extension(Extension extension) {
        boolean change = Set.of("delta", "increase", "rate").contains(name);
        boolean count = Set.of("changes", "resets").contains(name);
        if (extension == Extension.ANCHORED && !change && !count) {
            throw QueryException.execution(
                    "anchored modifier can only be used with: changes, delta, increase, rate,"
                            + " resets - not with "
                            + name);
        }
        if (extension == Extension.SMOOTHED && !change) {
            throw QueryException.execution(
                    "smoothed modifier can only be used with: delta, increase, rate - not with "
                            + name);
        }
    }

    private void overSubquery(Expr.Subquery subquery) {
        long range = evaluator.positiveMillis(subquery.range(), subquery.span());
        Grid inner = evaluator.subqueryGrid(subquery, grid);
        List<Column> columns = evaluator.eval(subquery.expr(), inner);
        long held = columns.stream().mapToLong(Column::weight).sum();
        evaluator.budget().take(held);
        for (Column column : columns) {
            Samples samples = withoutHints(column.samples(inner));
            series(
                    column.labels(),
                    column.dropName(),
                    samples,
                    subquery.when(),
                    range,
                    0,
                    0,
                    subquery.span());
        }
        evaluator.budget().give(held);
    }

    /// A subquery may leave out samples or return them twice: what is known of neighbours no longer
    /// holds.
    private static Samples withoutHints(Samples samples) {
        NativeHistogram[] histograms = samples.histograms().clone();
        for (int i = 0; i < histograms.length; i++) {
            ResetHint hint = histograms[i].hint();
            if (hint == ResetHint.RESET || hint == ResetHint.NOT_RESET) {
                histograms[i] = histograms[i].withHint(ResetHint.UNKNOWN);
            }
        }
        return samples.withHistograms(histograms);
    }

    private void series(
            Labels labels,
            boolean dropped,
            Samples samples,
            When when,
            long range,
            long before,
            long after,
            Span span) {
        evaluator.budget().check();
        long weight = samples.weight();
        evaluator.budget().take(weight);
        boolean drop = dropped || !KEEP_NAME.contains(name);
        var out = new Column(evaluator.resultLabels(labels, drop), drop, grid.steps());
        boolean starts = evaluator.options().startTimestamps() && BY_START.contains(name);
        Extension extension =
                before == 0 ? Extension.NONE : after == 0 ? Extension.ANCHORED : Extension.SMOOTHED;
        Span first = call.arguments().getFirst().span();
        var window = new Window(labels, samples, range, extension, span, first, starts);
        boolean numbers = apply(window, when, before, after, out);
        if (!out.isEmpty()) {
            result.add(out);
            evaluator.budget().take(out.count());
        }
        if (numbers && (name.equals("rate") || name.equals("increase"))) {
            remarkNonCounter(labels, first);
        }
        evaluator.budget().give(weight);
    }

    private boolean apply(Window window, When when, long before, long after, Column out) {
        var value = new RangeFunction.Result(evaluator.annotations());
        double[] at = new double[scalars.length];
        boolean numbers = false;
        for (int i = 0; i < grid.steps(); i++) {
            window.move(grid.at(i), evaluator.time(when, grid.at(i)), before, after);
            if (window.isEmpty()) {
                continue;
            }
            seen[i] = true;
            for (int s = 0; s < at.length; s++) {
                at[s] = scalars[s][i];
            }
            function.apply(window, at, value);
            numbers |= value.store(out, i);
        }
        return numbers;
    }

    private void remarkNonCounter(Labels labels, Span span) {
        String metric = labels.name();
        String type = labels.get("__type__");
        if (metric.isEmpty()) {
            return;
        }
        if (evaluator.options().typeAndUnitLabels()) {
            if (!type.equals("counter") && !type.equals("histogram")) {
                evaluator.annotations().possibleNonCounterType(metric, type, span);
            }
        } else if (!metric.endsWith("_total")
                && !metric.endsWith("_sum")
                && !metric.endsWith("_count")
                && !metric.endsWith("_bucket")) {
            evaluator.annotations().possibleNonCounter(metric, span);
        }
    }

    private List<Column> absent(Expr range) {
        var absent = new Column(Absence.labels(range), true, grid.steps());
        for (int i = 0; i < seen.length; i++) {
            if (!seen[i]) {
                absent.set(i, 1);
            }
        }
        return absent.isEmpty() ? List.of() : List.of(absent);
    }
}
