package dev.firn.analyse.slo;

import dev.firn.model.EventBounds;

/// What is known of one minute (or the sum over several).
///
/// @param total all events
/// @param goodLower surely good ones
/// @param goodUpper possibly good ones; equal to `goodLower` unless a threshold falls into a bucket
/// @param goodEstimate between both
/// @param unknownBaseline points whose increase could not be known; their events are in no number
/// @param measured minutes of which something is known: 1 or 0, in sums their number
/// @param below lowest edge below the threshold of a bucket around it, where counts are not exact;
///   NaN where they are exact
/// @param above highest edge above it
public record MinuteCounts(
        long total,
        long goodLower,
        long goodUpper,
        double goodEstimate,
        long unknownBaseline,
        long measured,
        double below,
        double above) {
    /// A minute of which nothing is known.
    public static final MinuteCounts NONE =
            new MinuteCounts(0, 0, 0, 0, 0, 0, Double.NaN, Double.NaN);

    /// Measured, without an event.
    static final MinuteCounts QUIET = new MinuteCounts(0, 0, 0, 0, 0, 1, Double.NaN, Double.NaN);

    public MinuteCounts {
        if (goodLower < 0 || goodUpper < goodLower || total < goodUpper) {
            throw new IllegalArgumentException(
                    goodLower + " to " + goodUpper + " of " + total + " are no counts");
        }
    }

    static MinuteCounts of(long total, EventBounds good) {
        return new MinuteCounts(
                total,
                good.lower(),
                good.upper(),
                good.estimate(),
                0,
                1,
                good.below(),
                good.above());
    }

    static MinuteCounts unknown() {
        return new MinuteCounts(0, 0, 0, 0, 1, 0, Double.NaN, Double.NaN);
    }

    /// The same, known to be measured.
    public MinuteCounts asMeasured() {
        return beside(QUIET);
    }

    /// Of the same minute, from another series.
    MinuteCounts beside(MinuteCounts other) {
        return sum(other, Math.max(measured, other.measured));
    }

    /// Of other minutes.
    MinuteCounts plus(MinuteCounts other) {
        return sum(other, measured + other.measured);
    }

    private MinuteCounts sum(MinuteCounts other, long measuredMinutes) {
        return new MinuteCounts(
                Math.addExact(total, other.total),
                goodLower + other.goodLower,
                goodUpper + other.goodUpper,
                goodEstimate + other.goodEstimate,
                unknownBaseline + other.unknownBaseline,
                measuredMinutes,
                nanMin(below, other.below),
                nanMax(above, other.above));
    }

    /// Of all edges the outer ones: a bound that all layouts would have to get.
    private static double nanMin(double a, double b) {
        return Double.isNaN(a) ? b : Double.isNaN(b) ? a : Math.min(a, b);
    }

    private static double nanMax(double a, double b) {
        return Double.isNaN(a) ? b : Double.isNaN(b) ? a : Math.max(a, b);
    }
}
