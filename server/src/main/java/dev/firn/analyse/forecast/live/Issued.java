package dev.firn.analyse.forecast.live;

import dev.firn.analyse.forecast.Forecast;
import dev.firn.analyse.forecast.Forecaster;
import dev.firn.query.ForecastCoverage.Count;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
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
/// @param known values of the steps that it was made from
/// @param gap steps between the last of them and `first`
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
        double[] known,
        int gap,
        Forecast forecast,
        Count coverage) {
    /// Made from what is known.
    ///
    /// @param ahead steps from `first` on
    static Forecast made(String signal, String step, double[] known, int gap, int ahead) {
        return after(made(signal, step.equals("hour"), known, ahead + gap), gap);
    }

    /// A disk fills by what is added: its change is forecast, and added up.
    private static Forecast made(String signal, boolean hourly, double[] known, int ahead) {
        if (signal.equals(Issuer.DISK) && known.length > 1) {
            double[] change = new double[known.length - 1];
            Arrays.setAll(change, i -> known[i + 1] - known[i]);
            if (Arrays.stream(change).anyMatch(Double::isFinite)) {
                return made(hourly, change, ahead).cumulated(known[known.length - 1]);
            }
        }
        return made(hourly, known, ahead);
    }

    private static Forecast made(boolean hourly, double[] known, int ahead) {
        return hourly ? Forecaster.hourly(known, ahead) : Forecaster.daily(known, ahead);
    }

    private static Forecast after(Forecast all, int gap) {
        return gap == 0
                ? all
                : new Forecast(
                        after(all.values(), gap),
                        after(all.low80(), gap),
                        after(all.high80(), gap),
                        after(all.low95(), gap),
                        after(all.high95(), gap),
                        all.model(),
                        all.holdoutError());
    }

    private static double[] after(double[] values, int gap) {
        return Arrays.copyOfRange(values, gap, values.length);
    }

    double lastKnown() {
        return known[known.length - 1];
    }

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

    /// How it would have gone on, from the same data.
    Forecast longer(int steps) {
        return made(signal, step, known, gap, steps);
    }

    /// As JSON-able values.
    ///
    /// @param forecast what was issued, or a longer one
    /// @param steps at most so many
    Map<String, @Nullable Object> view(Forecast forecast, int steps) {
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
