package dev.firn.analyse.forecast;

import java.util.Arrays;

/// The simple models, and the mean of two.
final class Models {
    private Models() {}

    /// Each value is the last one of the same place in the season.
    record SeasonalNaive(int season) implements Model {
        @Override
        public String name() {
            return "naive-" + season;
        }

        @Override
        public double[] forecast(double[] series, boolean[] known, int length, int horizon) {
            double[] forecast = new double[horizon];
            int back = Math.min(season, length);
            for (int h = 0; h < horizon; h++) {
                forecast[h] = series[length - back + h % back];
            }
            return forecast;
        }
    }

    /// The level of the last values, exponentially smoothed, without trend.
    record Level() implements Model {
        private static final double RATE = 0.2;

        @Override
        public String name() {
            return "level";
        }

        @Override
        public double[] forecast(double[] series, boolean[] known, int length, int horizon) {
            double level = series[0];
            for (int i = 1; i < length; i++) {
                level += known[i] ? RATE * (series[i] - level) : 0;
            }
            double[] forecast = new double[horizon];
            Arrays.fill(forecast, level);
            return forecast;
        }
    }

    /// The first model up to `from` steps ahead, from there on the mean of both.
    record Averaged(Model first, Model second, int from) implements Model {
        private static final double SHARE = 0.6;

        @Override
        public String name() {
            return first.name() + "+" + second.name();
        }

        @Override
        public double[] forecast(double[] series, boolean[] known, int length, int horizon) {
            double[] forecast = first.forecast(series, known, length, horizon);
            if (horizon > from) {
                double[] other = second.forecast(series, known, length, horizon);
                Arrays.setAll(forecast, h -> SHARE * forecast[h] + (1 - SHARE) * other[h]);
            }
            return forecast;
        }
    }
}
