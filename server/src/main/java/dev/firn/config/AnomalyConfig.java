package dev.firn.config;

/// `anomaly`: detection of what is not as expected, in `firn serve`.
///
/// @param enabled whether it is done
/// @param signals a file such as `config/anomaly.yaml`; empty: Firn's own signals
/// @param graceNanos after the end of an interval, until it is judged
/// @param historyDays of which detectors learn at the first start
/// @param seriesMax that are watched, the heaviest first
public record AnomalyConfig(
        boolean enabled, String signals, long graceNanos, int historyDays, int seriesMax) {
    private static final long SECOND = 1_000_000_000L;
    private static final long DAY = 86_400 * SECOND;

    /// What applies where nothing is set.
    public static final AnomalyConfig DEFAULTS =
            new AnomalyConfig(true, "", 150 * SECOND, 14, 2_000);

    static AnomalyConfig read(Section section) {
        var anomaly =
                new AnomalyConfig(
                        section.bool("enabled", DEFAULTS.enabled),
                        section.text("signals", DEFAULTS.signals),
                        section.nanos("grace", DEFAULTS.graceNanos, 0, DAY),
                        (int)
                                (section.nanos("history", DEFAULTS.historyDays * DAY, DAY, 90 * DAY)
                                        / DAY),
                        (int) section.integer("series_max", DEFAULTS.seriesMax, 1, 100_000));
        section.close();
        return anomaly;
    }
}
