package dev.firn.lake.store;

import dev.firn.base.Clock;
import dev.firn.base.Disk;
import dev.firn.base.WorldException;
import dev.firn.config.LakeCatalogConfig;
import dev.firn.config.LakeConfig;
import dev.firn.lake.LakeFiles;
import dev.firn.lake.LakePaths;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.SessionCatalog;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.rest.HTTPClient;
import org.apache.iceberg.rest.RESTCatalogProperties;
import org.apache.iceberg.rest.RESTSessionCatalog;
import org.apache.iceberg.rest.RESTUtil;
import org.apache.iceberg.rest.auth.OAuth2Properties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Opens what the configuration names: the files and the catalog over them.
public final class Store implements Closeable {
    /// Nothing interrupts this wait: it has to fit into the time of a shutdown. Commits are tried
    /// again anyway.
    private static final long BUSY_TIMEOUT_MILLIS = 4_000;

    private static final Logger LOG = LoggerFactory.getLogger(Store.class);
    private static final long STAGED_MILLIS_MAX = 86_400_000;

    private final LakeConfig config;
    private final Clock clock;
    private final Path data;
    private final LakeFiles local;
    private final StoreFiles files;
    private final List<Closeable> sessions = new CopyOnWriteArrayList<>();

    /// @param data the data directory, in which SQLite and local warehouses are
    /// @param retried told of each attempt of an S3 request but the first
    public Store(LakeConfig config, Path data, Disk disk, Clock clock, Runnable retried) {
        this.config = config;
        this.clock = clock;
        this.data = data.toAbsolutePath().normalize();
        this.local = new LakeFiles(disk);
        this.files =
                new StoreFiles(config.s3(), local, LakePaths.staging(this.data), clock, retried);
    }

    /// The files, wherever they are.
    public StoreFiles files() {
        return files;
    }

    /// Where tables of this configuration are: a path or `s3://…`; "" where the catalog says.
    public String warehouse() {
        if (config.remote()) {
            return config.warehouse();
        }
        if (!config.warehouse().isEmpty()) {
            return Path.of(config.warehouse()).toAbsolutePath().normalize().toString();
        }
        return config.catalog().type() == LakeCatalogConfig.Type.REST
                ? ""
                : LakePaths.warehouse(data).toString();
    }

    /// Makes the directories that local parts need.
    public void prepare() {
        boolean anyWhere = warehouse().isEmpty() || config.remote();
        try {
            local.createDirectories(LakePaths.lake(data));
            if (anyWhere) {
                local.createDirectories(LakePaths.staging(data));
            } else {
                local.createDirectories(Path.of(warehouse()));
            }
        } catch (IOException e) {
            throw new WorldException(
                    "cannot create the lake in \""
                            + (anyWhere ? LakePaths.lake(data) : warehouse())
                            + "\": "
                            + e.getMessage(),
                    e);
        }
        if (anyWhere) {
            clearStaging();
        }
    }

    /// Takes away what processes that were killed left behind. One that runs has no file so old.
    private void clearStaging() {
        long oldest = clock.nanos() / 1_000_000 - STAGED_MILLIS_MAX;
        try (var left = Files.newDirectoryStream(LakePaths.staging(data))) {
            for (Path file : left) {
                if (Files.getLastModifiedTime(file).toMillis() < oldest) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            LOG.warn("cannot clear \"{}\": {}", LakePaths.staging(data), e.toString());
        }
    }

    /// Opens the catalog, which PostgreSQL and REST do over the network.
    public Catalog openCatalog() {
        return switch (config.catalog().type()) {
            case SQLITE ->
                    jdbc(
                            Map.of(
                                    CatalogProperties.URI,
                                    "jdbc:sqlite:"
                                            + LakePaths.catalog(data)
                                            + "?journal_mode=WAL&synchronous=FULL&busy_timeout="
                                            + BUSY_TIMEOUT_MILLIS));
            case JDBC -> jdbc(postgresql());
            case REST -> rest();
        };
    }

    private Map<String, String> postgresql() {
        String seconds = Long.toString(Math.max(1, timeoutMillis() / 1_000));
        var properties = new HashMap<String, String>();
        properties.put(CatalogProperties.URI, config.catalog().uri());
        properties.put("jdbc.connectTimeout", seconds);
        properties.put("jdbc.socketTimeout", seconds);
        properties.put("jdbc.tcpKeepAlive", "true");
        properties.put("jdbc.ApplicationName", "firn");
        if (!config.catalog().user().isEmpty()) {
            properties.put("jdbc.user", config.catalog().user());
        }
        if (!config.catalog().password().value().isEmpty()) {
            properties.put("jdbc.password", config.catalog().password().value());
        }
        return properties;
    }

    private Catalog jdbc(Map<String, String> access) {
        var properties = new HashMap<>(access);
        properties.put(CatalogProperties.WAREHOUSE_LOCATION, warehouse());
        properties.put("jdbc.schema-version", "V1");
        var catalog =
                new JdbcCatalog(
                        ignored -> config.remote() ? files.with(Map.of()) : local, null, true);
        catalog.initialize(LakePaths.CATALOG_NAME, properties);
        return catalog;
    }

    private Catalog rest() {
        LakeCatalogConfig catalog = config.catalog();
        var properties = new HashMap<String, String>();
        properties.put(CatalogProperties.URI, catalog.uri());
        if (!catalog.warehouse().isEmpty()) {
            properties.put(CatalogProperties.WAREHOUSE_LOCATION, catalog.warehouse());
        }
        String timeout = Long.toString(timeoutMillis());
        properties.put("rest.client.connection-timeout-ms", timeout);
        properties.put("rest.client.socket-timeout-ms", timeout);
        properties.put(RESTCatalogProperties.METRICS_REPORTING_ENABLED, "false");
        if (catalog.vendedCredentials()) {
            properties.put("header.X-Iceberg-Access-Delegation", "vended-credentials");
        }
        // A table that is loaded is read anew: commits compare with what is there (COMMITS).
        properties.put(RESTCatalogProperties.TABLE_CACHE_MAX_ENTRIES, "0");
        if (!catalog.token().value().isEmpty()) {
            properties.put(OAuth2Properties.TOKEN, catalog.token().value());
            properties.put(OAuth2Properties.TOKEN_REFRESH_ENABLED, "false");
        }
        if (!catalog.oauth2().credential().value().isEmpty()) {
            properties.put(OAuth2Properties.CREDENTIAL, catalog.oauth2().credential().value());
            properties.put(OAuth2Properties.OAUTH2_SERVER_URI, catalog.oauth2().serverUri());
            // A new token by the credential: not every server exchanges old ones.
            properties.put(OAuth2Properties.TOKEN_EXCHANGE_ENABLED, "false");
            if (!catalog.oauth2().scope().isEmpty()) {
                properties.put(OAuth2Properties.SCOPE, catalog.oauth2().scope());
            }
        }
        var session =
                new RESTSessionCatalog(
                        access ->
                                HTTPClient.builder(access)
                                        .uri(access.get(CatalogProperties.URI))
                                        .withHeaders(RESTUtil.configHeaders(access))
                                        .build(),
                        (context, access) -> files.with(access));
        session.initialize(LakePaths.CATALOG_NAME, properties);
        sessions.add(session);
        return session.asCatalog(SessionCatalog.SessionContext.createEmpty());
    }

    private long timeoutMillis() {
        return config.catalog().timeoutNanos() / 1_000_000;
    }

    @Override
    public void close() throws IOException {
        for (Closeable session : sessions) {
            session.close();
        }
        files.close();
    }
}
