package dev.firn.lake;

import java.nio.file.Path;

/// Every file, folder, table and property name of the lake.
public final class LakePaths {
    /// Folder of the lake in the data directory.
    public static final String LAKE = "lake";

    /// Folder of tables in the lake.
    public static final String WAREHOUSE = "warehouse";

    /// The SQLite catalog in the lake.
    public static final String CATALOG = "catalog.db";

    /// Name of the catalog inside its database, and for tools that want one.
    public static final String CATALOG_NAME = "firn";

    /// Namespace of both tables.
    public static final String NAMESPACE = "metrics";

    /// Table with one row a point.
    public static final String POINTS = "points";

    /// Table with each series at least once.
    public static final String SERIES = "series";

    /// Begin of the name of a table that `firn lake doctor` makes and drops again.
    public static final String PROBE = "firn_probe_";

    /// A copy of the newest metadata under a name that never changes, for tools that open a table
    /// by path. Beside the folder of metadata: ClickHouse refuses a folder that holds a
    /// `*.metadata.json` without a version in its name.
    public static final String CURRENT_METADATA = "current.metadata.json";

    /// Table property: version of Firn's table format.
    public static final String FORMAT_PROPERTY = "firn.format";

    /// Table property prefix: position of each writer.
    public static final String WRITER_PROPERTY = "firn.writer.";

    /// Snapshot summary: the writer and position that a commit brought, for audit.
    public static final String POSITION_SUMMARY = "firn.position";

    private LakePaths() {}

    /// `<data>/lake`.
    public static Path lake(Path data) {
        return data.resolve(LAKE);
    }

    /// `<data>/lake/warehouse`.
    public static Path warehouse(Path data) {
        return lake(data).resolve(WAREHOUSE);
    }

    /// `<data>/lake/staging`: files on their way to S3, until they are whole.
    public static Path staging(Path data) {
        return lake(data).resolve("staging");
    }

    /// `<data>/lake/catalog.db`.
    public static Path catalog(Path data) {
        return lake(data).resolve(CATALOG);
    }

    /// Key of a writer's position among the table properties.
    public static String writerProperty(String writer) {
        return WRITER_PROPERTY + writer;
    }

    /// The name under which a quarantined cut comes in after all, beside its writer's chain.
    static String retryWriter(String writer, long sequence) {
        return writer + "-q" + sequence;
    }

    /// Location of a table's stable metadata copy.
    public static String currentMetadata(String tableLocation) {
        return tableLocation + "/" + CURRENT_METADATA;
    }

    /// The local path of an Iceberg location: a plain absolute path, or one after `file:` or
    /// `file://` (never percent-encoded, as Iceberg has it).
    public static Path local(String location) {
        if (!location.startsWith("file:")) {
            return Path.of(location);
        }
        String path = location.substring("file:".length());
        return Path.of(path.startsWith("//") ? path.substring(2) : path);
    }
}
