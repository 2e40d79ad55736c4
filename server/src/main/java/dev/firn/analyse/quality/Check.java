package dev.firn.analyse.quality;

import java.util.Locale;

/// What is looked at, what it says of, and when it is too much.
enum Check {
    FRESHNESS("timeliness", true, "newest point is %s s old, usually one comes each %s s"),
    GAPS("completeness", false, "a share of %s of the points that were due is missing"),
    VOLUME(
            "completeness",
            false,
            "%s points in the last hour, %s in the same hour of the weeks before"),
    DUPLICATES("uniqueness", false, "%s points were stored more than once"),
    CONFLICTS("uniqueness", true, "%s points were stored with different values"),
    LATE("timeliness", false, "a share of %s of new points came late"),
    OUT_OF_ORDER("timeliness", false, "a share of %s of new points came after later ones"),
    CLOCK_SKEW("timeliness", true, "points are %s s ahead of this clock"),
    RESETS("consistency", false, "a counter began anew %s times in an hour"),
    COUNTER_DROP("consistency", true, "counters fell %s times without a new start time"),
    DELTA_OVERLAP(
            "consistency",
            true,
            "%s intervals of increases overlap the one before: counted twice, or two writers"),
    TYPE_CONFLICT("schema", true, "%s types of one metric"),
    UNIT_CONFLICT("schema", true, "%s units of one metric"),
    TEMPORALITY_FLIP("schema", true, "%s temporalities of one metric"),
    DESCRIPTION_CONFLICT("schema", false, "%s descriptions of one metric"),
    BOUNDS_DRIFT("schema", false, "bounds of histograms changed %s times"),
    MISSING_ATTRIBUTES("completeness", false, "%s series lack an attribute that is required"),
    CARDINALITY("volume", true, "%s new series in an hour, where %s were active"),
    NAN("validity", false, "a share of %s of values is NaN"),
    INFINITE("validity", false, "%s values are infinite"),
    VALUE_RANGE("validity", true, "%s values of counters are negative"),
    HISTOGRAM_INTEGRITY("validity", true, "%s histograms contradict themselves"),
    DISTRIBUTION(
            "validity",
            false,
            "values are not distributed as in the same hour of any of the weeks before: population"
                    + " stability index %s"),
    RECONCILIATION(
            "consistency", true, "%s points are stored less or more often than they were admitted");

    private final String dimension;
    private final boolean fails;
    private final String words;

    Check(String dimension, boolean fails, String words) {
        this.dimension = dimension;
        this.fails = fails;
        this.words = words;
    }

    /// As in files and tables.
    String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Check of(String id) {
        return valueOf(id.toUpperCase(Locale.ROOT));
    }

    /// What kind of quality.
    String dimension() {
        return dimension;
    }

    /// Whether a finding is a failure, not a warning.
    boolean fails() {
        return fails;
    }

    /// A finding in words.
    String say(double observed, double expected) {
        return words.formatted(show(observed), show(expected));
    }

    private static String show(double value) {
        return value == Math.rint(value)
                ? Long.toString((long) value)
                : String.format(Locale.ROOT, "%.3g", value);
    }

    /// Whether it is too much.
    boolean isWrong(double observed, double expected, Limits limits) {
        return switch (this) {
            case FRESHNESS ->
                    observed
                            > Math.max(
                                    limits.freshnessSeconds(),
                                    limits.freshnessIntervals() * expected);
            case GAPS -> observed >= limits.gapShare();
            case VOLUME ->
                    Math.max(observed, expected) >= limits.volumePointsMin()
                            && (observed * limits.volumeRatio() < expected
                                    || observed > expected * limits.volumeRatio());
            case LATE -> observed >= limits.lateShare();
            case OUT_OF_ORDER -> observed >= limits.orderShare();
            case CLOCK_SKEW -> observed > 0; // the allowance is in what is asked
            case RESETS -> observed >= limits.resetsPerHour();
            case CARDINALITY ->
                    observed >= limits.newSeriesMin()
                            && observed > expected * limits.newSeriesRatio();
            case NAN -> observed >= limits.nanShare();
            case DISTRIBUTION -> observed >= limits.distributionIndex();
            case RECONCILIATION,
                    DUPLICATES,
                    CONFLICTS,
                    COUNTER_DROP,
                    DELTA_OVERLAP,
                    BOUNDS_DRIFT,
                    MISSING_ATTRIBUTES,
                    TYPE_CONFLICT,
                    UNIT_CONFLICT,
                    TEMPORALITY_FLIP,
                    DESCRIPTION_CONFLICT,
                    INFINITE,
                    VALUE_RANGE,
                    HISTOGRAM_INTEGRITY ->
                    observed > 0;
        };
    }
}
