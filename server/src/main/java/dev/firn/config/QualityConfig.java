package dev.firn.config;

/// `quality`: checks of what senders send, in `firn serve`.
///
/// @param enabled whether they are made
/// @param rules a file such as `config/quality.yaml`; empty: everything by the usual limits
/// @param lateNanos after its time that a point may come
/// @param aheadNanos that a point's time may be ahead of this clock
public record QualityConfig(boolean enabled, String rules, long lateNanos, long aheadNanos) {
    private static final long SECOND = 1_000_000_000L;

    /// What applies where nothing is set.
    public static final QualityConfig DEFAULTS =
            new QualityConfig(true, "", 600 * SECOND, 5 * SECOND);

    static QualityConfig read(Section section) {
        var quality =
                new QualityConfig(
                        section.bool("enabled", DEFAULTS.enabled),
                        section.text("rules", DEFAULTS.rules),
                        section.nanos("late", DEFAULTS.lateNanos, SECOND, 86_400 * SECOND),
                        section.nanos("ahead", DEFAULTS.aheadNanos, 0, 86_400 * SECOND));
        section.close();
        return quality;
    }
}
