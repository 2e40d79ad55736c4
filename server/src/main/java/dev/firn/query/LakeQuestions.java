package dev.firn.query;

import dev.firn.base.InputException;
import dev.firn.base.WorldException;
import dev.firn.engine.EngineClient;
import dev.firn.engine.EngineException;
import dev.firn.engine.EngineSql;
import dev.firn.lake.LakeCatalog;
import dev.firn.lake.LakePaths;
import dev.firn.lake.scan.AsOf;
import dev.firn.lake.scan.LakeScan;
import dev.firn.lake.scan.ScanPlan;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.jspecify.annotations.Nullable;

/// Asks the lake by SQL, of now or as it was known at some moment: plans the files of a statement
/// and puts them into the engine as tables of a database that lives as long as the question:
/// `points`, `series`, and the views `lake_points`, `lake_series` and `metric_parquet`. The
/// statement itself then runs as anybody's, with that database as its own.
public final class LakeQuestions {
    /// Behind the engine's database in the name of a question's.
    private static final String MARK = "_q_";

    /// A question's files.
    ///
    /// @param snapshot of points; null when the table was empty
    public record Planned(
            @Nullable Long snapshot, List<FileInfo> files, long filesTotal, long rows, long bytes) {
        public Planned {
            files = List.copyOf(files);
        }
    }

    /// One of them.
    public record FileInfo(String path, long rows, long bytes) {}

    private final LakeCatalog catalog;
    private final EngineClient client;
    private final FileServer server;
    private final String database;

    /// @param client the engine's internal user
    /// @param server of files that are not on a local disk
    /// @param database the engine's
    public LakeQuestions(
            LakeCatalog catalog, EngineClient client, FileServer server, String database) {
        this.catalog = catalog;
        this.client = client;
        this.server = server;
        this.database = database;
    }

    /// Tables for one question, gone when closed.
    public final class Opened implements AutoCloseable {
        private final String name;
        private final Planned planned;

        private Opened(String name, Planned planned) {
            this.name = name;
            this.planned = planned;
        }

        /// The database that the statement runs in.
        public String database() {
            return name;
        }

        /// What it opens.
        public Planned planned() {
            return planned;
        }

        /// When the snapshot that answers was committed; null when there was none yet, or it has
        /// expired since.
        public @Nullable Instant committed() {
            Snapshot found =
                    planned.snapshot() == null
                            ? null
                            : catalog.load(LakePaths.POINTS).snapshot(planned.snapshot());
            return found == null ? null : Instant.ofEpochMilli(found.timestampMillis());
        }

        @Override
        public void close() {
            drop(name);
        }
    }

    /// What a statement would open.
    ///
    /// @throws InputException when the statement cannot be parsed, or there is no such state
    public Planned plan(String statement, AsOf asOf) throws InterruptedException {
        return planned(points(statement, asOf));
    }

    /// Plans a statement and makes its tables.
    ///
    /// @throws InputException when the statement cannot be parsed, or there is no such state
    public Opened open(String statement, AsOf asOf) throws InterruptedException {
        return open(statement, asOf, Long.MAX_VALUE);
    }

    /// The same, if its files have no more rows than this.
    ///
    /// @throws InputException also when they have
    Opened open(String statement, AsOf asOf, long rowsMax) throws InterruptedException {
        ScanPlan points = points(statement, asOf);
        if (points.rows() > rowsMax) {
            throw new InputException(
                    "cannot answer: files of "
                            + points.rows()
                            + " points would be read, at most "
                            + rowsMax
                            + "; choose a shorter range");
        }
        Table table = catalog.load(LakePaths.POINTS);
        Table series = catalog.load(LakePaths.SERIES);
        ScanPlan known =
                new LakeScan(series)
                        .plan(seriesOf(asOf, table, series), Expressions.alwaysTrue(), false);
        String name = database + MARK + UUID.randomUUID().toString().replace("-", "");
        var opened = new Opened(name, planned(points));
        try {
            client.execute(EngineSql.read("query/create_lake_database", Map.of("lake", name)));
            table(name, LakePaths.POINTS, table, points);
            table(name, LakePaths.SERIES, series, known);
            view(name, "query/replace_lake_points", table);
            view(name, "query/replace_lake_series", series);
            view(name, "query/replace_metric_parquet", table);
            return opened;
        } catch (RuntimeException | InterruptedException e) {
            opened.close();
            throw e;
        }
    }

    private ScanPlan points(String statement, AsOf asOf) throws InterruptedException {
        Expression filter = new LakeFilter(client, database).of(rendered(statement));
        return new LakeScan(catalog.load(LakePaths.POINTS)).plan(asOf, filter);
    }

    private String rendered(String statement) throws InterruptedException {
        String literal = statement.replace("\\", "\\\\").replace("'", "\\'");
        try {
            return client.query("SELECT formatQuery('" + literal + "')").getFirst().text(0);
        } catch (EngineException e) {
            if (e.code() == 0) {
                throw new WorldException("cannot plan the statement: " + e.getMessage(), e);
            }
            throw new InputException("cannot read the statement: " + e.getMessage());
        }
    }

    /// What was known of series then. A tag or number names a state of points: of series, it is
    /// that of the same moment, or the first that there is.
    private static @Nullable Snapshot seriesOf(AsOf asOf, Table points, Table series) {
        Snapshot of = asOf.of(points);
        if (asOf instanceof AsOf.Newest || of == null) {
            return of == null ? null : series.currentSnapshot();
        }
        var moment = new AsOf.Time(Instant.ofEpochMilli(of.timestampMillis()));
        try {
            return moment.of(series);
        } catch (InputException e) {
            return series.currentSnapshot(); // expired: rows are only ever added to what is known
        }
    }

    private static Planned planned(ScanPlan plan) {
        return new Planned(
                plan.snapshot(),
                plan.files().stream()
                        .map(file ->
                                new FileInfo(
                                        file.location(),
                                        file.recordCount(),
                                        file.fileSizeInBytes()))
                        .toList(),
                plan.filesTotal(),
                plan.rows(),
                plan.bytes());
    }

    private void table(String in, String name, Table table, ScanPlan plan)
            throws InterruptedException {
        var parameters = new HashMap<String, String>();
        parameters.put("lake", in);
        parameters.put("table", name);
        parameters.put("columns", LakeColumns.declaration(table.schema()));
        parameters.put(
                "engine",
                FileList.engine(
                        table, plan.files().stream().map(DataFile::location).toList(), server));
        client.executeLong(EngineSql.read("query/replace_lake_table", parameters));
    }

    private void view(String in, String file, Table table) throws InterruptedException {
        client.execute(
                EngineSql.read(
                        file,
                        Map.of(
                                "database",
                                in,
                                "lake",
                                in,
                                "columns",
                                LakeColumns.names(table.schema()))));
    }

    void drop(String name) {
        boolean interrupted = Thread.interrupted(); // the database goes in any case
        try {
            client.execute(EngineSql.read("query/drop_lake_database", Map.of("lake", name)));
        } catch (EngineException e) {
            // The next start of the views drops what is left over.
        } catch (InterruptedException e) {
            interrupted = true;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /// Drops the databases of questions whose process ended before them.
    static void dropLeftovers(EngineClient client, String database) throws InterruptedException {
        String pattern = database + MARK;
        var names =
                client.query(
                        "SELECT name FROM system.databases WHERE startsWith(name, '"
                                + pattern
                                + "')");
        for (EngineClient.Row row : names) {
            client.execute(EngineSql.read("query/drop_lake_database", Map.of("lake", row.text(0))));
        }
    }

    /// What changed from one state to another.
    ///
    /// @throws InputException when there is no such state
    public LakeDiff.Result diff(AsOf from, AsOf to) throws InterruptedException {
        Table table = catalog.load(LakePaths.POINTS);
        var diff = new LakeDiff(table, from.of(table), to.of(table));
        String name = database + MARK + UUID.randomUUID().toString().replace("-", "");
        try {
            client.execute(EngineSql.read("query/create_lake_database", Map.of("lake", name)));
            table(name, "added", table, diff.added());
            table(name, "removed", table, diff.removed());
            return diff.result(
                    client.query(EngineSql.read("query/diff_lake_rows", Map.of("lake", name))));
        } finally {
            drop(name);
        }
    }
}
