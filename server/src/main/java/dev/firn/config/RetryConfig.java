package dev.firn.config;

/// `retry_on_failure` of an exporter that sends on.
///
/// @param initialIntervalNanos before the first retry
/// @param randomizationFactor each wait is drawn from this share below to this share above
/// @param multiplier of the wait from one retry to the next
/// @param maxIntervalNanos no wait is longer
/// @param maxElapsedNanos after which a request is given up; 0: never
public record RetryConfig(
        boolean enabled,
        long initialIntervalNanos,
        double randomizationFactor,
        double multiplier,
        long maxIntervalNanos,
        long maxElapsedNanos) {
    private static final long SECOND = 1_000_000_000L;
    private static final long DAY = 86_400 * SECOND;

    static RetryConfig read(Section parent) {
        Section section = parent.section("retry_on_failure");
        var config =
                new RetryConfig(
                        section.bool("enabled", true),
                        section.nanos("initial_interval", 5 * SECOND, 1, DAY),
                        section.number("randomization_factor", 0.5, 0, 1),
                        section.number("multiplier", 1.5, 1, 1_000),
                        section.nanos("max_interval", 30 * SECOND, 1, DAY),
                        section.nanos("max_elapsed_time", 300 * SECOND, 0, Long.MAX_VALUE));
        if (config.maxElapsedNanos > 0
                && config.maxElapsedNanos
                        < Math.max(config.initialIntervalNanos, config.maxIntervalNanos)) {
            section.problem(
                    "max_elapsed_time",
                    Quantity.showNanos(config.maxElapsedNanos)
                            + " is below initial_interval or max_interval; raise it or set 0 for no"
                            + " end");
        }
        section.close();
        return config;
    }
}
