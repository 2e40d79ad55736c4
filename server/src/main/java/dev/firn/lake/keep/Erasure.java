package dev.firn.lake.keep;

import dev.firn.base.InputException;
import dev.firn.base.WorldException;
import dev.firn.lake.LakeCatalog;
import dev.firn.lake.LakePace;
import dev.firn.lake.LakePaths;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.OverwriteFiles;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.io.CloseableIterable;

/// Takes rows out of the lake for good: writes the files concerned anew without them
/// (copy-on-write), one compare-and-swap for each partition. Appends may go on; a compaction that
/// was faster is noticed, and its files are looked at in the next round. Killed in between, some
/// partitions are done: ask again.
///
/// Older snapshots hold the rows until they expire; [LastSnapshot] says when.
public final class Erasure {
    /// Summary key: which change made the snapshot, so that a lost answer is recognised.
    static final String ID = "firn.erase";

    private static final int BATCH_FILES = 100;
    private static final long BATCH_BYTES = 256L << 20;
    private static final int ROUNDS_MAX = 10;

    /// What is concerned in one table.
    ///
    /// @param files with rows that go
    /// @param rows that go
    /// @param held rows that a hold covers, by hold; such a row does not go
    public record Count(String table, long files, long rows, Map<String, Long> held) {
        public Count {
            held = java.util.Collections.unmodifiableMap(new TreeMap<>(held));
        }
    }

    /// A place where a test ends it as a crash would.
    interface Failpoint {
        void after(String step);
    }

    /// @param rows that go
    /// @param held that a hold covers, by hold
    private record Concerned(DataFile file, long rows, Map<String, Long> held) {}

    private final LakeCatalog catalog;
    private final Decided decided;
    private final KeepMetrics metrics;
    private final Failpoint failpoint;

    public Erasure(LakeCatalog catalog, RandomGenerator random, KeepMetrics metrics) {
        this(catalog, Decided.of(random), metrics, step -> {});
    }

    Erasure(LakeCatalog catalog, Decided decided, KeepMetrics metrics, Failpoint failpoint) {
        this.catalog = catalog;
        this.decided = decided;
        this.metrics = metrics;
        this.failpoint = failpoint;
    }

    /// Where the writers of `points` stand now.
    public Bounds bounds() {
        return Bounds.of(catalog.load(LakePaths.POINTS).properties());
    }

    /// What holds cover, by their names.
    public Map<String, Where> holds() {
        var holds = new TreeMap<String, Where>();
        for (Hold hold : Hold.of(catalog.load(LakePaths.POINTS).properties())) {
            holds.put(hold.name(), hold.where());
        }
        return holds;
    }

    /// Counts the points that would go.
    public Count countPoints(Where where, Bounds bounds, LakePace pace)
            throws InterruptedException {
        return sum(LakePaths.POINTS, plan(points(where, bounds), pace));
    }

    /// Erases points.
    ///
    /// @throws Held when a hold covers one of them; nothing was erased then
    public Count erasePoints(Where where, Bounds bounds, LakePace pace)
            throws InterruptedException {
        return erase(points(where, bounds), pace);
    }

    /// Erases rows of table `series`: what describes series of which all points were erased before.
    ///
    /// @param where names whole series
    /// @param writers whose rows go. A writer that runs must write its series again first
    ///   ([dev.firn.lake.LakeSink#boundary]), because later points of its rest on these rows
    public Count eraseSeries(Where where, Bounds bounds, Set<String> writers, LakePace pace)
            throws InterruptedException {
        if (!where.seriesOnly()) {
            throw new InputException(
                    "cannot erase series by \""
                            + where
                            + "\": it names a time, and their other"
                            + " points stay");
        }
        Table table = catalog.load(LakePaths.SERIES);
        Predicate<Record> goes =
                row ->
                        writers.contains((String) row.getField("src"))
                                && bounds.contains(row)
                                && where.matches(row);
        return erase(new Target(LakePaths.SERIES, table, where, goes), pace);
    }

    private record Target(String name, Table table, Where where, Predicate<Record> goes) {}

    private Target points(Where where, Bounds bounds) {
        return new Target(
                LakePaths.POINTS,
                catalog.load(LakePaths.POINTS),
                where,
                row -> bounds.contains(row) && where.matches(row));
    }

    private Count erase(Target target, LakePace pace) throws InterruptedException {
        long files = 0;
        long rows = 0;
        for (int round = 0; round < ROUNDS_MAX; round++) {
            List<Concerned> plan = plan(target, pace);
            if (plan.isEmpty()) {
                if (rows > 0) {
                    catalog.refreshCurrentMetadata(target.table);
                }
                return new Count(target.name, files, rows, Map.of());
            }
            refuseHeld(target, plan, rows);
            int done = 0;
            for (List<Concerned> batch : batches(target.table, plan)) {
                long gone = eraseBatch(target, batch, pace);
                rows += gone;
                files += gone > 0 ? batch.size() : 0;
                done += batch.size();
                metrics.dropped(target.name, "erase", gone);
                pace.progress("files of " + target.name, done, plan.size());
            }
        }
        throw new WorldException(
                "cannot erase all rows of \""
                        + target.where
                        + "\" from lake table \""
                        + target.table.name()
                        + "\": after "
                        + ROUNDS_MAX
                        + " rounds others had still replaced files first; "
                        + rows
                        + " rows are gone; ask again");
    }

    private static void refuseHeld(Target target, List<Concerned> plan, long gone) {
        Count count = sum(target.name, plan);
        if (!count.held.isEmpty()) {
            throw new Held(
                    "cannot erase "
                            + target.where
                            + " from lake table \""
                            + target.table.name()
                            + "\": holds cover rows of it ("
                            + count.held
                            + "); "
                            + (gone == 0 ? "nothing was" : gone + " others were")
                            + " erased; remove the hold with firn lake hold remove,"
                            + " or ask for less");
        }
    }

    private static Count sum(String name, List<Concerned> plan) {
        var held = new TreeMap<String, Long>();
        long rows = 0;
        for (Concerned one : plan) {
            rows += one.rows;
            one.held.forEach((hold, count) -> held.merge(hold, count, Long::sum));
        }
        return new Count(name, plan.size(), rows, held);
    }

    /// What is swapped at once: whole partitions, so that a day's rows go together, and of many
    /// small ones several, since each swap looks at all files that there are.
    private static List<List<Concerned>> batches(Table table, List<Concerned> plan) {
        var batches = new ArrayList<List<Concerned>>();
        var batch = new ArrayList<Concerned>();
        long bytes = 0;
        for (List<Concerned> partition : byPartition(table, plan)) {
            long more = partition.stream().mapToLong(one -> one.file.fileSizeInBytes()).sum();
            if (!batch.isEmpty()
                    && (batch.size() + partition.size() > BATCH_FILES
                            || bytes + more > BATCH_BYTES)) {
                batches.add(batch);
                batch = new ArrayList<>();
                bytes = 0;
            }
            batch.addAll(partition);
            bytes += more;
        }
        if (!batch.isEmpty()) {
            batches.add(batch);
        }
        return batches;
    }

    private static List<List<Concerned>> byPartition(Table table, List<Concerned> plan) {
        var groups = new TreeMap<String, List<Concerned>>();
        for (Concerned one : plan) {
            String partition =
                    java.util.Objects.requireNonNull(table.specs().get(one.file.specId()))
                            .partitionToPath(one.file.partition());
            groups.computeIfAbsent(partition, any -> new ArrayList<>()).add(one);
        }
        return List.copyOf(groups.values());
    }

    /// Files of the newest snapshot with rows that go.
    private static List<Concerned> plan(Target target, LakePace pace) throws InterruptedException {
        Table table = target.table;
        TableMetadata now = ((HasTableOperations) table).operations().refresh();
        var concerned = new ArrayList<Concerned>();
        if (now.currentSnapshot() == null) {
            return concerned;
        }
        Expression filter = target.where.filter(table.schema());
        List<Hold> holds = target.name.equals(LakePaths.POINTS) ? Hold.of(now) : List.of();
        List<String> columns = columns(target, holds);
        List<FileScanTask> tasks = tasks(table, now.currentSnapshot(), filter);
        long done = 0;
        for (FileScanTask task : tasks) {
            Concerned one = look(target, task.file(), columns, filter, holds);
            if (one.rows > 0) {
                concerned.add(one);
            }
            pace.progress("looked at files of " + target.name, ++done, tasks.size());
            pace.step(task.file().fileSizeInBytes());
        }
        return concerned;
    }

    private static List<String> columns(Target target, List<Hold> holds) {
        var columns = new java.util.LinkedHashSet<>(List.of("src", "seq"));
        columns.addAll(target.where.columns(target.table.schema()));
        holds.forEach(hold -> columns.addAll(hold.where().columns(target.table.schema())));
        return List.copyOf(columns);
    }

    private static List<FileScanTask> tasks(Table table, Snapshot snapshot, Expression filter) {
        var tasks = new ArrayList<FileScanTask>();
        try (CloseableIterable<FileScanTask> planned =
                table.newScan()
                        .useSnapshot(snapshot.snapshotId())
                        .filter(filter)
                        .includeColumnStats()
                        .planFiles()) {
            for (FileScanTask task : planned) {
                if (!task.deletes().isEmpty()) {
                    throw new WorldException(
                            "cannot erase from lake table \""
                                    + table.name()
                                    + "\": another tool left delete files beside \""
                                    + task.file().location()
                                    + "\"; let it write its data files anew first");
                }
                tasks.add(task);
            }
        } catch (IOException e) {
            throw new WorldException(
                    "cannot plan a scan of lake table \"" + table.name() + "\": " + e.getMessage(),
                    e);
        }
        return tasks;
    }

    private static Concerned look(
            Target target,
            DataFile file,
            List<String> columns,
            Expression filter,
            List<Hold> holds) {
        long[] rows = new long[1];
        var held = new TreeMap<String, Long>();
        RewrittenFile.read(
                target.table,
                file,
                columns,
                filter,
                row -> {
                    if (!target.goes.test(row)) {
                        return;
                    }
                    rows[0]++;
                    for (Hold hold : holds) {
                        if (hold.where().matches(row)) {
                            held.merge(hold.name(), 1L, Long::sum);
                        }
                    }
                });
        return new Concerned(file.copy(), rows[0], held);
    }

    /// @return rows gone; 0 if others replaced the files first
    private long eraseBatch(Target target, List<Concerned> batch, LakePace pace)
            throws InterruptedException {
        Table table = target.table;
        var written = new ArrayList<DataFile>();
        boolean[] named = new boolean[1]; // an attempt may have named the new files
        boolean done = false;
        try {
            for (Concerned one : batch) {
                if (one.rows < one.file.recordCount()) {
                    written.add(rewrite(target, one));
                }
                failpoint.after("written");
                pace.step(2 * one.file.fileSizeInBytes());
            }
            swap(target, batch, written, named);
            done = true;
            failpoint.after("swapped");
            return batch.stream().mapToLong(Concerned::rows).sum();
        } catch (Decided.Vanished e) {
            return 0;
        } finally {
            if (!done && !named[0]) {
                written.forEach(file -> RewrittenFile.discard(table, file.location()));
            }
        }
    }

    private static DataFile rewrite(Target target, Concerned one) {
        DataFile file = RewrittenFile.without(target.table, one.file, target.goes);
        if (file.recordCount() != one.file.recordCount() - one.rows) {
            RewrittenFile.discard(target.table, file.location());
            throw new IllegalStateException(
                    "of "
                            + one.file.recordCount()
                            + " rows "
                            + one.rows
                            + " go, but "
                            + file.recordCount()
                            + " were written for \""
                            + one.file.location()
                            + "\"");
        }
        return file;
    }

    private void swap(Target target, List<Concerned> batch, List<DataFile> written, boolean[] named)
            throws InterruptedException {
        String id = UUID.randomUUID().toString();
        List<Hold> holds = Hold.of(((HasTableOperations) target.table).operations().current());
        decided.change(
                target.table,
                (fresh, base) -> {
                    for (Snapshot snapshot : base.snapshots()) {
                        if (id.equals(snapshot.summary().get(ID))) {
                            return null; // its answer was lost
                        }
                    }
                    refuseChanged(fresh, base, batch, holds);
                    OverwriteFiles overwrite =
                            fresh.newOverwrite().set(Retirement.REASON, "erase").set(ID, id);
                    batch.forEach(one -> overwrite.deleteFile(one.file));
                    written.forEach(overwrite::addFile);
                    Snapshot snapshot = overwrite.apply(); // never commit()
                    named[0] = true;
                    return TableMetadata.buildFrom(base)
                            .setBranchSnapshot(snapshot, SnapshotRef.MAIN_BRANCH)
                            .build();
                });
    }

    /// An overwrite of a file that is no longer there would bring its rows back.
    private static void refuseChanged(
            Table table, TableMetadata base, List<Concerned> batch, List<Hold> holds) {
        if (!Hold.of(base).equals(holds)) {
            throw new Decided.Vanished("holds changed");
        }
        var live = new HashSet<String>();
        Set<String> wanted = new HashSet<>();
        batch.forEach(one -> wanted.add(one.file.location()));
        Snapshot current = base.currentSnapshot();
        if (current != null) {
            try (CloseableIterable<FileScanTask> tasks =
                    table.newScan().useSnapshot(current.snapshotId()).planFiles()) {
                for (FileScanTask task : tasks) {
                    if (wanted.contains(task.file().location())) {
                        live.add(task.file().location());
                    }
                }
            } catch (IOException e) {
                throw new WorldException(
                        "cannot plan a scan of lake table \""
                                + table.name()
                                + "\": "
                                + e.getMessage(),
                        e);
            }
        }
        if (!live.equals(wanted)) {
            throw new Decided.Vanished("files were replaced");
        }
    }
}
