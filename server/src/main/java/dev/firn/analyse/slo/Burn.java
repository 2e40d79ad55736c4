package dev.firn.analyse.slo;

/// How fast a budget burns over one window: 1 spends it exactly over the objective's own.
///
/// @param minutes the window's length
/// @param rate share of bad events by the share that may be bad; NaN without events
/// @param total events in it
/// @param bad of them, estimated
/// @param coverage measured share of the window
public record Burn(long minutes, double rate, long total, double bad, double coverage) {
    /// Below this coverage what is not measured counts as if it had burned nothing: a young service
    /// has not spent three days' budget in its first hour.
    public static final double COVERAGE_MIN = 0.9;

    static Burn over(Minutes minutes, long asOf, long length, double budget) {
        MinuteCounts counts = minutes.sum(new SloWindow.Span(asOf - length, asOf));
        double bad = counts.total() - counts.goodEstimate();
        return new Burn(
                length,
                counts.total() == 0 ? Double.NaN : bad / counts.total() / budget,
                counts.total(),
                bad,
                (double) counts.measured() / length);
    }

    /// The rate that alerts compare.
    public double forAlerts() {
        return coverage >= COVERAGE_MIN ? rate : rate * coverage;
    }
}
