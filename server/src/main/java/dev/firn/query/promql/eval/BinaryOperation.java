package dev.firn.query.promql.eval;

import dev.firn.query.promql.lang.Expr;
import dev.firn.query.promql.lang.ValueType;
import dev.firn.query.promql.value.Labels;
import dev.firn.query.promql.value.NativeHistogram;
import java.util.ArrayList;
import java.util.List;

/// Binary operators where a scalar takes part, and the choice among the others.
final class BinaryOperation {
    private final Evaluator evaluator;
    private final Grid grid;
    private final Expr.Binary expr;

    BinaryOperation(Evaluator evaluator, Grid grid, Expr.Binary expr) {
        this.evaluator = evaluator;
        this.grid = grid;
        this.expr = expr;
    }

    List<Column> run() {
        boolean left = expr.left().type() == ValueType.SCALAR;
        boolean right = expr.right().type() == ValueType.SCALAR;
        if (left && right) {
            return List.of(scalars());
        }
        if (left || right) {
            return vectorAndScalar(left);
        }
        List<Column> a = evaluator.eval(expr.left(), grid);
        List<Column> b = evaluator.eval(expr.right(), grid);
        return expr.op().isSet()
                ? new SetOperation(expr, grid.steps()).run(a, b)
                : new VectorMatching(evaluator, expr, grid.steps()).run(a, b);
    }

    private Column scalars() {
        double[] a = evaluator.scalar(expr.left(), grid);
        double[] b = evaluator.scalar(expr.right(), grid);
        var result = new Column(Labels.EMPTY, false, grid.steps());
        for (int i = 0; i < grid.steps(); i++) {
            result.set(i, Arithmetic.scalar(expr.op(), a[i], b[i]));
        }
        return result;
    }

    private List<Column> vectorAndScalar(boolean scalarFirst) {
        double[] scalar = evaluator.scalar(scalarFirst ? expr.left() : expr.right(), grid);
        List<Column> vector = evaluator.eval(scalarFirst ? expr.right() : expr.left(), grid);
        var arithmetic = new Arithmetic(expr.op(), evaluator.annotations(), expr.span());
        boolean drop = expr.op().changesMeaning() || expr.bool();
        var result = new ArrayList<Column>();
        for (Column column : vector) {
            Column out = evaluator.derived(column, drop);
            for (int i = 0; i < grid.steps(); i++) {
                if (column.has(i)) {
                    sample(arithmetic, column, i, scalar[i], scalarFirst, out);
                }
            }
            if (!out.isEmpty()) {
                result.add(out);
            }
        }
        return Columns.merge(result);
    }

    private void sample(
            Arithmetic arithmetic,
            Column column,
            int i,
            double scalar,
            boolean scalarFirst,
            Column out) {
        double value = column.value(i);
        NativeHistogram histogram = column.histogram(i);
        boolean valid =
                scalarFirst
                        ? arithmetic.apply(scalar, null, value, histogram)
                        : arithmetic.apply(value, histogram, scalar, null);
        if (!valid) {
            return;
        }
        if (expr.bool()) {
            out.set(i, arithmetic.keep() ? 1 : 0);
        } else if (arithmetic.keep()) {
            NativeHistogram result = arithmetic.histogram();
            if (expr.op().isComparison()) {
                out.copy(i, column, i);
            } else if (result != null) {
                out.set(i, result);
            } else {
                out.set(i, arithmetic.number());
            }
        }
    }
}
