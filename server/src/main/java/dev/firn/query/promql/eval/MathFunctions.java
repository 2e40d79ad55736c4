package dev.firn.query.promql.eval;

import dev.firn.query.promql.eval.VectorFunction.Arguments;
import dev.firn.query.promql.value.Bucket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/// Functions of one number; histograms have no result.
final class MathFunctions {
    private MathFunctions() {}

    static void register(Map<String, VectorFunction> functions) {
        put(functions, "abs", Math::abs);
        put(functions, "ceil", Math::ceil);
        put(functions, "floor", Math::floor);
        put(functions, "exp", Math::exp);
        put(functions, "sqrt", Math::sqrt);
        put(functions, "ln", Math::log);
        put(functions, "log2", Bucket::log2);
        put(functions, "log10", Math::log10);
        put(functions, "sin", Math::sin);
        put(functions, "cos", Math::cos);
        put(functions, "tan", Math::tan);
        put(functions, "asin", Math::asin);
        put(functions, "acos", Math::acos);
        put(functions, "atan", Math::atan);
        put(functions, "sinh", Math::sinh);
        put(functions, "cosh", Math::cosh);
        put(functions, "tanh", Math::tanh);
        put(functions, "asinh", GoMath::asinh);
        put(functions, "acosh", GoMath::acosh);
        put(functions, "atanh", GoMath::atanh);
        put(functions, "rad", value -> value * Math.PI / 180);
        put(functions, "deg", value -> value * 180 / Math.PI);
        put(functions, "sgn", value -> value < 0 ? -1 : value > 0 ? 1 : value);
        functions.put("round", MathFunctions::round);
        functions.put("clamp", arguments -> clamp(arguments, 1, 2));
        functions.put("clamp_min", arguments -> clamp(arguments, 1, -1));
        functions.put("clamp_max", arguments -> clamp(arguments, -1, 1));
    }

    private static void put(
            Map<String, VectorFunction> functions, String name, DoubleUnaryOperator function) {
        functions.put(
                name, arguments -> map(arguments, (value, _) -> function.applyAsDouble(value)));
    }

    /// A function of a number at a step.
    interface AtStep {
        double apply(double value, int i);
    }

    static List<Column> map(Arguments arguments, AtStep function) {
        var result = new ArrayList<Column>();
        for (Column column : arguments.vector(0)) {
            Column out = arguments.evaluator().derived(column, true);
            for (int i = 0; i < column.steps(); i++) {
                if (column.isNumber(i)) {
                    out.set(i, function.apply(column.value(i), i));
                }
            }
            if (!out.isEmpty()) {
                result.add(out);
            }
        }
        return Columns.merge(result);
    }

    private static List<Column> round(Arguments arguments) {
        if (arguments.count() == 1) {
            return map(arguments, (value, _) -> Math.floor(value + 0.5));
        }
        double[] nearest = arguments.scalar(1);
        return map(
                arguments,
                (value, i) -> {
                    double inverse = 1 / nearest[i];
                    return Math.floor(value * inverse + 0.5) / inverse;
                });
    }

    private static List<Column> clamp(Arguments arguments, int least, int most) {
        double[] none = new double[0];
        double[] low = least < 0 ? none : arguments.scalar(least);
        double[] high = most < 0 ? none : arguments.scalar(most);
        var result = new ArrayList<Column>();
        for (Column column : arguments.vector(0)) {
            Column out = arguments.evaluator().derived(column, true);
            for (int i = 0; i < column.steps(); i++) {
                double min = least < 0 ? Double.NEGATIVE_INFINITY : low[i];
                double max = most < 0 ? Double.POSITIVE_INFINITY : high[i];
                if (column.isNumber(i) && !(max < min)) {
                    out.set(i, GoMath.max(min, GoMath.min(max, column.value(i))));
                }
            }
            if (!out.isEmpty()) {
                result.add(out);
            }
        }
        return Columns.merge(result);
    }
}
