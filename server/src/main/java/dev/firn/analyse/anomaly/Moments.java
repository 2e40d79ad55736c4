package dev.firn.analyse.anomaly;

/// Running mean and standard deviation of all values so far, after a number of points exponentially
/// weighted.
final class Moments {
    private final double rate;
    private double count;
    private double mean;
    private double variance;

    Moments(double rate) {
        this.rate = rate;
    }

    void learn(double value) {
        count++;
        double weight = Math.max(rate, 1 / count);
        double delta = value - mean;
        mean += weight * delta;
        variance = (1 - weight) * (variance + weight * delta * delta);
    }

    double mean() {
        return mean;
    }

    double deviation() {
        return Math.sqrt(variance);
    }

    /// Standard deviations from the mean; 0 where nothing has varied yet.
    double z(double value) {
        return variance > 0 ? (value - mean) / Math.sqrt(variance) : 0;
    }

    void fields(Fields fields) {
        count = fields.of(count);
        mean = fields.of(mean);
        variance = fields.of(variance);
    }
}
