package dev.firn.query.promql.eval;

import dev.firn.query.promql.value.KahanSum;
import java.util.Arrays;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;

/// `…_over_time`: one number from the numbers of a range.
final class OverTimeFunctions {
    private OverTimeFunctions() {}

    static void register(Map<String, RangeFunction> functions) {
        functions.put(
                "count_over_time",
                (window, _, result) -> result.set(window.numbers() + window.histograms()));
        functions.put("present_over_time", (_, _, result) -> result.set(1));
        functions.put("absent_over_time", (_, _, result) -> result.set(1));
        functions.put("first_over_time", (window, _, result) -> edge(window, true, result));
        functions.put("last_over_time", (window, _, result) -> edge(window, false, result));
        functions.put(
                "ts_of_first_over_time",
                (window, _, result) -> result.set(edgeTime(window, true) / 1000.0));
        functions.put(
                "ts_of_last_over_time",
                (window, _, result) -> result.set(edgeTime(window, false) / 1000.0));
        functions.put("max_over_time", numbers(window -> window.value(extreme(window, 1, false))));
        functions.put("min_over_time", numbers(window -> window.value(extreme(window, -1, false))));
        functions.put(
                "ts_of_max_over_time",
                numbers(window -> window.time(extreme(window, 1, true)) / 1000.0));
        functions.put(
                "ts_of_min_over_time",
                numbers(window -> window.time(extreme(window, -1, true)) / 1000.0));
        functions.put("stdvar_over_time", numbers(window -> variance(window, each -> each)));
        functions.put("stddev_over_time", numbers(window -> variance(window, Math::sqrt)));
        functions.put("mad_over_time", numbers(OverTimeFunctions::medianDeviation));
        functions.put("quantile_over_time", OverTimeFunctions::quantile);
    }

    /// A function of numbers that passes over histograms, with a remark.
    private static RangeFunction numbers(ToDoubleFunction<Window> function) {
        return (window, _, result) -> {
            if (window.numbers() > 0) {
                remarkHistograms(window, result);
                result.set(function.applyAsDouble(window));
            }
        };
    }

    static void remarkHistograms(Window window, RangeFunction.Result result) {
        if (window.histograms() > 0) {
            result.annotations().histogramIgnoredInRange(window.metric(), window.span());
        }
    }

    private static void edge(Window window, boolean first, RangeFunction.Result result) {
        int number = first ? 0 : window.numbers() - 1;
        int histogram = first ? 0 : window.histograms() - 1;
        boolean isNumber =
                window.histograms() == 0
                        || (window.numbers() > 0
                                && (first
                                        ? window.time(number) < window.histogramTime(histogram)
                                        : window.histogramTime(histogram) < window.time(number)));
        if (isNumber) {
            result.set(window.value(number));
        } else {
            result.set(window.histogram(histogram));
        }
    }

    private static long edgeTime(Window window, boolean first) {
        int number = first ? 0 : window.numbers() - 1;
        int histogram = first ? 0 : window.histograms() - 1;
        if (window.numbers() == 0) {
            return window.histogramTime(histogram);
        }
        if (window.histograms() == 0) {
            return window.time(number);
        }
        long a = window.time(number);
        long b = window.histogramTime(histogram);
        return first ? Math.min(a, b) : Math.max(a, b);
    }

    /// The index of the extreme number: the first of equal ones, or the last.
    private static int extreme(Window window, int sign, boolean last) {
        int best = 0;
        for (int i = 0; i < window.numbers(); i++) {
            double value = sign * window.value(i);
            double extreme = sign * window.value(best);
            if (value > extreme || (last && value == extreme) || Double.isNaN(extreme)) {
                best = i;
            }
        }
        return best;
    }

    private static double variance(Window window, DoubleUnaryOperator result) {
        var mean = new KahanSum();
        var squares = new KahanSum();
        for (int i = 0; i < window.numbers(); i++) {
            double delta = window.value(i) - mean.sum();
            mean.add(delta / (i + 1));
            squares.add(delta * (window.value(i) - mean.sum()));
        }
        return result.applyAsDouble(squares.sum() / window.numbers());
    }

    private static double[] values(Window window) {
        double[] values = new double[window.numbers()];
        for (int i = 0; i < values.length; i++) {
            values[i] = window.value(i);
        }
        return values;
    }

    private static double medianDeviation(Window window) {
        double[] values = values(window);
        if (Arrays.stream(values).anyMatch(Double::isNaN)) {
            return Double.NaN;
        }
        double median = Quantiles.of(0.5, values);
        for (int i = 0; i < values.length; i++) {
            values[i] = Math.abs(values[i] - median);
        }
        return Quantiles.of(0.5, values);
    }

    private static void quantile(Window window, double[] scalars, RangeFunction.Result result) {
        if (window.numbers() == 0) {
            return;
        }
        double q = scalars[0];
        if (!(q >= 0 && q <= 1)) {
            result.annotations().invalidQuantile(q, window.firstArgument());
        }
        if (window.histograms() > 0) {
            result.annotations().histogramIgnoredInRange(window.metric(), window.firstArgument());
        }
        result.set(Quantiles.of(q, values(window)));
    }
}
