package dev.firn.lake;

import dev.firn.base.NioDisk;
import dev.firn.base.OwnMetrics;
import dev.firn.model.Batch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.jspecify.annotations.Nullable;

/// A lake in a folder, with the writer under test.
public final class TestLake implements AutoCloseable {
    public static final String WRITER = "writer-a";

    public final LakeCatalog catalog;
    public final PointsRun.Factory runs;
    private @Nullable String position;
    private int commits;

    public TestLake(Path folder, Runs.Settings settings) {
        catalog = LakeCatalog.sqlite(folder, new NioDisk());
        catalog.createTables(List.of(PointsTable.table(), SeriesTable.table()));
        runs = new Runs(settings, new OwnMetrics());
    }

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

    public List<Record> points(Expression filter, String... columns) {
        return rows(LakePaths.POINTS, filter, columns);
    }

    public List<Record> series() {
        return rows(LakePaths.SERIES, Expressions.alwaysTrue());
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
