package dev.firn.query.promql.eval;

import dev.firn.query.promql.eval.VectorFunction.Arguments;
import dev.firn.query.promql.lang.Expr;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// `timestamp` and `start_timestamp`: of the sample itself right on a selector, otherwise of the
/// step.
final class TimestampFunctions {
    private TimestampFunctions() {}

    static void register(Map<String, VectorFunction> functions) {
        functions.put("timestamp", TimestampFunctions::timestamp);
        functions.put("start_timestamp", TimestampFunctions::start);
    }

    private static List<Column> timestamp(Arguments arguments) {
        var result = new ArrayList<Column>();
        if (arguments.call().arguments().getFirst().bare()
                instanceof Expr.VectorSelector selector) {
            new InstantSelector(arguments.evaluator(), arguments.grid())
                    .each(
                            selector.matchers(),
                            selector.when(),
                            "timestamp",
                            (column, times) -> result.add(of(arguments, column, times)));
        } else {
            long[] times = new long[arguments.steps()];
            for (int i = 0; i < times.length; i++) {
                times[i] = arguments.grid().at(i);
            }
            for (Column column : arguments.vector(0)) {
                result.add(of(arguments, column, times));
            }
        }
        return Columns.merge(result);
    }

    private static Column of(Arguments arguments, Column column, long[] times) {
        Column out = arguments.evaluator().derived(column, true);
        for (int i = 0; i < column.steps(); i++) {
            if (column.has(i)) {
                out.set(i, times[i] / 1000.0);
            }
        }
        return out;
    }

    private static List<Column> start(Arguments arguments) {
        boolean known = arguments.evaluator().options().startTimestamps();
        return known
                        && arguments.call().arguments().getFirst().bare()
                                instanceof Expr.VectorSelector selector
                ? new InstantSelector(arguments.evaluator(), arguments.grid()).starts(selector)
                : List.of();
    }
}
