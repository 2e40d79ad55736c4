package dev.firn.query.promql.eval;

import dev.firn.query.promql.lang.Expr;
import dev.firn.query.promql.value.Labels;
import java.util.List;
import java.util.function.IntToDoubleFunction;

/// A function whose arguments are instant vectors, scalars and strings.
interface VectorFunction {
    List<Column> apply(Arguments arguments);

    /// The arguments of a call, evaluated when asked for.
    record Arguments(Evaluator evaluator, Grid grid, Expr.Call call) {
        int count() {
            return call.arguments().size();
        }

        List<Column> vector(int i) {
            return evaluator.eval(call.arguments().get(i), grid);
        }

        double[] scalar(int i) {
            return evaluator.scalar(call.arguments().get(i), grid);
        }

        String text(int i) {
            return call.arguments().get(i).bare() instanceof Expr.StringLiteral literal
                    ? literal.value()
                    : "";
        }

        Annotations annotations() {
            return evaluator.annotations();
        }

        int steps() {
            return grid.steps();
        }

        /// One series without labels, computed for each step.
        List<Column> each(IntToDoubleFunction function) {
            var column = new Column(Labels.EMPTY, false, steps());
            for (int i = 0; i < steps(); i++) {
                column.set(i, function.applyAsDouble(i));
            }
            return List.of(column);
        }
    }
}
