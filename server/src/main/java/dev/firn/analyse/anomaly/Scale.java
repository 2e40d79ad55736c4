package dev.firn.analyse.anomaly;

/// Typical size of a residual: an exponentially weighted mean of absolute residuals, each capped at
/// a multiple of the mean so far (Huber), so that an anomaly hardly widens its own yardstick.
final class Scale {
    private static final double CAP = 5;
    private static final int UNCAPPED = 20;

    private final double rate;
    private double mean;
    private int count;

    /// @param rate weight of one point once there are enough of them
    Scale(double rate) {
        this.rate = rate;
    }

    double value() {
        return mean;
    }

    /// @param floor the least that counts as a deviation, so that a constant can start to vary
    void learn(double residual, double floor) {
        double size = Math.abs(residual);
        if (count < UNCAPPED) {
            count++;
        } else {
            size = Math.min(size, CAP * Math.max(mean, floor));
        }
        mean += Math.max(rate, 1.0 / count) * (size - mean);
        if (count < UNCAPPED) {
            return;
        }
        count = Math.min(count + 1, Integer.MAX_VALUE - 1);
    }

    void fields(Fields fields) {
        mean = fields.of(mean);
        count = fields.of(count);
    }
}
