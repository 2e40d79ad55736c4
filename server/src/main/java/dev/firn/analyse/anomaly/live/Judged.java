package dev.firn.analyse.anomaly.live;

import dev.firn.analyse.anomaly.Detector;
import dev.firn.analyse.anomaly.Verdict;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// What was said of a signal's interval, in the unit that people read.
///
/// @param matters the difference is large enough that somebody should be told
/// @param expectedByPeople a mark says that it is expected: no alert
/// @param alerting it is part of an anomaly that has lasted, or is far beyond doubt
/// @param since when that anomaly began, ms since 1970; 0 if there is none
/// @param chance what of half the band is there for chance: three standard errors
/// @param deployment that it falls into, in words; empty without one
public record Judged(
        SignalKey key,
        Verdict verdict,
        boolean matters,
        boolean expectedByPeople,
        boolean alerting,
        long since,
        double chance,
        String deployment) {
    /// Bands are that many typical deviations wide on each side (the detector's threshold), and
    /// that many typical deviations are a standard deviation of a normal distribution.
    private static final double BAND = 6.6;

    private static final double STANDARD = Math.sqrt(Math.PI / 2);

    /// `none`, `info` of what is sure but small, `warning`, `critical`, or `expected` where people
    /// said so.
    public String severity() {
        if (expectedByPeople && verdict.anomalous()) {
            return "expected";
        }
        if (verdict.anomalous() && !matters) {
            return "info";
        }
        return verdict.severity().name().toLowerCase(Locale.ROOT);
    }

    /// How many robust standard deviations the value is from the expected one.
    public double zScore() {
        double usual = (verdict.high() - verdict.expected() - chance) / BAND * STANDARD;
        double deviation = Math.hypot(usual, chance / Detector.CHANCE_ERRORS);
        return deviation > 0 ? (verdict.actual() - verdict.expected()) / deviation : 0;
    }

    /// A sentence for people.
    public String explanation() {
        String why = verdict.score() > 1 ? verdict.reason() : "the anomaly before goes on";
        return "%s is %s, expected %s (%s to %s): %s%s"
                .formatted(
                        key,
                        number(verdict.actual()),
                        number(verdict.expected()),
                        number(low()),
                        number(verdict.high()),
                        why,
                        deployment.isEmpty() ? "" : "; " + deployment);
    }

    /// The band's lower end; none of the signals that Firn reads itself is negative.
    public double low() {
        return verdict.actual() >= 0 && verdict.expected() >= 0
                ? Math.max(0, verdict.low())
                : verdict.low();
    }

    /// Scores of the two channels.
    public Map<String, Double> contributions() {
        var contributions = new LinkedHashMap<String, Double>();
        if (verdict.channel() == Verdict.Channel.PEER) {
            contributions.put("peer", verdict.score());
        } else {
            contributions.put("deviation", verdict.deviation());
            contributions.put("novelty", verdict.novelty());
        }
        return contributions;
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.4g", value);
    }
}
