package dev.firn.analyse.quality;

import dev.firn.config.Section;

/// From where on findings are incidents.
///
/// @param freshnessSeconds that the newest point may be old at least
/// @param freshnessIntervals times its usual interval that it may be old
/// @param gapShare of points that were due
/// @param volumeRatio more or less than the weeks before
/// @param volumePointsMin below so many an hour volume is not judged
/// @param lateShare of new points
/// @param orderShare of new points
/// @param resetsPerHour of one series
/// @param newSeriesMin new series an hour
/// @param newSeriesRatio times those active
/// @param nanShare of values
/// @param distributionIndex population stability index of an hour's events
record Limits(
        double freshnessSeconds,
        double freshnessIntervals,
        double gapShare,
        double volumeRatio,
        double volumePointsMin,
        double lateShare,
        double orderShare,
        double resetsPerHour,
        double newSeriesMin,
        double newSeriesRatio,
        double nanShare,
        double distributionIndex) {
    /// What holds without a configuration.
    static final Limits USUAL =
            new Limits(300, 3, 0.1, 2, 1_000, 0.05, 0.05, 4, 100, 1.5, 0.01, 0.25);

    /// Reads what a rule sets; the rest is as in `otherwise`.
    static Limits read(Section rule, Limits otherwise) {
        return new Limits(
                rule.number("freshness_seconds", otherwise.freshnessSeconds, 1, 1e9),
                rule.number("freshness_intervals", otherwise.freshnessIntervals, 1, 1_000),
                rule.number("gap_share", otherwise.gapShare, 0, 1),
                rule.number("volume_ratio", otherwise.volumeRatio, 1, 1_000),
                rule.number("volume_points_min", otherwise.volumePointsMin, 0, 1e12),
                rule.number("late_share", otherwise.lateShare, 0, 1),
                rule.number("out_of_order_share", otherwise.orderShare, 0, 1),
                rule.number("resets_per_hour", otherwise.resetsPerHour, 1, 10_000),
                rule.number("new_series_min", otherwise.newSeriesMin, 1, 1e9),
                rule.number("new_series_ratio", otherwise.newSeriesRatio, 0, 1_000),
                rule.number("nan_share", otherwise.nanShare, 0, 1),
                rule.number("distribution_index", otherwise.distributionIndex, 0, 1_000));
    }
}
