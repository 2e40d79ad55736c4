package dev.firn.analyse.forecast;

import java.util.Arrays;

/// Conformal intervals: the typical error so many steps ahead, times how many of it contain the
/// wanted share of the held-out errors. A series' own share of that factor is small: the tails of a
/// few origins are too few for a quantile, so most comes from a factor that holds for series at
/// large.
final class Intervals {
    private static final double OWN = 0.3;
    private static final int AROUND = 3;
    private static final double Z80 = 1.7;
    private static final double Z95 = 3.2;
    private static final double LOCAL = 0.7;

    private Intervals() {}

    static Forecast around(
            double[] values, Holdout holdout, Filled series, String model, double holdoutError) {
        double[] typical = typical(values.length, holdout, series);
        double narrow = factor(holdout, typical, 0.80, Z80);
        double wide = Math.max(narrow, factor(holdout, typical, 0.95, Z95));
        boolean positive = Arrays.stream(series.values()).allMatch(value -> value >= 0);
        return new Forecast(
                values,
                end(values, typical, -narrow, positive),
                end(values, typical, narrow, false),
                end(values, typical, -wide, positive),
                end(values, typical, wide, false),
                model,
                holdoutError);
    }

    private static double[] end(
            double[] values, double[] typical, double factor, boolean positive) {
        double[] end = new double[values.length];
        for (int h = 0; h < end.length; h++) {
            double at = values[h] + factor * typical[h];
            end[h] = positive ? Math.max(0, at) : at;
        }
        return end;
    }

    /// Mean absolute error by steps ahead, smoothed; beyond the held-out reach it grows with the
    /// root of the distance.
    private static double[] typical(int horizon, Holdout holdout, Filled series) {
        double[] typical = new double[horizon];
        double all = holdout.error();
        if (!(all >= 0)) {
            double step = meanStep(series);
            Arrays.setAll(typical, h -> step * Math.sqrt(h + 1.0));
            return typical;
        }
        int reach = holdout.errors().getFirst().length;
        for (int h = 0; h < Math.min(reach, horizon); h++) {
            double near = near(holdout, h);
            typical[h] = LOCAL * (Double.isNaN(near) ? all : near) + (1 - LOCAL) * all;
        }
        for (int h = reach; h < horizon; h++) {
            typical[h] = typical[h % reach] * Math.sqrt((h + 1.0) / reach);
        }
        return typical;
    }

    private static double near(Holdout holdout, int h) {
        double sum = 0;
        int count = 0;
        for (double[] errors : holdout.errors()) {
            for (int i = Math.max(0, h - AROUND);
                    i <= Math.min(errors.length - 1, h + AROUND);
                    i++) {
                if (!Double.isNaN(errors[i])) {
                    sum += Math.abs(errors[i]);
                    count++;
                }
            }
        }
        return count == 0 ? Double.NaN : sum / count;
    }

    private static double meanStep(Filled series) {
        double sum = 0;
        double[] values = series.values();
        for (int i = 1; i < values.length; i++) {
            sum += Math.abs(values[i] - values[i - 1]);
        }
        return sum / Math.max(1, values.length - 1);
    }

    private static double factor(Holdout holdout, double[] typical, double share, double general) {
        double[] ratios =
                holdout.errors().stream()
                        .flatMapToDouble(errors ->
                                java.util.stream.IntStream.range(0, errors.length)
                                        .mapToDouble(h -> Math.abs(errors[h]) / typical[h]))
                        .filter(Double::isFinite)
                        .sorted()
                        .toArray();
        if (ratios.length == 0) {
            return general;
        }
        double own = ratios[(int) Math.min(ratios.length - 1, Math.ceil(share * ratios.length))];
        return own > 0 ? Math.pow(own, OWN) * Math.pow(general, 1 - OWN) : general;
    }
}
