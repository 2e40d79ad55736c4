package dev.firn.analyse.forecast;

import java.util.Arrays;

/// Ridge regression of a value on the last ones and on those around the same place of the seasons
/// before, in logarithms where all are positive; recent rows weigh more; forecasts feed on
/// forecasts.
final class Ridge implements Model {
    private static final double LAMBDA = 0.1;
    private static final double FORGET_PER_STEP = 0.996;
    private static final int NEAR = 3;
    private static final int AROUND = 2;
    private static final int ROWS_MIN = 150;
    private static final int ROWS_AT_ONCE = 4;

    private final String name;
    private final int[] seasonal;

    /// @param seasonal lags of the seasons, in steps
    Ridge(String name, int... seasonal) {
        this.name = name;
        this.seasonal = seasonal.clone();
    }

    /// Hours by days and weeks.
    static Ridge hourly() {
        return new Ridge("ridge-24-168", 24, 48, 72, 168, 336);
    }

    /// Hours by days, for less than three weeks.
    static Ridge hourlyByDay() {
        return new Ridge("ridge-24", 24, 48, 72);
    }

    /// Days by weeks.
    static Ridge daily() {
        return new Ridge("ridge-7", 7, 14, 21, 28);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public double[] forecast(double[] series, boolean[] known, int length, int horizon) {
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < length; i++) {
            low = Math.min(low, series[i]);
            high = Math.max(high, series[i]);
        }
        double[] extended = Arrays.copyOf(series, length + horizon);
        boolean log = low > 0;
        if (log) {
            Arrays.setAll(extended, i -> Math.log(extended[i]));
        }
        double[] moments = moments(extended, length);
        if (!(moments[1] > 0)) {
            double[] constant = new double[horizon];
            Arrays.fill(constant, series[length - 1]);
            return constant;
        }
        for (int i = 0; i < length; i++) {
            extended[i] = (extended[i] - moments[0]) / moments[1];
        }
        int[] lags = lags(length);
        double[] weights = fit(extended, known, length, lags);
        double least = low >= 0 ? 0 : low - (high - low);
        double most = high + (high - low);
        double[] forecast = new double[horizon];
        double floor = standardised(least, log, moments);
        double ceiling = standardised(most, log, moments);
        for (int h = 0; h < horizon; h++) {
            int at = length + h;
            double value = weights[lags.length];
            for (int j = 0; j < lags.length; j++) {
                value += weights[j] * extended[at - lags[j]];
            }
            extended[at] = Math.clamp(value, floor, ceiling);
            double plain = extended[at] * moments[1] + moments[0];
            forecast[h] = log ? Math.exp(plain) : plain;
        }
        return forecast;
    }

    private static double standardised(double value, boolean log, double[] moments) {
        return ((log ? Math.log(value) : value) - moments[0]) / moments[1];
    }

    private static double[] moments(double[] values, int length) {
        double mean = 0;
        for (int i = 0; i < length; i++) {
            mean += values[i] / length;
        }
        double squares = 0;
        for (int i = 0; i < length; i++) {
            squares += (values[i] - mean) * (values[i] - mean) / length;
        }
        return new double[] {mean, Math.sqrt(squares)};
    }

    private int[] lags(int length) {
        int[] lags = new int[NEAR + seasonal.length * (2 * AROUND + 1)];
        int count = 0;
        for (int lag = 1; lag <= NEAR; lag++) {
            lags[count++] = lag;
        }
        for (int season : seasonal) {
            for (int lag = season - AROUND; lag <= season + AROUND; lag++) {
                if (lag > NEAR && (length - lag >= ROWS_MIN || 3 * (length - lag) > length)) {
                    lags[count++] = lag;
                }
            }
        }
        return Arrays.copyOf(lags, count);
    }

    /// Weights of the lags, then the intercept. Rows are added up several at once, which takes less
    /// than half the time (`firn bench analytics`).
    private static double[] fit(double[] z, boolean[] known, int length, int[] lags) {
        int n = lags.length + 1;
        double[] normal = new double[n * n];
        double[] right = new double[n];
        double[][] rows = new double[ROWS_AT_ONCE][n];
        double[] values = new double[ROWS_AT_ONCE];
        int longest = Arrays.stream(lags).max().orElse(1);
        double weight = Math.pow(FORGET_PER_STEP, length - longest);
        int filled = 0;
        for (int t = longest; t < length; t++, weight /= FORGET_PER_STEP) {
            if (!known[t]) {
                continue;
            }
            double root = Math.sqrt(weight);
            double[] row = rows[filled];
            for (int j = 0; j < lags.length; j++) {
                row[j] = root * z[t - lags[j]];
            }
            row[n - 1] = root;
            values[filled] = root * z[t];
            if (++filled == ROWS_AT_ONCE) {
                add(rows, values, normal, right);
                filled = 0;
            }
        }
        for (int rest = filled; rest < ROWS_AT_ONCE; rest++) {
            Arrays.fill(rows[rest], 0);
            values[rest] = 0;
        }
        add(rows, values, normal, right);
        for (int i = 0; i < n; i++) {
            normal[i * n + i] += LAMBDA;
        }
        return Cholesky.solve(normal, right);
    }

    private static void add(double[][] rows, double[] values, double[] normal, double[] right) {
        double[] a = rows[0];
        double[] b = rows[1];
        double[] c = rows[2];
        double[] d = rows[3];
        int n = right.length;
        for (int i = 0; i < n; i++) {
            double ai = a[i];
            double bi = b[i];
            double ci = c[i];
            double di = d[i];
            right[i] += ai * values[0] + bi * values[1] + ci * values[2] + di * values[3];
            int at = i * n;
            for (int j = 0; j <= i; j++) {
                normal[at + j] += ai * a[j] + bi * b[j] + ci * c[j] + di * d[j];
            }
        }
    }
}
