package dev.firn.analyse.forecast;

import dev.firn.base.InputException;
import java.util.List;

/// Forecasts with what the length of the history allows: ridge regression on the seasons that it
/// holds, else the last season again, else the level.
public final class Forecaster {
    /// Steps that a forecast may reach: 90 days of hours.
    public static final int HORIZON_MAX = 90 * 24;

    private static final int LONG = 48;

    /// A simpler model must have less than this share of the first one's held-out error to be
    /// taken.
    private static final double GATE = 0.5;

    /// What a step is.
    private enum Step {
        HOUR(24, 168),
        DAY(7, 7);

        private final int season;
        private final int longSeason;

        Step(int season, int longSeason) {
            this.season = season;
            this.longSeason = longSeason;
        }
    }

    private Forecaster() {}

    /// The next hours.
    ///
    /// @param values one an hour, NaN where none is known; the last hour must be whole
    /// @param horizon hours
    public static Forecast hourly(double[] values, int horizon) {
        return forecast(values, horizon, Step.HOUR);
    }

    /// The next days.
    ///
    /// @param values one a day, NaN where none is known; the last day must be whole
    /// @param horizon days
    public static Forecast daily(double[] values, int horizon) {
        return forecast(values, horizon, Step.DAY);
    }

    private static Forecast forecast(double[] raw, int horizon, Step step) {
        if (horizon < 1 || horizon > HORIZON_MAX) {
            throw new InputException(
                    "cannot forecast " + horizon + " steps: 1 to " + HORIZON_MAX + " are possible");
        }
        Filled series = Filled.of(raw, step.season);
        if (series.count() == 0) {
            throw new InputException("cannot forecast a series without one known value");
        }
        int length = series.values().length;
        Model naive =
                new Models.SeasonalNaive(
                        length >= 2 * step.longSeason ? step.longSeason : step.season);
        Holdout naiveHoldout = Holdout.of(naive, series, step.season, horizon);
        List<Model> models = ladder(series.count(), step);
        Model best = models.getFirst();
        Holdout bestHoldout = Holdout.of(best, series, step.season, horizon);
        for (Model model : models.subList(1, models.size())) {
            Holdout holdout = Holdout.of(model, series, step.season, horizon);
            if (holdout.error() < GATE * bestHoldout.error()) {
                best = model;
                bestHoldout = holdout;
            }
        }
        double[] values = best.forecast(series.values(), series.known(), length, horizon);
        return Intervals.around(
                values,
                bestHoldout,
                series,
                best.name(),
                bestHoldout.error() / naiveHoldout.error());
    }

    /// Models from the most to the least preferred; a later one must be better by far on held-out
    /// tails.
    private static List<Model> ladder(int known, Step step) {
        Model week = new Models.SeasonalNaive(step.longSeason);
        Model season = new Models.SeasonalNaive(step.season);
        return switch (step) {
            case HOUR -> {
                if (known >= 3 * 168) {
                    yield List.of(new Models.Averaged(Ridge.hourly(), week, LONG), week);
                }
                if (known >= 4 * 24) {
                    yield List.of(new Models.Averaged(Ridge.hourlyByDay(), season, LONG), season);
                }
                yield List.of(new Models.Level());
            }
            case DAY -> {
                if (known >= 6 * 7) {
                    yield List.of(
                            new Models.Averaged(Ridge.daily(), season, 0),
                            season,
                            new Models.Level());
                }
                if (known >= 2 * 7) {
                    yield List.of(season, new Models.Level());
                }
                yield List.of(new Models.Level());
            }
        };
    }
}
