package dev.firn.query;

import dev.firn.base.Clock;
import dev.firn.base.InputException;
import dev.firn.base.OwnMetrics;
import dev.firn.base.Throttle;
import dev.firn.base.Worker;
import dev.firn.engine.EngineClient;
import dev.firn.engine.EngineException;
import dev.firn.engine.EngineSql;
import dev.firn.engine.Schema;
import dev.firn.lake.LakeCatalog;
import dev.firn.lake.LakePaths;
import dev.firn.lake.scan.LakeScan;
import io.prometheus.metrics.core.metrics.Counter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataOperations;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the engine's view of the lake at its newest snapshot: `lake_points`, `lake_series`,
/// `lake_files` and `metric_parquet` in the engine's database, over tables of exact file lists in a
/// database of their own (`<database>_lake`). The lists are replaced in one statement, so that a
/// query sees the old snapshot or the new one. Whoever commits, this process or another, shows
/// within [#PAUSE_MILLIS] and the time of the replacement.
///
/// Order: rows of new files are in `lake_files` before the files are in the list, and rows of files
/// that are gone go last. Readers leave files out by that table, so it may know too many files, and
/// too few, but nothing wrong.
public final class LakeViews implements AutoCloseable {
    /// How often the lake is asked for its newest snapshot.
    static final long PAUSE_MILLIS = 500;

    private static final long AFTER_FAILURE_MILLIS = 2_000;
    private static final Logger LOG = LoggerFactory.getLogger(LakeViews.class);

    /// A list of files as it stands in the engine.
    private static final class Shown {
        private @Nullable Long snapshot;
        private int schemaId = -1;

        /// Each with the least time of its points, in milliseconds.
        private final TreeMap<String, Long> files = new TreeMap<>();

        private boolean valid;
    }

    private final LakeCatalog catalog;
    private final EngineClient client;
    private final LongSupplier generation;
    private final FileServer server;
    private final Map<String, String> names;
    private final Map<String, Shown> shown = new HashMap<>();
    private final Map<String, Table> tables = new HashMap<>();
    private final @Nullable ColdPoints cold;
    private final Throttle complaints;
    private final Counter failures;
    private long shownGeneration = -1;
    private volatile long fileCount;
    private volatile @Nullable String trouble;
    private @Nullable Worker worker;

    /// Does nothing until [#start]; tests call [#round] instead.
    ///
    /// @param generation of the engine: when it changes, what stands there is not relied on
    /// @param server of files that are not on a local disk
    /// @param database the engine's
    /// @param kept what the engine has, for the views over both; null to leave those alone
    LakeViews(
            LakeCatalog catalog,
            EngineClient client,
            LongSupplier generation,
            FileServer server,
            String database,
            ColdPoints.@Nullable Kept kept,
            Clock clock,
            OwnMetrics metrics) {
        this.catalog = catalog;
        this.client = client;
        this.generation = generation;
        this.server = server;
        this.names = Map.of("database", database, "lake", database + "_lake");
        this.cold = kept == null ? null : new ColdPoints(client, server, names, kept, clock);
        this.complaints = new Throttle(clock, 60);
        this.failures =
                metrics.counter(
                        "firn_query_lake_refresh_failures",
                        "Times the engine's view of the lake could not be brought up to date.");
        metrics.gauge(
                "firn_query_lake_files",
                "Data files of points that the engine's view of the lake shows.",
                () -> fileCount);
    }

    /// Starts a worker that keeps the views at the newest snapshot.
    ///
    /// @param daysMin the least time for which the engine keeps a series' points
    /// @param writer whose points the engine has; null for all writers' of the lake
    public static LakeViews start(
            LakeCatalog catalog,
            EngineClient client,
            LongSupplier generation,
            FileServer server,
            Schema schema,
            int daysMin,
            @Nullable String writer,
            Clock clock,
            OwnMetrics metrics) {
        var kept = new ColdPoints.Kept(daysMin, writer, schema);
        var views =
                new LakeViews(
                        catalog,
                        client,
                        generation,
                        server,
                        schema.database(),
                        kept,
                        clock,
                        metrics);
        views.worker = Worker.start("lake-views", views::step);
        return views;
    }

    /// Why the views are not at the newest snapshot; null while they are, or soon will be.
    public @Nullable String trouble() {
        return trouble;
    }

    private void step() throws InterruptedException {
        try {
            round();
            trouble = null;
            Thread.sleep(PAUSE_MILLIS);
        } catch (RuntimeException e) {
            failures.inc();
            trouble = "the engine's view of the lake is not the newest: " + e.getMessage();
            long dropped = complaints.permit();
            if (dropped >= 0) {
                LOG.warn(
                        "cannot bring the engine's view of the lake up to date: {}; trying again"
                                + " ({} more failures not shown)",
                        e.getMessage(),
                        dropped);
            }
            Thread.sleep(AFTER_FAILURE_MILLIS);
        }
    }

    /// Looks once, and replaces what is not the newest.
    ///
    /// @throws EngineException when the engine does not take it
    /// @throws InputException when it cannot be shown
    void round() throws InterruptedException {
        long now = generation.getAsLong();
        if (now != shownGeneration) {
            if (shownGeneration == -1) {
                LakeQuestions.dropLeftovers(client, names.getOrDefault("database", ""));
            }
            shown.clear();
            client.execute(EngineSql.read("query/create_lake_database", names));
            client.execute(EngineSql.read("query/create_lake_files", names));
            if (cold != null) {
                cold.begin();
            }
            shownGeneration = now;
        }
        show(LakePaths.SERIES);
        show(LakePaths.POINTS);
        Table points = tables.get(LakePaths.POINTS);
        Shown stands = shown.get(LakePaths.POINTS);
        if (cold != null && points != null && stands != null) {
            cold.show(points, stands.files);
        }
    }

    private void show(String name) throws InterruptedException {
        Table table = tables.computeIfAbsent(name, catalog::load);
        table.refresh();
        Snapshot newest = table.currentSnapshot();
        Long id = newest == null ? null : newest.snapshotId();
        Shown stands = shown.computeIfAbsent(name, _ -> new Shown());
        boolean sameColumns = stands.valid && stands.schemaId == table.schema().schemaId();
        if (sameColumns && Objects.equals(stands.snapshot, id)) {
            return;
        }
        List<DataFile> appended = stands.valid ? appended(table, stands.snapshot, newest) : null;
        stands.valid = false;
        if (appended == null) {
            replaceAll(table, name, newest, stands);
        } else {
            append(table, name, appended, stands);
        }
        if (!sameColumns) {
            defineViews(table, name);
        }
        stands.snapshot = id;
        stands.schemaId = table.schema().schemaId();
        stands.valid = true;
        if (name.equals(LakePaths.POINTS)) {
            fileCount = stands.files.size();
        }
    }

    /// Files that came since a snapshot, when nothing went since; else null.
    private static @Nullable List<DataFile> appended(
            Table table, @Nullable Long from, @Nullable Snapshot to) {
        if (from == null || to == null) {
            return null;
        }
        Snapshot at = to;
        while (at != null && at.snapshotId() != from) {
            if (!at.operation().equals(DataOperations.APPEND)) {
                return null;
            }
            at = at.parentId() == null ? null : table.snapshot(at.parentId());
        }
        if (at == null) {
            return null;
        }
        var files = new ArrayList<DataFile>();
        try (CloseableIterable<FileScanTask> tasks =
                table.newIncrementalAppendScan()
                        .fromSnapshotExclusive(from)
                        .toSnapshot(to.snapshotId())
                        .includeColumnStats()
                        .planFiles()) {
            tasks.forEach(task -> files.add(task.file().copy()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files;
    }

    private void append(Table table, String name, List<DataFile> files, Shown stands)
            throws InterruptedException {
        if (name.equals(LakePaths.POINTS)) {
            insert(table, files, "files");
        }
        files.forEach(file -> stands.files.put(file.location(), ColdPoints.least(table, file)));
        list(table, name, stands);
    }

    private void replaceAll(Table table, String name, @Nullable Snapshot newest, Shown stands)
            throws InterruptedException {
        boolean points = name.equals(LakePaths.POINTS);
        List<DataFile> files =
                new LakeScan(table).plan(newest, Expressions.alwaysTrue(), points).files();
        if (points) {
            insert(table, files, "files");
        }
        stands.files.clear();
        files.forEach(file -> stands.files.put(file.location(), ColdPoints.least(table, file)));
        list(table, name, stands);
        if (points) {
            client.execute(EngineSql.read("query/create_lake_files_next", names));
            insert(table, files, "files_next");
            client.execute(EngineSql.read("query/exchange_lake_files", names));
        }
    }

    private void insert(Table table, List<DataFile> files, String into)
            throws InterruptedException {
        if (files.isEmpty()) {
            return;
        }
        var rows = new FileRows(table);
        var sql = new StringBuilder("INSERT INTO ");
        sql.append(names.get("lake")).append('.').append(into);
        sql.append(" (").append(FileRows.columns()).append(") FORMAT TabSeparated\n");
        files.forEach(file -> sql.append(rows.row(file)));
        client.execute(sql.toString());
    }

    private void list(Table table, String name, Shown stands) throws InterruptedException {
        var parameters = new HashMap<>(names);
        parameters.put("table", name);
        parameters.put("columns", LakeColumns.declaration(table.schema()));
        parameters.put(
                "engine", FileList.engine(table, List.copyOf(stands.files.keySet()), server));
        client.executeLong(EngineSql.read("query/replace_lake_table", parameters));
    }

    private void defineViews(Table table, String name) throws InterruptedException {
        var parameters = new HashMap<>(names);
        parameters.put("columns", LakeColumns.names(table.schema()));
        if (name.equals(LakePaths.SERIES)) {
            client.execute(EngineSql.read("query/replace_lake_series", parameters));
            return;
        }
        client.execute(EngineSql.read("query/replace_lake_points", parameters));
        client.execute(EngineSql.read("query/replace_metric_parquet", parameters));
        client.execute(EngineSql.read("query/replace_lake_files_view", parameters));
    }

    @Override
    public void close() {
        if (worker != null) {
            worker.close();
        }
    }
}
