package dev.firn.query.promql.value;

/// A sum that carries what rounding loses (Neumaier's form of Kahan's algorithm), as Prometheus
/// adds: `total` holds the sum, `lost` what has to be added in the end.
public final class KahanSum {
    private double total;
    private double lost;

    /// Starts at zero.
    public KahanSum() {}

    public KahanSum(double total, double lost) {
        this.total = total;
        this.lost = lost;
    }

    /// Adds a number.
    public void add(double value) {
        lost = lost(value, total, lost);
        total += value;
    }

    /// The compensation after adding `value` to `total`.
    public static double lost(double value, double total, double lost) {
        double sum = total + value;
        if (Double.isInfinite(sum)) {
            return 0;
        }
        return Math.abs(total) >= Math.abs(value)
                ? lost + ((total - sum) + value)
                : lost + ((value - sum) + total);
    }

    public double total() {
        return total;
    }

    public double lost() {
        return lost;
    }

    /// The best estimate of the sum.
    public double sum() {
        return total + lost;
    }
}
