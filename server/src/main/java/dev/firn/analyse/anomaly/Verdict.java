package dev.firn.analyse.anomaly;

/// What the detector says of one point.
///
/// @param time of the point, ms since 1970
/// @param score above 1 is anomalous; 0 where nothing can be said
/// @param channel which channel gave the score
/// @param actual the value; NaN where data are missing or the period is excluded
/// @param expected what was expected; NaN before there is a history
/// @param low lower end of the expected band, in the unit of the value
/// @param high its upper end
/// @param held part of an incident that began before and has not ended
/// @param reason the statistic that gave most, in words
/// @param deviation score of that channel alone; 0 while it has no say
/// @param novelty score of that channel alone
public record Verdict(
        long time,
        double score,
        Channel channel,
        double actual,
        double expected,
        double low,
        double high,
        boolean held,
        String reason,
        double deviation,
        double novelty) {

    /// How a score came about.
    public enum Channel {
        /// Not as the last minutes and this time of day let expect.
        DEVIATION,
        /// New to the series: value, level, variation or sequence.
        NOVELTY,
        /// Not as the other instances of its service.
        PEER,
        /// Missing or excluded: nothing is said.
        NONE
    }

    /// How bad.
    public enum Severity {
        NONE,
        WARNING,
        CRITICAL
    }

    private static final double CRITICAL_SCORE = 2;

    static Verdict none(long time) {
        return new Verdict(
                time,
                0,
                Channel.NONE,
                Double.NaN,
                Double.NaN,
                Double.NaN,
                Double.NaN,
                false,
                "",
                0,
                0);
    }

    /// An anomaly begins, or an incident goes on.
    public boolean anomalous() {
        return score > 1 || held;
    }

    /// Critical from twice the threshold on.
    public Severity severity() {
        if (!anomalous()) {
            return Severity.NONE;
        }
        return score > CRITICAL_SCORE ? Severity.CRITICAL : Severity.WARNING;
    }
}
