package dev.firn.lake;

import dev.firn.base.NioDisk;
import dev.firn.base.OwnMetrics;
import dev.firn.lake.scan.LakeScan;
import dev.firn.model.Batch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetReaders;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileAppender;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.parquet.Parquet;
import org.jspecify.annotations.Nullable;

/// A lake in a folder, with the writer under test.
public final class TestLake implements AutoCloseable {
    /// The writer of all rows.
    public static final String WRITER = "writer-a";

    /// Of the lake.
    public final LakeCatalog catalog;

    /// What starts runs.
    public final PointsRun.Factory runs;

    private @Nullable String position;
    private int commits;

    public TestLake(Path folder, Runs.Settings settings) {
        this(LakeCatalog.sqlite(folder, new NioDisk()), settings);
    }

    /// A lake wherever a catalog has it, which is closed with this.
    public TestLake(LakeCatalog catalog, Runs.Settings settings) {
        this.catalog = catalog;
        catalog.createTables(List.of(PointsTable.table(), SeriesTable.table()));
        runs = new Runs(settings, new OwnMetrics());
    }

    /// A lake in a folder.
    public TestLake(Path folder) {
        this(folder, Runs.Settings.DEFAULT);
    }

    /// Writes batches as cuts 1, 2, 3 … of one run and commits it.
    public List<DataFile> write(List<Batch> cuts) {
        PointsRun run = runs.start();
        for (int i = 0; i < cuts.size(); i++) {
            run.add(cuts.get(i), WRITER, i + 1);
        }
        return commit(run);
    }

    public List<DataFile> commit(PointsRun run) {
        String next = "position-" + ++commits;
        var commit = new LakeCommit(new Backoff(new Random(1), 1, 20), 500);
        Table series = catalog.load(LakePaths.SERIES);
        commit.commit(series, WRITER, position, next, run.writeSeries(series));
        run.seriesCommitted();
        Table points = catalog.load(LakePaths.POINTS);
        List<DataFile> files = run.writePoints(points);
        commit.commit(points, WRITER, position, next, files);
        position = next;
        return files;
    }

    /// Rows of points, through Iceberg's own reader.
    public List<Record> points(Expression filter, String... columns) {
        return rows(LakePaths.POINTS, filter, columns);
    }

    public List<Record> series() {
        return rows(LakePaths.SERIES, Expressions.alwaysTrue());
    }

    /// What a compaction does: all files of each partition become one, in a commit like any other
    /// that is no append.
    public void compact() {
        Table table = catalog.load(LakePaths.POINTS);
        Snapshot from = Objects.requireNonNull(table.currentSnapshot());
        var byPartition = new HashMap<StructLike, Set<DataFile>>();
        for (DataFile file :
                new LakeScan(table).plan(from, Expressions.alwaysTrue(), true).files()) {
            byPartition.computeIfAbsent(file.partition(), _ -> new HashSet<>()).add(file);
        }
        var old = new HashSet<DataFile>();
        var merged = new HashSet<DataFile>();
        byPartition.forEach((partition, files) -> {
            old.addAll(files);
            merged.add(merge(table, partition, files));
        });
        LakeSwap.once(
                table,
                (_, base) -> {
                    Snapshot next =
                            table.newRewrite()
                                    .validateFromSnapshot(from.snapshotId())
                                    .rewriteFiles(old, merged)
                                    .apply();
                    return TableMetadata.buildFrom(base)
                            .setBranchSnapshot(next, SnapshotRef.MAIN_BRANCH)
                            .build();
                });
    }

    private static DataFile merge(Table table, StructLike partition, Set<DataFile> files) {
        OutputFile output =
                table.io()
                        .newOutputFile(
                                table.locationProvider()
                                        .newDataLocation(
                                                table.spec(),
                                                partition,
                                                UUID.randomUUID() + ".parquet"));
        try {
            FileAppender<Record> appender =
                    Parquet.write(output)
                            .schema(table.schema())
                            .createWriterFunc(
                                    type -> GenericParquetWriter.create(table.schema(), type))
                            .metricsConfig(MetricsConfig.forTable(table))
                            .build();
            try (appender) {
                for (DataFile file : files) {
                    try (CloseableIterable<Record> rows =
                            Parquet.read(table.io().newInputFile(file))
                                    .project(table.schema())
                                    .createReaderFunc(type ->
                                            GenericParquetReaders.buildReader(table.schema(), type))
                                    .build()) {
                        rows.forEach(appender::add);
                    }
                }
            }
            return DataFiles.builder(table.spec())
                    .withPath(output.location())
                    .withFormat(FileFormat.PARQUET)
                    .withPartition(partition)
                    .withFileSizeInBytes(appender.length())
                    .withMetrics(appender.metrics())
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Record> rows(String table, Expression filter, String... columns) {
        var rows = new ArrayList<Record>();
        new LakeReader(catalog.load(table))
                .read(filter, List.of(columns), row -> rows.add(row.copy()));
        return rows;
    }

    @Override
    public void close() {
        catalog.close();
    }
}
