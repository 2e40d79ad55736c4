package dev.firn.ops.bench.analytics;

/// NAB's detector of that name, to check the scoring against its published scores: standard
/// deviations from the mean of the last 6,400 values, moved on by 100.
final class WindowedGaussian {
    private static final int WINDOW = 6_400;
    private static final int STEP = 100;

    /// Where 1 − Q(z), written with twelve digits as NAB publishes it, is 1, its published
    /// threshold.
    static final double THRESHOLD = 7.1305;

    private WindowedGaussian() {}

    /// A score a value: z, in which NAB's tail probability is monotonic.
    static double[] scores(double[] values) {
        double[] scores = new double[values.length];
        int from = 0;
        int to = 0;
        double mean = 0;
        double deviation = 1;
        for (int i = 0; i < values.length; i++) {
            scores[i] = i == 0 ? 0 : Math.abs(values[i] - mean) / deviation;
            int grown = i + 1 <= WINDOW ? i + 1 : WINDOW + (i + 1 - WINDOW) / STEP * STEP;
            if (grown != to) {
                to = grown;
                from = Math.max(0, to - WINDOW);
                mean = mean(values, from, to);
                deviation = deviation(values, from, to, mean);
            }
        }
        return scores;
    }

    private static double mean(double[] values, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += values[i];
        }
        return sum / (to - from);
    }

    private static double deviation(double[] values, int from, int to, double mean) {
        double squares = 0;
        for (int i = from; i < to; i++) {
            squares += (values[i] - mean) * (values[i] - mean);
        }
        double deviation = Math.sqrt(squares / (to - from));
        return deviation == 0 ? 0.000001 : deviation;
    }
}
