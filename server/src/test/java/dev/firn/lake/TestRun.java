package dev.firn.lake;

import dev.firn.model.Batch;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;

/// Rows for [TestTables]. In place of series it writes one row a cut, so that a cut taken in twice
/// shows.
final class TestRun implements PointsRun {
    private final List<TestTables.Row> points = new ArrayList<>();
    private final List<TestTables.Row> series = new ArrayList<>();

    @Override
    public void add(Batch batch, String src, long seq) {
        for (int row = 0; row < batch.numbers.size(); row++) {
            long id = batch.numbers.bits[row];
            if (id == MemoryLog.POISON_AT_ONCE) {
                throw new IllegalArgumentException("cannot take in " + id);
            }
            points.add(new TestTables.Row(src, seq, id));
        }
        series.add(new TestTables.Row(src, seq, 0));
    }

    @Override
    public long bytes() {
        return 100L * points.size();
    }

    @Override
    public long points() {
        return points.size();
    }

    @Override
    public boolean isEmpty() {
        return points.isEmpty();
    }

    @Override
    public List<DataFile> writeSeries(Table table) {
        return List.of(TestTables.write(table, series));
    }

    @Override
    public List<DataFile> writePoints(Table table) {
        for (TestTables.Row row : points) {
            if (row.id() == MemoryLog.POISON) {
                throw new IllegalArgumentException("cannot write " + row.id());
            }
        }
        return List.of(TestTables.write(table, points));
    }
}
