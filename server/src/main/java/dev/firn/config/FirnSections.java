package dev.firn.config;

import java.util.Optional;

/// Firn's own top-level sections.
final class FirnSections {
    private static final long KIB = 1L << 10;
    private static final long MIB = 1L << 20;
    private static final long GIB = 1L << 30;
    private static final long TIB = 1L << 40;
    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1_000 * MILLI;
    private static final long DAY = 86_400 * SECOND;

    private FirnSections() {}

    static long memoryMax(Section section) {
        long memoryMax = section.bytes("max", 0, 0, 4 * TIB);
        section.close();
        return memoryMax;
    }

    static Config.Wal wal(Section section) {
        var wal =
                new Config.Wal(
                        section.bytes("segment_size", 64 * MIB, MIB, GIB),
                        section.nanos("segment_age_max", 600 * SECOND, SECOND, DAY),
                        section.bytes("size_max", 8 * GIB, 4 * MIB, 100 * TIB),
                        section.bytes("disk_free_min", 256 * MIB, 0, 10 * TIB),
                        section.nanos("cut_interval", SECOND, 10 * MILLI, 60 * SECOND),
                        section.choice(
                                "on_corruption",
                                Config.OnCorruption.FAIL,
                                Config.OnCorruption.class),
                        retainEngine(section.section("retain")));
        if (wal.sizeMax() < 2 * wal.segmentSize()) {
            section.problem(
                    "size_max",
                    Quantity.showBytes(wal.sizeMax())
                            + " holds fewer than two segments of segment_size "
                            + Quantity.showBytes(wal.segmentSize())
                            + "; raise it or lower segment_size");
        }
        section.close();
        return wal;
    }

    private static long retainEngine(Section section) {
        long bytes = section.bytes("engine", 4 * GIB, 4 * MIB, 100 * TIB);
        section.close();
        return bytes;
    }

    static Config.Engine engine(Section section) {
        String database = section.text("database", "otel_metrics");
        if (!database.matches("[A-Za-z_][A-Za-z0-9_]*")) {
            section.problem(
                    "database",
                    "\"" + database + "\" is not a name of letters, digits and underscores");
        }
        long precision = section.integer("time_precision", 3, 3, 9);
        if (precision % 3 != 0) {
            section.problem("time_precision", precision + " is none of 3, 6 and 9");
        }
        var engine =
                new Config.Engine(
                        section.bool("enabled", true),
                        section.address("endpoint", "127.0.0.1:8123"),
                        section.text("url", "").isEmpty()
                                ? TlsConfig.server(section)
                                : Optional.empty(),
                        section.text("library", ""),
                        database,
                        (int) precision,
                        (int)
                                (whole(section, "retention", 90 * DAY, 3 * DAY, 36_500 * DAY, DAY)
                                        / DAY),
                        whole(section, "query_time_max", 60 * SECOND, SECOND, DAY, SECOND),
                        (int) section.integer("queries_max", 32, 1, 1_000),
                        (int) section.integer("queries_per_user", 16, 1, 1_000),
                        EngineCacheConfig.read(section.section("cache")),
                        section.choice(
                                "source", Config.EngineSource.WAL, Config.EngineSource.class),
                        section.nanos("follow_interval", SECOND, 10 * MILLI, 3_600 * SECOND),
                        section.nanos("follow_age_max", 7 * DAY, 3_600 * SECOND, 365 * DAY),
                        QueryClassesConfig.read(section),
                        EngineRetentionRule.read(section.sections("retention_rules")),
                        EngineUsersConfig.read(section.section("users")),
                        EngineServerConfig.read(section));
        section.close();
        return engine;
    }

    /// A duration that must be a whole number of `unit`, so that nothing is rounded in silence.
    private static long whole(
            Section section, String key, long otherwise, long min, long max, long unit) {
        long nanos = section.nanos(key, otherwise, min, max);
        if (nanos % unit != 0) {
            section.problem(
                    key,
                    Quantity.showNanos(nanos) + " is no multiple of " + Quantity.showNanos(unit));
        }
        return nanos;
    }

    static Config.Limits limits(Section section) {
        var limits =
                new Config.Limits(
                        section.integer("series_max", 2_000_000, 1, 1_000_000_000),
                        section.bytes("series_bytes_max", 0, 0, 1024 * GIB),
                        section.integer("new_series_per_sender", 500_000, 1, 1_000_000_000),
                        section.nanos("series_idle", 3_600 * SECOND, 60 * SECOND, 365 * DAY),
                        (int) section.integer("attributes_per_point_max", 128, 1, 10_000),
                        (int) section.integer("attributes_per_resource_max", 256, 1, 10_000),
                        (int) section.bytes("identity_bytes_max", 64 * KIB, KIB, 4 * MIB),
                        (int) section.integer("points_per_request_max", 200_000, 1, 10_000_000),
                        (int) section.integer("buckets_per_point_max", 4_096, 1, 1_000_000),
                        (int) section.integer("values_per_request_max", 8_000_000, 1, 100_000_000),
                        (int) section.integer("exemplars_per_point_max", 1_024, 1, 1_000_000),
                        (int) section.integer("exemplars_per_request_max", 200_000, 1, 10_000_000),
                        (int) section.bytes("request_bytes_max", 64 * MIB, KIB, GIB),
                        section.bytes("inflight_bytes_max", 256 * MIB, MIB, 64 * GIB),
                        (int) section.integer("requests_max", 256, 1, 100_000),
                        (int) section.integer("connections_max", 4_096, 1, 1_000_000),
                        section.nanos("body_timeout", 30 * SECOND, 10 * MILLI, 3_600 * SECOND),
                        section.nanos("future_max", DAY, 0, 36_500 * DAY),
                        section.nanos("late_max", 36_500 * DAY, 0, 36_500 * DAY));
        section.close();
        return limits;
    }

    /// As `ServerLimits` demands it: a body and its decompressed copy, and the old and the new
    /// array while one grows. Receivers that no pipeline names are not started and do not count.
    ///
    /// @param body the largest of a receiver that is started
    static void largestRequestFits(Section section, Config.Limits limits, long body) {
        long least = 2 * (body + limits.requestBytesMax());
        if (limits.inflightBytesMax() < least) {
            section.problem(
                    "inflight_bytes_max",
                    Quantity.showBytes(limits.inflightBytesMax())
                            + " is too small for one largest request and its decompressed copy;"
                            + " raise it to at least "
                            + Quantity.showBytes(least)
                            + " or lower max_request_body_size, max_recv_msg_size_mib or"
                            + " limits.request_bytes_max");
        }
    }
}
