package dev.firn.config;

import java.time.Duration;

/// `lake`. Sizes are bytes, durations nanoseconds.
///
/// @param warehouse a directory or `s3://bucket/prefix` for the files of tables; "" for
///   `lake/warehouse` in the data directory (with a REST catalog: where the catalog says)
public record LakeConfig(
        boolean enabled,
        long commitIntervalNanos,
        long memoryMax,
        int partitionPlanesMax,
        String warehouse,
        LakeCatalogConfig catalog,
        S3Config s3,
        LakeKeepConfig keep,
        LakeMaintenanceConfig maintenance) {
    private static final long MIB = 1L << 20;
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final String S3 = "s3://";

    /// What stands in no file.
    public static final LakeConfig DEFAULT =
            new LakeConfig(
                    true,
                    60 * SECOND,
                    256 * MIB,
                    64,
                    "",
                    LakeCatalogConfig.DEFAULT,
                    S3Config.DEFAULT,
                    LakeKeepConfig.DEFAULT,
                    LakeMaintenanceConfig.DEFAULT);

    static LakeConfig read(Section section) {
        var lake =
                new LakeConfig(
                        section.bool("enabled", DEFAULT.enabled),
                        section.nanos(
                                "commit_interval",
                                DEFAULT.commitIntervalNanos,
                                SECOND,
                                86_400 * SECOND),
                        section.bytes("memory_max", DEFAULT.memoryMax, 16 * MIB, 64L << 30),
                        (int)
                                section.integer(
                                        "partition_planes_max",
                                        DEFAULT.partitionPlanesMax,
                                        1,
                                        10_000),
                        warehouse(section),
                        LakeCatalogConfig.read(section.section("catalog")),
                        S3Config.read(section.section("s3")),
                        LakeKeepConfig.read(section),
                        LakeMaintenanceConfig.read(section));
        lake.checkTogether(section);
        section.close();
        return lake;
    }

    /// Whether its files are on this machine.
    public boolean onDisk() {
        return enabled
                && !warehouse.startsWith(S3)
                && catalog.type() != LakeCatalogConfig.Type.REST;
    }

    private static String warehouse(Section section) {
        String warehouse = section.text("warehouse", "");
        int scheme = warehouse.indexOf("://");
        if (warehouse.startsWith("s3a://") || warehouse.startsWith("s3n://")) {
            section.problem(
                    "warehouse",
                    "\"" + warehouse + "\": write " + S3 + warehouse.substring(scheme + 3));
        } else if (scheme >= 0 && !warehouse.startsWith(S3)) {
            section.problem(
                    "warehouse",
                    "\"" + warehouse + "\" is neither a directory nor s3://bucket/prefix");
        } else if (warehouse.startsWith(S3)
                && !warehouse.matches("s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[^?#]*)?")) {
            section.problem(
                    "warehouse",
                    "\""
                            + warehouse
                            + "\" names no bucket; write s3://bucket or s3://bucket/prefix");
        }
        while (warehouse.endsWith("/") && warehouse.length() > 1) {
            warehouse = warehouse.substring(0, warehouse.length() - 1);
        }
        return warehouse;
    }

    private void checkTogether(Section section) {
        boolean rest = catalog.type() == LakeCatalogConfig.Type.REST;
        switch (catalog.type()) {
            case SQLITE -> {
                if (remote()) {
                    section.warning(
                            "warehouse",
                            "its tables are known to the SQLite catalog of this data directory"
                                    + " alone: nobody else can commit to them, and losing the"
                                    + " directory loses them (firn lake recover); set lake.catalog"
                                    + " to type jdbc or rest");
                }
            }
            case JDBC -> {
                if (!remote()) {
                    section.warning(
                            "catalog",
                            "others find these tables in the database but read their files only on"
                                    + " this machine; set lake.warehouse to s3://bucket/prefix");
                }
            }
            case REST -> {}
        }
        if (!catalog.warehouse().isEmpty() && !rest) {
            section.section("catalog")
                    .problem("warehouse", "only a REST catalog has a name for its warehouse");
        }
    }

    /// True if Firn names S3 as the place of the tables' files.
    public boolean remote() {
        return warehouse.startsWith(S3);
    }

    /// The same lake, not written.
    LakeConfig disabled() {
        return new LakeConfig(
                false,
                commitIntervalNanos,
                memoryMax,
                partitionPlanesMax,
                warehouse,
                catalog,
                s3,
                keep,
                maintenance);
    }
}
