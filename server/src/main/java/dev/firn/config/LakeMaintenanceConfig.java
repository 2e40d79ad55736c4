package dev.firn.config;

import java.time.Duration;

/// `lake.maintenance`, `lake.compact` and `lake.manifests`: the lake's upkeep inside `firn serve`.
/// Sizes are bytes, durations nanoseconds.
///
/// @param enabled false: nothing is done on a schedule; the commands work all the same
/// @param cpuShare of one core, for all jobs together
/// @param bytesPerSecond read and written by all jobs together; 0: no limit
/// @param manifestsMin manifests of a table that are gathered at once
public record LakeMaintenanceConfig(
        boolean enabled,
        double cpuShare,
        long bytesPerSecond,
        Compact compact,
        long manifestsIntervalNanos,
        int manifestsMin) {
    private static final long MIB = 1L << 20;
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final long WEEK = 7 * 86_400 * SECOND;

    /// `lake.compact`.
    ///
    /// @param targetSize of a finished data file
    /// @param memoryMax of one merge
    public record Compact(boolean enabled, long intervalNanos, long targetSize, long memoryMax) {}

    /// What stands in no file.
    public static final LakeMaintenanceConfig DEFAULT =
            new LakeMaintenanceConfig(
                    true,
                    0.5,
                    64 * MIB,
                    new Compact(true, 600 * SECOND, 128 * MIB, 64 * MIB),
                    1_800 * SECOND,
                    40);

    /// @param lake the section `lake`, which others read, too
    static LakeMaintenanceConfig read(Section lake) {
        Section maintenance = lake.section("maintenance");
        Section manifests = lake.section("manifests");
        var config =
                new LakeMaintenanceConfig(
                        maintenance.bool("enabled", DEFAULT.enabled),
                        maintenance.number("cpu_share", DEFAULT.cpuShare, 0.01, 1),
                        maintenance.bytes(
                                "bytes_per_second", DEFAULT.bytesPerSecond, 0, 100_000 * MIB),
                        compact(lake.section("compact")),
                        manifests.nanos(
                                "interval", DEFAULT.manifestsIntervalNanos, 10 * SECOND, WEEK),
                        (int) manifests.integer("count_min", DEFAULT.manifestsMin, 2, 10_000));
        maintenance.close();
        manifests.close();
        return config;
    }

    private static Compact compact(Section section) {
        var compact =
                new Compact(
                        section.bool("enabled", DEFAULT.compact.enabled),
                        section.nanos("interval", DEFAULT.compact.intervalNanos, SECOND, WEEK),
                        section.bytes("target_size", DEFAULT.compact.targetSize, MIB, 4_096 * MIB),
                        section.bytes(
                                "memory_max", DEFAULT.compact.memoryMax, 16 * MIB, 65_536 * MIB));
        section.close();
        return compact;
    }
}
