package dev.firn.lake;

import dev.firn.base.Disk;
import dev.firn.base.InputException;
import dev.firn.base.Reason;
import dev.firn.base.WorldException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The tables of the lake by name. Thread-safe, but the tables that it hands out are not: each
/// thread loads its own (one object shared by threads may commit over another's commit; COMMITS
/// rule 3), and nothing here caches them.
public final class LakeCatalog implements AutoCloseable {
    /// Version of Firn's tables: columns, properties and what they mean.
    public static final int FORMAT = 1;

    private static final Logger LOG = LoggerFactory.getLogger(LakeCatalog.class);
    private static final Namespace NAMESPACE = Namespace.of(LakePaths.NAMESPACE);

    /// Nothing interrupts this wait: it has to fit into the time of a shutdown. Commits are tried
    /// again anyway.
    private static final long BUSY_TIMEOUT_MILLIS = 4_000;

    private static final int COPIES_MAX = 3;

    private final Catalog catalog;
    private final @Nullable Path warehouse;

    private LakeCatalog(Catalog catalog, @Nullable Path warehouse) {
        this.catalog = catalog;
        this.warehouse = warehouse;
    }

    /// The default: SQLite and local files in `<data>/lake`.
    public static LakeCatalog sqlite(Path data, Disk disk) {
        Path home = data.toAbsolutePath().normalize();
        var files = new LakeFiles(disk);
        try {
            files.createDirectories(LakePaths.warehouse(home));
        } catch (IOException e) {
            throw new WorldException(
                    "cannot create the lake in \"" + LakePaths.lake(home) + "\": " + Reason.of(e),
                    e);
        }
        String uri =
                "jdbc:sqlite:"
                        + LakePaths.catalog(home)
                        + "?journal_mode=WAL&synchronous=FULL&busy_timeout="
                        + BUSY_TIMEOUT_MILLIS;
        var jdbc = new JdbcCatalog(properties -> files, null, true);
        jdbc.initialize(
                LakePaths.CATALOG_NAME,
                Map.of(
                        "uri",
                        uri,
                        "warehouse",
                        LakePaths.warehouse(home).toString(),
                        "jdbc.schema-version",
                        "V1"));
        return new LakeCatalog(jdbc, LakePaths.warehouse(home));
    }

    /// Over any catalog of Iceberg's that does not cache tables.
    public static LakeCatalog of(Catalog catalog) {
        return new LakeCatalog(catalog, null);
    }

    /// Iceberg's own view of it, for who speaks Iceberg.
    public Catalog iceberg() {
        return catalog;
    }

    /// Creates the tables that do not exist, and refuses those of a newer Firn and those whose
    /// files lie in another data directory.
    ///
    /// @throws InputException when a table has a format that this Firn does not know
    /// @throws WorldException when the data directory is a copy or was moved
    public void createTables(List<LakeTable> tables) {
        if (catalog instanceof SupportsNamespaces namespaces
                && !namespaces.namespaceExists(NAMESPACE)) {
            ignoreExisting(() -> namespaces.createNamespace(NAMESPACE));
        }
        tables.forEach(this::createIfMissing);
    }

    private void createIfMissing(LakeTable table) {
        try {
            if (!catalog.tableExists(identifier(table.name()))) {
                ignoreExisting(() -> create(table));
                refreshCurrentMetadata(load(table.name()));
            }
            refuseElsewhere(load(table.name()));
        } catch (NotFoundException e) {
            throw new WorldException(
                    "cannot open lake table \"metrics."
                            + table.name()
                            + "\" of \""
                            + warehouse
                            + "\": "
                            + e.getMessage()
                            + "; was this data directory copied or moved? the lake holds absolute"
                            + " paths: move it back to where it was, or start with an empty one",
                    e);
        }
    }

    /// Catalog and metadata hold absolute paths: a copied data directory would write into the
    /// original's files.
    private void refuseElsewhere(Table table) {
        if (warehouse == null) {
            return;
        }
        Path location = LakePaths.local(table.location());
        if (!real(location).startsWith(real(warehouse))) {
            throw new WorldException(
                    "cannot open lake table \""
                            + table.name()
                            + "\": its files are in \""
                            + location
                            + "\", not below \""
                            + warehouse
                            + "\"; this data directory was copied or moved, and the lake holds"
                            + " absolute paths: move it back to where it was, or start with an empty"
                            + " one");
        }
    }

    /// With symbolic links followed; what is not there stays as it is.
    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            return path.toAbsolutePath().normalize();
        }
    }

    private void create(LakeTable table) {
        var properties = new HashMap<>(table.properties());
        properties.put(TableProperties.FORMAT_VERSION, "2");
        // 1,000 commits leave 462 MB of metadata without these two, 42 MB with (DESIGN §10).
        properties.put(TableProperties.METADATA_DELETE_AFTER_COMMIT_ENABLED, "true");
        properties.putIfAbsent(TableProperties.METADATA_PREVIOUS_VERSIONS_MAX, "20");
        properties.put(LakePaths.FORMAT_PROPERTY, Integer.toString(FORMAT));
        catalog.buildTable(identifier(table.name()), table.schema())
                .withPartitionSpec(table.spec())
                .withSortOrder(table.order())
                .withProperties(properties)
                .create();
    }

    private static void ignoreExisting(Runnable creation) {
        try {
            creation.run();
        } catch (AlreadyExistsException e) {
            LOG.debug("another process created it first: {}", e.getMessage());
        }
    }

    /// Enters a table that exists in files but not here.
    ///
    /// @param metadata location of its newest metadata
    public void register(String name, String metadata) {
        if (catalog instanceof SupportsNamespaces namespaces
                && !namespaces.namespaceExists(NAMESPACE)) {
            ignoreExisting(() -> namespaces.createNamespace(NAMESPACE));
        }
        catalog.registerTable(identifier(name), metadata);
    }

    /// A fresh object for a table, for the calling thread alone.
    ///
    /// @throws InputException when the table has a format that this Firn does not know
    public Table load(String name) {
        Table table = catalog.loadTable(identifier(name));
        String format = table.properties().get(LakePaths.FORMAT_PROPERTY);
        if (format != null && !format.equals(Integer.toString(FORMAT))) {
            throw new InputException(
                    "cannot open lake table \""
                            + table.name()
                            + "\": its format is "
                            + format
                            + ", this Firn knows "
                            + FORMAT
                            + "; start the newer Firn that wrote it");
        }
        return table;
    }

    /// Names of the tables in namespace `metrics`, sorted.
    public List<String> tables() {
        return catalog.listTables(NAMESPACE).stream().map(TableIdentifier::name).sorted().toList();
    }

    /// Brings the table's `current.metadata.json` up to date after a commit. Tools read it, Firn
    /// does not: a failure is logged, and the next commit tries again. Local tables only.
    public void refreshCurrentMetadata(Table table) {
        if (!(table.io() instanceof LakeFiles files)) {
            return;
        }
        try {
            TableOperations operations = ((HasTableOperations) table).operations();
            String location = operations.refresh().metadataFileLocation();
            for (int copy = 0; copy < COPIES_MAX; copy++) {
                files.replaceWithCopy(location, LakePaths.currentMetadata(table.location()));
                // Another writer's older copy may have come after its newer one: look again.
                String newest = operations.refresh().metadataFileLocation();
                if (newest.equals(location)) {
                    return;
                }
                location = newest;
            }
        } catch (IOException | RuntimeException e) {
            LOG.warn(
                    "cannot replace \"{}\" of lake table {}: {}; the next commit tries again",
                    LakePaths.CURRENT_METADATA,
                    table.name(),
                    e.toString());
        }
    }

    private static TableIdentifier identifier(String name) {
        return TableIdentifier.of(NAMESPACE, name);
    }

    @Override
    public void close() {
        if (catalog instanceof Closeable closeable) {
            try {
                closeable.close();
            } catch (IOException e) {
                throw new WorldException("cannot close the lake's catalog: " + Reason.of(e), e);
            }
        }
    }
}
