package dev.firn.lake;

import dev.firn.base.Clock;
import dev.firn.base.NioDisk;
import dev.firn.base.OwnMetrics;
import dev.firn.model.CheckpointStore;
import dev.firn.model.Cut;
import dev.firn.model.CutLog;
import dev.firn.model.SeriesIdentity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.LongPredicate;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.data.parquet.GenericParquetReaders;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.parquet.Parquet;
import org.jspecify.annotations.Nullable;

/// A lake in a folder for tests of other rooms: commits what a log has, and does to the tables what
/// upkeep and other tools do.
public final class LakeEdits implements AutoCloseable {

    private final LakeCatalog catalog;

    /// Creates the lake.
    public LakeEdits(Path folder) {
        catalog = LakeCatalog.sqlite(folder, new NioDisk());
        catalog.createTables(List.of(PointsTable.table(), SeriesTable.table()));
    }

    /// The catalog.
    public LakeCatalog catalog() {
        return catalog;
    }

    /// The lake as an engine takes it in.
    public LakePoints history(SeriesIdentity identity) {
        return new LakePoints(catalog, 86_400_000L, identity, Clock.system());
    }

    /// A writer's sink, driven by hand.
    public final class Writer {
        private final CutLog log;
        private final LakeRounds rounds;

        /// @param of its log
        public Writer(CutLog of) {
            log = of;
            var metrics = new OwnMetrics();
            rounds =
                    new LakeRounds(
                            new OwnRelease(of),
                            catalog,
                            new Runs(Runs.Settings.DEFAULT, metrics),
                            new LakeIntents(new Remembered()),
                            new LakeMetrics(metrics),
                            new LakeCommit(new Backoff(new Random(1), 0, 0), 3),
                            Clock.system(),
                            Failpoint.NONE);
            rounds.resolve();
        }

        /// Commits the next `cuts` cuts of the log, as one.
        public void commit(int cuts) throws InterruptedException {
            for (int i = 0; i < cuts && rounds.take(Long.MAX_VALUE, 1); i++) {}
            if (rounds.isOpen()) {
                rounds.commit();
            }
        }

        /// Commits all that the log has, `cuts` cuts at a time.
        public void commitAll(int cuts) throws InterruptedException {
            while (rounds.committed() < log.newest()) {
                commit(cuts);
            }
        }
    }

    /// A log whose release by the engine is not this sink's.
    private record OwnRelease(CutLog log) implements CutLog {
        @Override
        public String writer() {
            return log.writer();
        }

        @Override
        public long epoch() {
            return log.epoch();
        }

        @Override
        public @Nullable Cut next(long after, long timeoutMillis) throws InterruptedException {
            return log.next(after, timeoutMillis);
        }

        @Override
        public long newest() {
            return log.newest();
        }

        @Override
        public long cutNow() {
            return log.cutNow();
        }

        @Override
        public void release(String sink, long sequence) {}

        @Override
        public void quarantine(String sink, Cut cut, String reason) {
            throw new AssertionError(reason);
        }

        @Override
        public void stop(String reason) {
            throw new AssertionError(reason);
        }
    }

    private static final class Remembered implements CheckpointStore {
        private final Map<String, Checkpoint> written = new HashMap<>();

        @Override
        public @Nullable Checkpoint read(String sink) {
            return written.get(sink);
        }

        @Override
        public void write(Checkpoint checkpoint) {
            written.put(checkpoint.sink(), checkpoint);
        }
    }

    /// Rewrites all files, one for each partition: the rows stay what they are.
    public void compact() {
        rewrite(cut -> true, true);
    }

    /// Removes the rows of these cuts, by rewriting files.
    public void erase(LongPredicate cuts) {
        rewrite(cuts.negate(), false);
    }

    private void rewrite(LongPredicate keep, boolean same) {
        Table table = catalog.load(LakePaths.POINTS);
        LakeSwap.once(
                table,
                (current, base) -> {
                    List<DataFile> old = files(current);
                    List<DataFile> fresh = rewritten(current, old, keep);
                    org.apache.iceberg.Snapshot snapshot;
                    if (same) {
                        var rewrite = current.newRewrite();
                        old.forEach(rewrite::deleteFile);
                        fresh.forEach(rewrite::addFile);
                        snapshot = rewrite.apply();
                    } else {
                        var overwrite = current.newOverwrite();
                        old.forEach(overwrite::deleteFile);
                        fresh.forEach(overwrite::addFile);
                        snapshot = overwrite.apply();
                    }
                    return TableMetadata.buildFrom(base)
                            .setBranchSnapshot(snapshot, SnapshotRef.MAIN_BRANCH)
                            .build();
                });
    }

    /// Removes all files of a UTC day.
    public void deleteDay(long day) {
        Table table = catalog.load(LakePaths.POINTS);
        LakeSwap.once(
                table,
                (current, base) -> {
                    var delete = current.newDelete();
                    files(current).stream()
                            .filter(file -> file.partition().get(0, Integer.class) == day)
                            .forEach(delete::deleteFile);
                    return TableMetadata.buildFrom(base)
                            .setBranchSnapshot(delete.apply(), SnapshotRef.MAIN_BRANCH)
                            .build();
                });
    }

    /// Forgets all snapshots but the newest, those kept by tags with them.
    public void expireAll() {
        Table table = catalog.load(LakePaths.POINTS);
        LakeSwap.once(
                table,
                (current, base) -> {
                    var builder = TableMetadata.buildFrom(base);
                    base.refs().keySet().stream()
                            .filter(name -> !name.equals(SnapshotRef.MAIN_BRANCH))
                            .forEach(builder::removeRef);
                    long newest = base.currentSnapshot().snapshotId();
                    builder.removeSnapshots(
                            base.snapshots().stream()
                                    .filter(snapshot -> snapshot.snapshotId() != newest)
                                    .toList());
                    return builder.build();
                });
    }

    /// Names of the tags of table `points`.
    public List<String> tags() {
        return catalog.load(LakePaths.POINTS).refs().keySet().stream()
                .filter(name -> !name.equals(SnapshotRef.MAIN_BRANCH))
                .sorted()
                .toList();
    }

    private static List<DataFile> files(Table table) {
        var files = new ArrayList<DataFile>();
        try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
            tasks.forEach(task -> files.add(task.file()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files;
    }

    /// A file for each old one, so that a file stays within its partition.
    private static List<DataFile> rewritten(Table table, List<DataFile> old, LongPredicate keep) {
        var fresh = new ArrayList<DataFile>();
        var byPartition = new HashMap<String, List<DataFile>>();
        old.forEach(file ->
                byPartition
                        .computeIfAbsent(file.partition().toString(), p -> new ArrayList<>())
                        .add(file));
        byPartition
                .values()
                .forEach(files -> {
                    var rows = new ArrayList<org.apache.iceberg.data.Record>();
                    files.forEach(file -> read(table, file, keep, rows));
                    if (!rows.isEmpty()) {
                        fresh.add(write(table, files.getFirst(), rows));
                    }
                });
        return fresh;
    }

    private static void read(
            Table table,
            DataFile file,
            LongPredicate keep,
            List<org.apache.iceberg.data.Record> to) {
        try (CloseableIterable<org.apache.iceberg.data.Record> rows =
                Parquet.read(table.io().newInputFile(file.location()))
                        .project(PointsTable.SCHEMA)
                        .createReaderFunc(
                                type -> GenericParquetReaders.buildReader(PointsTable.SCHEMA, type))
                        .build()) {
            rows.forEach(row -> {
                if (keep.test((Long) row.getField("seq"))) {
                    to.add(row);
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static DataFile write(
            Table table, DataFile like, List<org.apache.iceberg.data.Record> rows) {
        var output =
                table.io()
                        .newOutputFile(
                                table.locationProvider()
                                        .newDataLocation(java.util.UUID.randomUUID() + ".parquet"));
        try {
            DataWriter<org.apache.iceberg.data.Record> writer =
                    Parquet.writeData(output)
                            .forTable(table)
                            .schema(PointsTable.SCHEMA)
                            .withSpec(table.spec())
                            .withPartition(like.partition())
                            .createWriterFunc(GenericParquetWriter::create)
                            .build();
            try (writer) {
                rows.forEach(writer::write);
            }
            return writer.toDataFile();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        catalog.close();
    }
}
