package dev.firn.query.promql.eval;

import dev.firn.query.promql.lang.AggregateOp;
import dev.firn.query.promql.lang.Expr;
import dev.firn.query.promql.lang.GoNumber;
import dev.firn.query.promql.lang.Quoting;
import dev.firn.query.promql.value.Labels;
import dev.firn.query.promql.value.NativeHistogram;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Groups the series of an instant vector and hands each group to its aggregation.
final class Aggregation {
    private final Evaluator evaluator;
    private final Grid grid;
    private final Expr.Aggregate expr;

    Aggregation(Evaluator evaluator, Grid grid, Expr.Aggregate expr) {
        this.evaluator = evaluator;
        this.grid = grid;
        this.expr = expr;
    }

    List<Column> run() {
        if (expr.op() == AggregateOp.COUNT_VALUES) {
            return countValues();
        }
        double[] parameter = parameter();
        List<Column> input = evaluator.eval(expr.expr(), grid);
        if (expr.op().selects()) {
            return isNothing(parameter)
                    ? List.of()
                    : new Selecting(expr.op(), grid.steps(), evaluator.annotations(), expr.span())
                            .select(groups(input).values(), parameter);
        }
        return combine(input, parameter);
    }

    private List<Column> combine(List<Column> input, double[] parameter) {
        var result = new ArrayList<Column>();
        for (Map.Entry<Labels, List<Column>> group : groups(input).entrySet()) {
            Accumulator accumulator =
                    Accumulators.of(
                            expr.op(),
                            grid.steps(),
                            evaluator.annotations(),
                            expr.expr().span(),
                            parameter);
            boolean dropName = false;
            for (Column column : group.getValue()) {
                accumulator.add(column);
                dropName |= column.dropName();
            }
            var out = new Column(group.getKey(), dropName, grid.steps());
            accumulator.finish(out);
            if (!out.isEmpty()) {
                result.add(out);
            }
        }
        return result;
    }

    private Map<Labels, List<Column>> groups(List<Column> input) {
        var groups = new LinkedHashMap<Labels, List<Column>>();
        for (Column column : input) {
            groups.computeIfAbsent(group(column.labels(), expr.grouping()), _ -> new ArrayList<>())
                    .add(column);
        }
        return groups;
    }

    private Labels group(Labels labels, Collection<String> grouping) {
        if (!expr.without()) {
            return labels.keep(grouping);
        }
        return labels.matching(false, grouping);
    }

    private double[] parameter() {
        if (expr.parameter() == null) {
            return new double[0];
        }
        double[] values = evaluator.scalar(expr.parameter(), grid);
        switch (expr.op()) {
            case TOPK, BOTTOMK, LIMITK -> checkCount(values);
            case LIMIT_RATIO -> checkRatio(values);
            case QUANTILE -> {
                for (double value : values) {
                    if (!(value >= 0 && value <= 1)) {
                        evaluator.annotations().invalidQuantile(value, expr.parameter().span());
                    }
                }
            }
            default -> {}
        }
        return values;
    }

    private boolean isNothing(double[] parameter) {
        double least = expr.op() == AggregateOp.LIMIT_RATIO ? Double.MIN_VALUE : 1;
        for (double value : parameter) {
            double size = expr.op() == AggregateOp.LIMIT_RATIO ? Math.abs(value) : value;
            if (size >= least) {
                return false;
            }
        }
        return true;
    }

    private void checkCount(double[] values) {
        double max = Double.NEGATIVE_INFINITY;
        boolean nan = false;
        for (double value : values) {
            nan |= Double.isNaN(value);
            max = Double.isNaN(value) ? max : Math.max(max, value);
        }
        if (max < 1 && !nan) {
            return;
        }
        if (nan) {
            throw QueryException.execution("Parameter value is NaN");
        }
        for (double value : values) {
            if (value <= Long.MIN_VALUE || value >= Long.MAX_VALUE) {
                throw QueryException.execution(
                        "Scalar value "
                                + GoNumber.value(value)
                                + (value < 0 ? " underflows int64" : " overflows int64"));
            }
        }
    }

    private void checkRatio(double[] values) {
        for (double value : values) {
            if (Double.isNaN(value)) {
                throw QueryException.execution("Ratio value is NaN");
            }
            if (expr.parameter() != null && Math.abs(value) > 1) {
                evaluator
                        .annotations()
                        .invalidRatio(value, Math.signum(value), expr.parameter().span());
            }
        }
    }

    private List<Column> countValues() {
        String label =
                expr.parameter() instanceof Expr parameter
                                && parameter.bare() instanceof Expr.StringLiteral literal
                        ? literal.value()
                        : "";
        if (!Quoting.isLabelName(label)) {
            throw QueryException.execution("invalid label name " + Quoting.quote(label));
        }
        var grouping = new ArrayList<>(expr.grouping());
        if (!expr.without()) {
            grouping.add(label);
        }
        var counts = new Columns(grid.steps());
        for (Column column : evaluator.eval(expr.expr(), grid)) {
            for (int i = 0; i < grid.steps(); i++) {
                if (column.has(i)) {
                    Labels labels = column.labels().with(label, text(column, i));
                    Column count = counts.of(group(labels, grouping), false);
                    count.set(i, count.value(i) + 1);
                }
            }
        }
        return counts.list();
    }

    private static String text(Column column, int i) {
        NativeHistogram histogram = column.histogram(i);
        return histogram == null ? GoNumber.plain(column.value(i)) : histogram.toString();
    }
}
