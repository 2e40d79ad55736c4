package dev.firn.ops.bench.analytics;

import java.util.Arrays;

/// The M4 competition's measures (Makridakis, Spiliotis and Assimakopoulos 2020) of hourly series.
final class M4Score {
    static final int SEASON = 24;
    private static final double ALPHA = 0.05;
    private static final double NORMAL_90 = 1.645;

    private M4Score() {}

    /// Symmetric mean absolute percentage error, in percent.
    static double smape(double[] actual, double[] forecast) {
        double sum = 0;
        for (int i = 0; i < actual.length; i++) {
            double size = Math.abs(actual[i]) + Math.abs(forecast[i]);
            sum += size == 0 ? 0 : 200 * Math.abs(actual[i] - forecast[i]) / size;
        }
        return sum / actual.length;
    }

    /// Mean absolute error of the seasonal naive within the known part: what errors are divided by.
    static double scale(double[] train, int season) {
        double sum = 0;
        for (int i = season; i < train.length; i++) {
            sum += Math.abs(train[i] - train[i - season]);
        }
        return sum / (train.length - season);
    }

    /// Mean absolute scaled error.
    static double mase(double[] actual, double[] forecast, double scale) {
        double sum = 0;
        for (int i = 0; i < actual.length; i++) {
            sum += Math.abs(actual[i] - forecast[i]);
        }
        return sum / actual.length / scale;
    }

    /// Mean scaled interval score of 95 % intervals.
    static double msis(double[] actual, double[] low, double[] high, double scale) {
        double sum = 0;
        for (int i = 0; i < actual.length; i++) {
            double outside = Math.max(0, low[i] - actual[i]) + Math.max(0, actual[i] - high[i]);
            sum += high[i] - low[i] + 2 / ALPHA * outside;
        }
        return sum / actual.length / scale;
    }

    /// Share of the values within their interval.
    static double coverage(double[] actual, double[] low, double[] high) {
        int inside = 0;
        for (int i = 0; i < actual.length; i++) {
            inside += actual[i] >= low[i] && actual[i] <= high[i] ? 1 : 0;
        }
        return inside / (double) actual.length;
    }

    /// M4's yardstick: the last value, after dividing by multiplicative seasonal indices where the
    /// season is significant at 90 %.
    static double[] naive2(double[] train, int horizon) {
        double[] indices = new double[SEASON];
        Arrays.fill(indices, 1);
        if (seasonal(train)) {
            indices = indices(train);
        }
        double[] forecast = new double[horizon];
        double last = train[train.length - 1] / indices[(train.length - 1) % SEASON];
        for (int h = 0; h < horizon; h++) {
            forecast[h] = last * indices[(train.length + h) % SEASON];
        }
        return forecast;
    }

    private static boolean seasonal(double[] train) {
        if (train.length < 3 * SEASON) {
            return false;
        }
        double squares = 0;
        for (int lag = 1; lag < SEASON; lag++) {
            double r = autocorrelation(train, lag);
            squares += r * r;
        }
        double limit = NORMAL_90 * Math.sqrt((1 + 2 * squares) / train.length);
        return Math.abs(autocorrelation(train, SEASON)) > limit;
    }

    private static double autocorrelation(double[] values, int lag) {
        double mean = Arrays.stream(values).average().orElseThrow();
        double products = 0;
        double squares = 0;
        for (int i = 0; i < values.length; i++) {
            squares += (values[i] - mean) * (values[i] - mean);
            if (i >= lag) {
                products += (values[i] - mean) * (values[i - lag] - mean);
            }
        }
        return products / squares;
    }

    /// Classical multiplicative decomposition: mean ratio to the centred moving average.
    private static double[] indices(double[] train) {
        double[] sums = new double[SEASON];
        int[] counts = new int[SEASON];
        int half = SEASON / 2;
        for (int i = half; i + half < train.length; i++) {
            double average = (train[i - half] + train[i + half]) / 2;
            for (int j = i - half + 1; j < i + half; j++) {
                average += train[j];
            }
            sums[i % SEASON] += train[i] / (average / SEASON);
            counts[i % SEASON]++;
        }
        double[] indices = new double[SEASON];
        Arrays.setAll(indices, i -> sums[i] / counts[i]);
        double mean = Arrays.stream(indices).average().orElseThrow();
        Arrays.setAll(indices, i -> indices[i] / mean);
        return indices;
    }
}
