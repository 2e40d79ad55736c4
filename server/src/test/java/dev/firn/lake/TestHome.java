package dev.firn.lake;

import dev.firn.base.NioDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.jspecify.annotations.Nullable;

/// A lake in a folder, and any number of catalogs that see it as other processes would.
public final class TestHome implements AutoCloseable {
    public enum Kind {
        SQLITE,
        REST
    }

    private final Path data;
    private final @Nullable RestServer server;
    private final List<AutoCloseable> opened = new CopyOnWriteArrayList<>();

    public TestHome(Kind kind, Path data) throws IOException {
        this(kind, data, TestTables.both());
    }

    TestHome(Kind kind, Path data, List<LakeTable> tables) throws IOException {
        this.data = data;
        LakeCatalog first = LakeCatalog.sqlite(data, new NioDisk());
        opened.add(first);
        first.createTables(tables);
        server =
                switch (kind) {
                    case SQLITE -> null;
                    case REST -> new RestServer(jdbc(), new Random(5));
                };
    }

    private JdbcCatalog jdbc() {
        var jdbc = new JdbcCatalog(properties -> new LakeFiles(), null, true);
        jdbc.initialize(
                LakePaths.CATALOG_NAME,
                Map.of(
                        "uri",
                        "jdbc:sqlite:"
                                + LakePaths.catalog(data)
                                + "?journal_mode=WAL&synchronous=FULL&busy_timeout=30000",
                        "warehouse",
                        LakePaths.warehouse(data).toString(),
                        "jdbc.schema-version",
                        "V1"));
        opened.add(jdbc);
        return jdbc;
    }

    /// A fresh catalog that tells the truth.
    public Catalog iceberg() {
        return server == null ? jdbc() : server.client();
    }

    /// The same for Firn.
    public LakeCatalog catalog() {
        return LakeCatalog.of(iceberg());
    }

    /// A fresh catalog that lies about a share of its commits, in the way of its kind.
    public LakeCatalog lying(Random random, double share) {
        if (server != null) {
            server.falseShare = share;
            return catalog();
        }
        return LakeCatalog.of(new FalseAnswers(iceberg(), FalseAnswers.Lies.share(random, share)));
    }

    /// From now on only the truth.
    public void truth() {
        if (server != null) {
            server.falseShare = 0;
        }
    }

    @Override
    public void close() throws Exception {
        if (server != null) {
            server.close();
        }
        for (AutoCloseable one : opened) {
            one.close();
        }
    }
}
