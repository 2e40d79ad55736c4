package dev.firn.config;

/// `memory_limiter`: requests are refused, to be sent again, while too much memory is in use.
///
/// @param limitBytes of `limit_mib`; 0: by percentage
/// @param spikeLimitBytes of `spike_limit_mib`; 0: a fifth of the limit
/// @param limitPercentage of all memory
/// @param spikeLimitPercentage of all memory; 0: a fifth of the limit
public record MemoryLimiterConfig(
        long checkIntervalNanos,
        long limitBytes,
        long spikeLimitBytes,
        int limitPercentage,
        int spikeLimitPercentage)
        implements ProcessorConfig {
    private static final long MIB = 1L << 20;
    private static final long SECOND = 1_000_000_000L;

    static MemoryLimiterConfig read(Section section) {
        if (!section.has("check_interval")) {
            section.problem("check_interval", "missing; write check_interval: 1s");
        }
        var config =
                new MemoryLimiterConfig(
                        section.nanos("check_interval", SECOND, 1_000_000, 3_600 * SECOND),
                        MIB * section.integer("limit_mib", 0, 0, 1L << 32),
                        MIB * section.integer("spike_limit_mib", 0, 0, 1L << 32),
                        (int) section.integer("limit_percentage", 0, 0, 100),
                        (int) section.integer("spike_limit_percentage", 0, 0, 100));
        section.ignore(
                "Java's garbage collector chooses its own times; take this line out",
                "min_gc_interval_when_soft_limited",
                "min_gc_interval_when_hard_limited",
                "max_gc_interval_when_soft_limited",
                "max_gc_interval_when_hard_limited");
        config.check(section);
        section.close();
        return config;
    }

    private void check(Section section) {
        if (limitBytes == 0 && limitPercentage == 0) {
            section.problem("limit_mib", "missing; write limit_mib or limit_percentage");
        }
        if (limitBytes > 0 && spikeLimitBytes >= limitBytes) {
            section.problem("spike_limit_mib", "must be below limit_mib");
        }
        if (limitPercentage > 0 && spikeLimitPercentage >= limitPercentage) {
            section.problem("spike_limit_percentage", "must be below limit_percentage");
        }
    }

    /// Above it everything is refused.
    ///
    /// @param memory all that there is, in bytes
    public long hardLimitBytes(long memory) {
        return limitBytes > 0 ? limitBytes : (long) (memory / 100.0 * limitPercentage);
    }

    /// Above it new requests are refused.
    ///
    /// @param memory all that there is, in bytes
    public long softLimitBytes(long memory) {
        long hard = hardLimitBytes(memory);
        long spike =
                limitBytes > 0 ? spikeLimitBytes : (long) (memory / 100.0 * spikeLimitPercentage);
        return hard - (spike > 0 ? spike : hard / 5);
    }
}
