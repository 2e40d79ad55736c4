package dev.firn.query.promql.eval;

import dev.firn.query.promql.eval.VectorFunction.Arguments;
import java.util.List;
import java.util.Map;

/// Functions that yield or take a scalar.
final class ScalarFunctions {
    private ScalarFunctions() {}

    static void register(Map<String, VectorFunction> functions) {
        functions.put("time", arguments -> arguments.each(i -> arguments.grid().at(i) / 1000.0));
        functions.put("pi", arguments -> arguments.each(_ -> Math.PI));
        functions.put("vector", ScalarFunctions::vector);
        functions.put("scalar", ScalarFunctions::scalar);
        functions.put("max_of", arguments -> extreme(arguments, true));
        functions.put("min_of", arguments -> extreme(arguments, false));
        functions.put("start", arguments -> constant(arguments, query(arguments).start() / 1000.0));
        functions.put("end", arguments -> constant(arguments, query(arguments).end() / 1000.0));
        functions.put(
                "range", arguments -> constant(arguments, arguments.evaluator().rangeSeconds()));
        functions.put(
                "step", arguments -> constant(arguments, arguments.evaluator().stepSeconds()));
    }

    private static Grid query(Arguments arguments) {
        return arguments.evaluator().query();
    }

    private static List<Column> constant(Arguments arguments, double value) {
        return arguments.each(_ -> value);
    }

    private static List<Column> vector(Arguments arguments) {
        double[] values = arguments.scalar(0);
        return arguments.each(i -> values[i]);
    }

    private static List<Column> extreme(Arguments arguments, boolean max) {
        double[] a = arguments.scalar(0);
        double[] b = arguments.scalar(1);
        return arguments.each(i -> max ? GoMath.max(a[i], b[i]) : GoMath.min(a[i], b[i]));
    }

    private static List<Column> scalar(Arguments arguments) {
        List<Column> vector = arguments.vector(0);
        return arguments.each(i -> only(vector, i));
    }

    /// The only number at a step, NaN if there is none or more than one.
    private static double only(List<Column> vector, int i) {
        double value = Double.NaN;
        boolean found = false;
        for (Column column : vector) {
            if (column.isNumber(i)) {
                if (found) {
                    return Double.NaN;
                }
                found = true;
                value = column.value(i);
            }
        }
        return value;
    }
}
