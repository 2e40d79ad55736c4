package dev.firn.config;

/// `rollup`: how windows of 5 minutes, an hour and a day are computed from points. Rows of 5
/// minutes are kept as long as the points.
///
/// @param graceNanos after the end of a window, until it is closed and computed
/// @param firstPointAgeMaxNanos a series' first point counts in full if it starts that shortly
///   before
/// @param keepHoursDays days that `rollup_1h` is kept
/// @param keepDaysDays days that `rollup_1d` is kept
/// @param cpu share of one core that may be used, over time: above 0, up to 1
public record RollupConfig(
        long graceNanos,
        long firstPointAgeMaxNanos,
        int keepHoursDays,
        int keepDaysDays,
        double cpu) {
    private static final long SECOND = 1_000_000_000L;
    private static final long DAY = 86_400 * SECOND;

    /// What applies where nothing is set.
    public static final RollupConfig DEFAULTS =
            new RollupConfig(120 * SECOND, 600 * SECOND, 5 * 365, 10 * 365, 0.5);

    static RollupConfig read(Section section) {
        var rollup =
                new RollupConfig(
                        section.nanos("grace", DEFAULTS.graceNanos, 0, DAY),
                        section.nanos(
                                "first_point_max_age", DEFAULTS.firstPointAgeMaxNanos, 0, DAY),
                        days(section, "keep_1h", DEFAULTS.keepHoursDays),
                        days(section, "keep_1d", DEFAULTS.keepDaysDays),
                        section.number("cpu", DEFAULTS.cpu, 0.01, 1));
        section.close();
        return rollup;
    }

    private static int days(Section section, String key, int otherwise) {
        return (int) (section.nanos(key, otherwise * DAY, DAY, 36_500 * DAY) / DAY);
    }
}
