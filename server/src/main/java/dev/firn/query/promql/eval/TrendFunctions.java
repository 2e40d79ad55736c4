package dev.firn.query.promql.eval;

import dev.firn.query.promql.lang.GoNumber;
import dev.firn.query.promql.value.KahanSum;
import java.util.Locale;
import java.util.Map;

/// `deriv`, `predict_linear`, `double_exponential_smoothing`: where a series is heading.
final class TrendFunctions {
    private TrendFunctions() {}

    static void register(Map<String, RangeFunction> functions) {
        functions.put(
                "deriv",
                (window, _, result) -> {
                    if (isEnough(window, result)) {
                        result.set(regression(window, window.time(0)).slope);
                    }
                });
        functions.put(
                "predict_linear",
                (window, scalars, result) -> {
                    if (isEnough(window, result)) {
                        Line line = regression(window, window.evaluation());
                        result.set(line.slope * scalars[0] + line.intercept);
                    }
                });
        functions.put("double_exponential_smoothing", TrendFunctions::smooth);
    }

    private static boolean isEnough(Window window, RangeFunction.Result result) {
        if (window.numbers() > 0) {
            OverTimeFunctions.remarkHistograms(window, result);
        }
        return window.numbers() >= 2;
    }

    private record Line(double slope, double intercept) {}

    /// Least squares; the intercept is the value at `origin`.
    private static Line regression(Window window, long origin) {
        var x = new KahanSum();
        var y = new KahanSum();
        var xy = new KahanSum();
        var xx = new KahanSum();
        boolean constant = true;
        int n = window.numbers();
        for (int i = 0; i < n; i++) {
            constant &= i == 0 || window.value(i) == window.value(0);
            double time = (window.time(i) - origin) / 1e3;
            double value = window.value(i);
            x.add(time);
            y.add(value);
            xy.add(time * value);
            xx.add(time * time);
        }
        if (constant) {
            double value = window.value(0);
            return Double.isInfinite(value) ? new Line(Double.NaN, Double.NaN) : new Line(0, value);
        }
        double covariance = xy.sum() - x.sum() * y.sum() / n;
        double variance = xx.sum() - x.sum() * x.sum() / n;
        double slope = covariance / variance;
        return new Line(slope, y.sum() / n - slope * x.sum() / n);
    }

    private static void smooth(Window window, double[] scalars, RangeFunction.Result result) {
        double smoothing = factor("smoothing", "sf", scalars[0]);
        double trending = factor("trend", "tf", scalars[1]);
        if (!isEnough(window, result)) {
            return;
        }
        double before = 0;
        double level = window.value(0);
        double trend = window.value(1) - window.value(0);
        for (int i = 1; i < window.numbers(); i++) {
            if (i > 1) {
                trend = trending * (level - before) + (1 - trending) * trend;
            }
            double next = smoothing * window.value(i) + (1 - smoothing) * (level + trend);
            before = level;
            level = next;
        }
        result.set(level);
    }

    private static double factor(String what, String name, double value) {
        if (!(value > 0 && value < 1)) {
            String shown =
                    Double.isNaN(value) || Double.isInfinite(value)
                            ? GoNumber.plain(value)
                            : String.format(Locale.ROOT, "%f", value);
            throw QueryException.execution(
                    String.format(
                            "invalid %s factor. Expected: 0 < %s < 1, got: %s", what, name, shown));
        }
        return value;
    }
}
