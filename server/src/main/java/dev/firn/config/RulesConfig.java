package dev.firn.config;

import java.util.List;

/// `rules`: Prometheus' rules that Firn evaluates itself.
///
/// @param enabled whether it does
/// @param shipped whether those that Firn ships about itself are among them
/// @param files the last part of a path may have `*`, `?` and `[…]`
/// @param intervalNanos of groups that name none
public record RulesConfig(
        boolean enabled, boolean shipped, List<String> files, long intervalNanos) {
    private static final long SECOND = 1_000_000_000L;

    /// What applies where nothing is set.
    public static final RulesConfig DEFAULTS = new RulesConfig(true, true, List.of(), 60 * SECOND);

    public RulesConfig {
        files = List.copyOf(files);
    }

    static RulesConfig read(Section section) {
        var rules =
                new RulesConfig(
                        section.bool("enabled", DEFAULTS.enabled),
                        section.bool("shipped", DEFAULTS.shipped),
                        section.texts("files"),
                        section.nanos("interval", DEFAULTS.intervalNanos, SECOND, 86_400 * SECOND));
        section.close();
        return rules;
    }
}
