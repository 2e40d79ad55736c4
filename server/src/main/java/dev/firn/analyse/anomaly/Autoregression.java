package dev.firn.analyse.anomaly;

/// The next value from the last six by recursive least squares with forgetting.
final class Autoregression {
    private static final int ORDER = 6;
    private static final double FORGET = 0.999;
    private static final double PRIOR = 100;
    private static final double COVARIANCE_MAX = 1e6;

    private final double[] past = new double[ORDER];
    private final double[] weights = new double[ORDER];
    private final double[] covariance = new double[ORDER * ORDER];
    private final double[] gain = new double[ORDER];

    Autoregression() {
        for (int i = 0; i < ORDER; i++) {
            covariance[i * ORDER + i] = PRIOR;
        }
    }

    /// The error at `value`, which is in standard deviations.
    double error(double value) {
        double predicted = 0;
        for (int i = 0; i < ORDER; i++) {
            predicted += weights[i] * past[i];
        }
        return value - predicted;
    }

    void learn(double value) {
        double error = error(value);
        double denominator = FORGET;
        for (int i = 0; i < ORDER; i++) {
            gain[i] = 0;
            for (int j = 0; j < ORDER; j++) {
                gain[i] += covariance[i * ORDER + j] * past[j];
            }
            denominator += past[i] * gain[i];
        }
        for (int i = 0; i < ORDER; i++) {
            weights[i] += gain[i] / denominator * error;
            for (int j = 0; j < ORDER; j++) {
                double updated =
                        (covariance[i * ORDER + j] - gain[i] * gain[j] / denominator) / FORGET;
                covariance[i * ORDER + j] = Math.clamp(updated, -COVARIANCE_MAX, COVARIANCE_MAX);
            }
        }
        System.arraycopy(past, 0, past, 1, ORDER - 1);
        past[0] = value;
    }

    void fields(Fields fields) {
        fields.of(past);
        fields.of(weights);
        fields.of(covariance);
    }
}
