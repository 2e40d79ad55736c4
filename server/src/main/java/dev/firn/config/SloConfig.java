package dev.firn.config;

import java.util.List;

/// `slo`: objectives that `firn serve` evaluates.
///
/// @param enabled whether it does
/// @param definitions files in OpenSLO's form; the last part of a path may have `*`; none: the four
///   that Firn ships
/// @param graceNanos after the end of a minute, until it is counted
/// @param minutesMax minutes with events, over all objectives and groups, that are held in memory
public record SloConfig(
        boolean enabled, List<String> definitions, long graceNanos, long minutesMax) {
    private static final long SECOND = 1_000_000_000L;

    /// What applies where nothing is set.
    public static final SloConfig DEFAULTS = new SloConfig(true, List.of(), 15 * SECOND, 2_000_000);

    public SloConfig {
        definitions = List.copyOf(definitions);
    }

    static SloConfig read(Section section) {
        var slo =
                new SloConfig(
                        section.bool("enabled", DEFAULTS.enabled),
                        section.texts("definitions"),
                        section.nanos("grace", DEFAULTS.graceNanos, 0, 3_600 * SECOND),
                        section.integer("minutes_max", DEFAULTS.minutesMax, 10_000, 1_000_000_000));
        section.close();
        return slo;
    }
}
