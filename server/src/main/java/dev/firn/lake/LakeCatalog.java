package dev.firn.lake;

import dev.firn.base.Clock;
import dev.firn.base.Disk;
import dev.firn.base.InputException;
import dev.firn.base.Reason;
import dev.firn.base.WorldException;
import dev.firn.config.LakeCatalogConfig;
import dev.firn.config.LakeConfig;
import dev.firn.lake.store.Store;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.function.Supplier;
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

    private static final Closeable NOTHING = () -> {};

    private static final int COPIES_MAX = 3;

    private final Supplier<Catalog> opener;
    private final Closeable store;
    private final boolean remote;
    private final String warehouse;
    private @Nullable Catalog opened; // guarded by this, as is the next
    private List<LakeTable> wanted = List.of();

    /// @param store closed behind the catalog
    /// @param remote others stand between Firn and the tables: a database, a server, a network
    /// @param warehouse below which the tables must be; "" for anywhere
    private LakeCatalog(
            Supplier<Catalog> opener, Closeable store, boolean remote, String warehouse) {
        this.opener = opener;
        this.store = store;
        this.remote = remote;
        this.warehouse = warehouse;
    }

    /// The default: SQLite and local files in `<data>/lake`.
    public static LakeCatalog sqlite(Path data, Disk disk) {
        return open(LakeConfig.DEFAULT, data, disk);
    }

    /// What the configuration names. A catalog that is reached over a network is opened when it is
    /// first asked for something, and again if that failed.
    ///
    /// @param data the data directory, whose lake it is where nothing else is said
    public static LakeCatalog open(LakeConfig config, Path data, Disk disk) {
        return open(config, data, disk, Clock.system(), () -> {});
    }

    /// The same.
    ///
    /// @param retried told of each attempt of an S3 request but the first
    public static LakeCatalog open(
            LakeConfig config, Path data, Disk disk, Clock clock, Runnable retried) {
        var store = new Store(config, data, disk, clock, retried);
        store.prepare();
        boolean remote =
                config.remote() || config.catalog().type() != LakeCatalogConfig.Type.SQLITE;
        var catalog = new LakeCatalog(store::openCatalog, store, remote, store.warehouse());
        if (!remote) {
            catalog.catalog();
        }
        return catalog;
    }

    /// Over any catalog of Iceberg's that does not cache tables.
    public static LakeCatalog of(Catalog catalog) {
        var lake = new LakeCatalog(() -> catalog, NOTHING, false, "");
        lake.catalog();
        return lake;
    }

    /// True if others stand between Firn and the tables, so that they may be out of reach for a
    /// while.
    public boolean remote() {
        return remote;
    }

    /// The catalog itself, opened if it is not.
    synchronized Catalog catalog() {
        if (opened == null) {
            opened = opener.get();
        }
        return opened;
    }

    /// The same as [#createTables], by whoever first loads a table: what is out of reach now must
    /// not keep the log from taking points in.
    public synchronized void createTablesWhenReached(List<LakeTable> tables) {
        wanted = List.copyOf(tables);
    }

    private synchronized void createWanted() {
        if (!wanted.isEmpty()) {
            createTables(wanted);
            wanted = List.of();
        }
    }

    /// Iceberg's own view of it, for who speaks Iceberg.
    public Catalog iceberg() {
        return catalog();
    }

    /// Creates the tables that do not exist, and refuses those of a newer Firn and those whose
    /// files lie in another data directory.
    ///
    /// @throws InputException when a table has a format that this Firn does not know
    /// @throws WorldException when the data directory is a copy or was moved
    public void createTables(List<LakeTable> tables) {
        if (catalog() instanceof SupportsNamespaces namespaces
                && !namespaces.namespaceExists(NAMESPACE)) {
            ignoreExisting(() -> namespaces.createNamespace(NAMESPACE));
        }
        tables.forEach(this::createIfMissing);
    }

    private void createIfMissing(LakeTable table) {
        try {
            if (!catalog().tableExists(identifier(table.name()))) {
                ignoreExisting(() -> create(table));
                refreshCurrentMetadata(loadKnown(table.name()));
            }
            refuseElsewhere(loadKnown(table.name()));
        } catch (NotFoundException e) {
            throw new WorldException(
                    "cannot open lake table \"metrics."
                            + table.name()
                            + "\" of \""
                            + warehouse
                            + "\": "
                            + e.getMessage()
                            + (remote
                                    ? "; the catalog names a file that is not there: was the bucket"
                                            + " emptied? firn lake doctor says what can be reached"
                                    : "; was this data directory copied or moved? the lake holds"
                                            + " absolute paths: move it back to where it was, or"
                                            + " start with an empty one"),
                    e);
        }
    }

    /// Catalog and metadata hold whole locations: a copied data directory would write into the
    /// original's files, and another warehouse would stay empty.
    private void refuseElsewhere(Table table) {
        String location = table.location();
        if (warehouse.isEmpty() || isBelow(location, warehouse)) {
            return;
        }
        throw new WorldException(
                "cannot open lake table \""
                        + table.name()
                        + "\": its files are in \""
                        + location
                        + "\", not below \""
                        + warehouse
                        + "\"; "
                        + (remote
                                ? "the catalog knows it from another lake.warehouse: set that one"
                                        + " again, or name another catalog"
                                : "this data directory was copied or moved, and the lake holds"
                                        + " absolute paths: move it back to where it was, or start"
                                        + " with an empty one"));
    }

    private static boolean isBelow(String location, String warehouse) {
        boolean onS3 = location.startsWith("s3");
        if (onS3 || warehouse.startsWith("s3:")) {
            return location.startsWith(warehouse + "/");
        }
        return real(LakePaths.local(location)).startsWith(real(Path.of(warehouse)));
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
        Catalog.TableBuilder builder =
                catalog()
                        .buildTable(identifier(table.name()), table.schema())
                        .withPartitionSpec(table.spec())
                        .withSortOrder(table.order())
                        .withProperties(properties);
        if (!warehouse.isEmpty()) {
            builder.withLocation(warehouse + "/" + LakePaths.NAMESPACE + "/" + table.name());
        }
        builder.create();
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
        if (catalog() instanceof SupportsNamespaces namespaces
                && !namespaces.namespaceExists(NAMESPACE)) {
            ignoreExisting(() -> namespaces.createNamespace(NAMESPACE));
        }
        catalog().registerTable(identifier(name), metadata);
    }

    /// A fresh object for a table, for the calling thread alone.
    ///
    /// @throws InputException when the table has a format that this Firn does not know
    public Table load(String name) {
        createWanted();
        return loadKnown(name);
    }

    private Table loadKnown(String name) {
        Table table = catalog().loadTable(identifier(name));
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
        return catalog().listTables(NAMESPACE).stream()
                .map(TableIdentifier::name)
                .filter(name -> !name.startsWith(LakePaths.PROBE))
                .sorted()
                .toList();
    }

    /// Brings the table's `current.metadata.json` up to date after a commit. Tools read it, Firn
    /// does not: a failure is logged, and the next commit tries again.
    public void refreshCurrentMetadata(Table table) {
        if (!(table.io() instanceof StableCopies files)) {
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
    public synchronized void close() {
        try {
            if (opened instanceof Closeable closeable) {
                closeable.close();
            }
            store.close();
        } catch (IOException e) {
            throw new WorldException("cannot close the lake's catalog: " + Reason.of(e), e);
        }
    }
}
