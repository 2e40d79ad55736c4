package dev.firn.query.promql.lang;

/// Parts of the language that Prometheus keeps behind feature flags.
///
/// @param experimentalFunctions functions and aggregations marked experimental
/// @param durationExpressions arithmetic, `step()` and `range()` where a duration stands
/// @param extendedRanges the modifiers `anchored` and `smoothed`
/// @param fillModifiers `fill`, `fill_left`, `fill_right` of binary operators
public record Features(
        boolean experimentalFunctions,
        boolean durationExpressions,
        boolean extendedRanges,
        boolean fillModifiers) {
    /// What a Prometheus without flags accepts.
    public static final Features STABLE = new Features(false, false, false, false);

    /// Everything.
    public static final Features ALL = new Features(true, true, true, true);
}
