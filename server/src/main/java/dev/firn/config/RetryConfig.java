package dev.firn.config;

/// `retry_on_failure:` of an exporter, the Collector's `configretry`.
///
/// @param randomization a wait is drawn from ± this share of the interval
/// @param multiplier the interval grows by it with each failure, up to `maxIntervalNanos`
/// @param maxElapsedNanos after that a request is given up; 0: never
public record RetryConfig(
        boolean enabled,
        long initialIntervalNanos,
        double randomization,
        double multiplier,
        long maxIntervalNanos,
        long maxElapsedNanos) {
    private static final long SECOND = 1_000_000_000L;
    private static final long DAY = 86_400 * SECOND;

    /// The Collector's defaults.
    public static final RetryConfig DEFAULT =
            new RetryConfig(true, 5 * SECOND, 0.5, 1.5, 30 * SECOND, 300 * SECOND);

    static RetryConfig read(Section parent) {
        Section section = parent.section("retry_on_failure");
        var retry =
                new RetryConfig(
                        section.bool("enabled", true),
                        section.nanos("initial_interval", 5 * SECOND, 0, DAY),
                        section.number("randomization_factor", 0.5, 0, 1),
                        section.number("multiplier", 1.5, 0, 1_000),
                        section.nanos("max_interval", 30 * SECOND, 0, DAY),
                        section.nanos("max_elapsed_time", 300 * SECOND, 0, 365 * DAY));
        long least = Math.max(retry.initialIntervalNanos, retry.maxIntervalNanos);
        if (retry.enabled && retry.maxElapsedNanos > 0 && retry.maxElapsedNanos < least) {
            section.problem(
                    "max_elapsed_time",
                    Quantity.showNanos(retry.maxElapsedNanos)
                            + " is below initial_interval or max_interval; raise it, or set 0 to"
                            + " retry for ever");
        }
        section.close();
        return retry;
    }
}
