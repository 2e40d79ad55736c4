package dev.firn.analyse.forecast;

import java.util.ArrayList;
import java.util.List;

/// Errors of a model at origins in the past, a season apart, each forecast from what was known
/// then.
///
/// @param errors one array an origin, by steps ahead; NaN where the value is not known
record Holdout(List<double[]> errors) {
    private static final int ORIGINS = 6;
    private static final int REACH_MAX = 168;

    static Holdout of(Model model, Filled series, int season, int horizon) {
        int length = series.values().length;
        int reach = Math.min(horizon, REACH_MAX);
        List<double[]> all = new ArrayList<>();
        for (int origin = 0; origin < ORIGINS; origin++) {
            int trained = length - reach - origin * season;
            if (trained < 2 * season || 2 * trained < length) {
                break;
            }
            double[] forecast = model.forecast(series.values(), series.known(), trained, reach);
            double[] errors = new double[reach];
            for (int h = 0; h < reach; h++) {
                boolean known = series.known()[trained + h];
                errors[h] = known ? series.values()[trained + h] - forecast[h] : Double.NaN;
            }
            all.add(errors);
        }
        return new Holdout(all);
    }

    /// Mean absolute error; NaN without an origin.
    double error() {
        return errors.stream()
                .flatMapToDouble(java.util.Arrays::stream)
                .filter(Double::isFinite)
                .map(Math::abs)
                .average()
                .orElse(Double.NaN);
    }
}
