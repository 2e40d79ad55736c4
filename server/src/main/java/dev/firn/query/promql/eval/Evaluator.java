package dev.firn.query.promql.eval;

import dev.firn.query.promql.lang.BinaryOp;
import dev.firn.query.promql.lang.DurationExpr;
import dev.firn.query.promql.lang.Expr;
import dev.firn.query.promql.lang.Expr.Extension;
import dev.firn.query.promql.lang.Expr.When;
import dev.firn.query.promql.lang.Span;
import dev.firn.query.promql.value.Labels;
import dev.firn.query.promql.value.NativeHistogram;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/// Evaluates one query: each node over all steps at once.
final class Evaluator {
    private static final Set<String> STATS =
            Set.of("histogram_count", "histogram_sum", "histogram_avg");
    private static final Set<String> BUCKETS =
            Set.of("histogram_quantile", "histogram_quantiles", "histogram_fraction");

    private final Grid query;
    private final SeriesSource source;
    private final QueryOptions options;
    private final Budget budget;
    private final Annotations annotations = new Annotations();
    private final Set<Expr> statsOnly = Collections.newSetFromMap(new IdentityHashMap<>());

    Evaluator(Expr expr, Grid query, SeriesSource source, QueryOptions options, Budget budget) {
        this.query = query;
        this.source = source;
        this.options = options;
        this.budget = budget;
        findStats(expr, false);
    }

    Grid query() {
        return query;
    }

    SeriesSource source() {
        return source;
    }

    QueryOptions options() {
        return options;
    }

    Budget budget() {
        return budget;
    }

    Annotations annotations() {
        return annotations;
    }

    /// The steps of the whole query; 0 for an instant query.
    double stepSeconds() {
        return query.isInstant() ? 0 : query.step() / 1000.0;
    }

    double rangeSeconds() {
        return (query.end() - query.start()) / 1000.0;
    }

    /// Marks selectors of whose histograms only count and sum are read.
    private void findStats(Expr expr, boolean stats) {
        boolean below =
                switch (expr) {
                    case Expr.Subquery _ -> false;
                    case Expr.Call call ->
                            !BUCKETS.contains(call.function().name())
                                    && (stats || STATS.contains(call.function().name()));
                    case Expr.Binary binary ->
                            stats
                                    && binary.op() != BinaryOp.TRIM_LOWER
                                    && binary.op() != BinaryOp.TRIM_UPPER;
                    default -> stats;
                };
        if (expr instanceof Expr.VectorSelector && stats) {
            statsOnly.add(expr);
        }
        expr.children().forEach(child -> findStats(child, below));
    }

    boolean readsStatsOnly(Expr.VectorSelector selector) {
        return statsOnly.contains(selector);
    }

    /// A vector's series, or for a scalar the one series of its values.
    List<Column> eval(Expr expr, Grid grid) {
        budget.check();
        if (grid.steps() == 0) {
            return List.of();
        }
        if (!grid.isInstant() && isWorthOnce(expr)) {
            return repeat(evalSteps(expr, Grid.instant(grid.start())), grid.steps());
        }
        return evalSteps(expr, grid);
    }

    private List<Column> evalSteps(Expr expr, Grid grid) {
        return switch (expr) {
            case Expr.NumberLiteral number ->
                    List.of(Column.constant(number.value(), grid.steps()));
            case Expr.Paren paren -> eval(paren.expr(), grid);
            case Expr.Unary unary -> unary(unary, grid);
            case Expr.VectorSelector selector ->
                    selector.extension() == Extension.SMOOTHED
                            ? new SmoothedSelector(this, grid, selector).select()
                            : new InstantSelector(this, grid).select(selector, "");
            case Expr.Aggregate aggregate -> new Aggregation(this, grid, aggregate).run();
            case Expr.Binary binary -> new BinaryOperation(this, grid, binary).run();
            case Expr.Call call -> call(call, grid);
            case Expr.StringLiteral _, Expr.MatrixSelector _, Expr.Subquery _ ->
                    throw QueryException.execution(
                            "cannot evaluate a " + expr.type().documented() + " at steps");
        };
    }

    private List<Column> call(Expr.Call call, Grid grid) {
        String name = call.function().name();
        RangeFunction range = FunctionTable.rangeFunctions().get(name);
        if (range != null) {
            return new RangeCall(this, grid, call, range).run();
        }
        VectorFunction function = FunctionTable.vectorFunctions().get(name);
        if (function == null) {
            throw new IllegalStateException("function without code: " + name);
        }
        return function.apply(new VectorFunction.Arguments(this, grid, call));
    }

    private List<Column> unary(Expr.Unary unary, Grid grid) {
        List<Column> operand = eval(unary.expr(), grid);
        if (!unary.negative()) {
            return operand;
        }
        var result = new ArrayList<Column>();
        for (Column column : operand) {
            Column out = derived(column, true);
            for (int i = 0; i < column.steps(); i++) {
                NativeHistogram histogram = column.histogram(i);
                if (histogram != null) {
                    out.set(i, histogram.times(-1));
                } else if (column.has(i)) {
                    out.set(i, -column.value(i));
                }
            }
            result.add(out);
        }
        return Columns.merge(result);
    }

    /// The values of a scalar expression.
    double[] scalar(Expr expr, Grid grid) {
        double[] values = new double[grid.steps()];
        Column column = eval(expr, grid).getFirst();
        Arrays.setAll(values, column::value);
        return values;
    }

    /// An empty column for values computed from another series.
    Column derived(Column from, boolean drop) {
        boolean dropName = from.dropName() || drop;
        return new Column(resultLabels(from.labels(), drop), dropName, from.steps());
    }

    /// Labels of a result: the name goes at once, or at the end of the query.
    Labels resultLabels(Labels labels, boolean drop) {
        return drop && !options.delayedNameRemoval() ? labels.dropMetadata() : labels;
    }

    /// What does not depend on the step and reads series is evaluated once.
    private static boolean isWorthOnce(Expr expr) {
        return expr instanceof Expr.Call call
                ? isFixed(call) && hasSelector(call)
                : expr instanceof Expr.Aggregate aggregate
                        && isFixed(aggregate)
                        && hasSelector(aggregate);
    }

    private static boolean hasSelector(Expr expr) {
        return expr instanceof Expr.VectorSelector
                || expr.children().stream().anyMatch(Evaluator::hasSelector);
    }

    private static final Set<String> BY_STEP =
            Set.of(
                    "days_in_month",
                    "day_of_month",
                    "day_of_week",
                    "day_of_year",
                    "hour",
                    "minute",
                    "month",
                    "year",
                    "predict_linear",
                    "time",
                    "timestamp");

    private static boolean isFixed(Expr expr) {
        return switch (expr) {
            case Expr.VectorSelector selector -> selector.when().isFixed();
            case Expr.Subquery subquery -> subquery.when().isFixed();
            case Expr.Call call ->
                    !BY_STEP.contains(call.function().name())
                            && call.arguments().stream().allMatch(Evaluator::isFixed);
            default -> expr.children().stream().allMatch(Evaluator::isFixed);
        };
    }

    private static List<Column> repeat(List<Column> once, int steps) {
        var result = new ArrayList<Column>();
        for (Column column : once) {
            var all = new Column(column.labels(), column.dropName(), steps);
            for (int i = 0; i < steps; i++) {
                all.copy(i, column, 0);
            }
            result.add(all);
        }
        return result;
    }

    /// The time that a selector looks at, evaluated at `at`.
    long time(When when, long at) {
        Long fixed = when.atMillis();
        long base =
                switch (when.edge()) {
                    case START -> query.start();
                    case END -> query.end();
                    case NONE -> fixed == null ? at : fixed;
                };
        return base - millis(when.offset());
    }

    /// A duration in whole milliseconds.
    long millis(DurationExpr duration) {
        if (duration instanceof DurationExpr.Literal literal) {
            return (long) (Math.rint(literal.seconds() * 1e9) / 1e6);
        }
        double seconds;
        try {
            seconds = duration.seconds(stepSeconds(), rangeSeconds());
        } catch (ArithmeticException e) {
            throw QueryException.execution(String.valueOf(e.getMessage()));
        }
        if (Double.isNaN(seconds) || Double.isInfinite(seconds)) {
            throw QueryException.execution("duration is NaN or infinite");
        }
        if (Math.abs(seconds) > Long.MAX_VALUE / 1e9) {
            throw QueryException.execution("duration is out of range");
        }
        return (long) (seconds * 1000);
    }

    /// A range or a step, which must be above zero.
    long positiveMillis(DurationExpr duration, Span span) {
        long millis = millis(duration);
        if (millis <= 0 && !(duration instanceof DurationExpr.Literal)) {
            throw QueryException.execution(
                    span.start() + ":" + span.end() + ": duration must be greater than 0");
        }
        return millis;
    }

    /// The steps of a subquery for all steps of the query around it: multiples of its own step.
    Grid subqueryGrid(Expr.Subquery subquery, Grid outer) {
        long range = positiveMillis(subquery.range(), subquery.span());
        DurationExpr own = subquery.step();
        long step =
                own == null
                        ? options.subqueryStepMillis()
                        : Math.max(1, positiveMillis(own, subquery.span()));
        long before = time(subquery.when(), outer.start()) - range;
        long start = step * (Math.floorDiv(before, step) + 1);
        return new Grid(start, time(subquery.when(), outer.last()), step);
    }
}
