package dev.firn.analyse.forecast.live;

import dev.firn.analyse.forecast.Forecast;
import dev.firn.query.ForecastCoverage.Count;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A forecast with what it is of and made from.
///
/// @param step `hour` or `day`
/// @param issued start of the step in which it was issued, seconds since 1970
/// @param first start of the first step that is forecast
/// @param trainingFrom start of the first known step, and end of the last one
/// @param lastKnown value of the last known step
/// @param coverage how often what came was within what was forecast of this signal and step by this
///   model
record Issued(
        String signal,
        String step,
        String environment,
        String service,
        long issued,
        long first,
        long trainingFrom,
        long trainingTo,
        double lastKnown,
        Forecast forecast,
        Count coverage) {
    /// Share of past forecasts that their 80 % intervals covered; NaN before the first.
    double covered80() {
        return coverage.judged() == 0
                ? Double.NaN
                : (double) coverage.within80() / coverage.judged();
    }

    /// The same of 95 %.
    double covered95() {
        return coverage.judged() == 0
                ? Double.NaN
                : (double) coverage.within95() / coverage.judged();
    }

    long stepSeconds() {
        return step.equals("hour") ? 3_600 : 86_400;
    }

    /// As JSON-able values.
    ///
    /// @param steps at most so many
    Map<String, @Nullable Object> view(int steps) {
        var view = new LinkedHashMap<String, @Nullable Object>();
        view.put("signal", signal);
        view.put("step", step);
        view.put("environment", environment);
        view.put("service_name", service);
        view.put("issued_at", Instant.ofEpochSecond(issued).toString());
        view.put("model", forecast.model());
        view.put("training_from", Instant.ofEpochSecond(trainingFrom).toString());
        view.put("training_to", Instant.ofEpochSecond(trainingTo).toString());
        view.put(
                "holdout_mase",
                Double.isFinite(forecast.holdoutError()) ? (Double) forecast.holdoutError() : null);
        view.put("forecasts_judged", coverage.judged());
        view.put("covered80", coverage.judged() == 0 ? null : (Double) covered80());
        view.put("covered95", coverage.judged() == 0 ? null : (Double) covered95());
        var values = new ArrayList<Map<String, Object>>();
        for (int i = 0; i < Math.min(steps, forecast.values().length); i++) {
            var one = new LinkedHashMap<String, Object>();
            one.put("target_time", Instant.ofEpochSecond(first + i * stepSeconds()).toString());
            one.put("value", forecast.values()[i]);
            one.put("low80", forecast.low80()[i]);
            one.put("high80", forecast.high80()[i]);
            one.put("low95", forecast.low95()[i]);
            one.put("high95", forecast.high95()[i]);
            values.add(one);
        }
        view.put("values", List.copyOf(values));
        return view;
    }
}
