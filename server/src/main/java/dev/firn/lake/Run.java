package dev.firn.lake;

import dev.firn.model.Batch;
import dev.firn.model.Series;
import java.util.List;
import java.util.Set;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;

/// Gathers batches in columns and writes them sorted; see [PointsRun].
final class Run implements PointsRun {
    private final RunRows rows = new RunRows();
    private final Planes planes;
    private final SeriesWritten written;
    private final long fileBytesMax;

    Run(Planes planes, SeriesWritten written, long fileBytesMax) {
        this.planes = planes;
        this.written = written;
        this.fileBytesMax = fileBytesMax;
    }

    @Override
    public void add(Batch batch, String src, long seq) {
        rows.add(batch, src, seq);
    }

    @Override
    public long bytes() {
        return rows.bytes();
    }

    @Override
    public long points() {
        return rows.size;
    }

    @Override
    public boolean isEmpty() {
        return rows.size == 0;
    }

    @Override
    public List<DataFile> writeSeries(Table table) {
        return new SeriesFiles(table).write(rows, written);
    }

    @Override
    public List<DataFile> writePoints(Table table) {
        Set<String> own = planes.admit(rows.series);
        return new PointsFiles(table, fileBytesMax).write(rows, own);
    }

    @Override
    public void seriesCommitted() {
        for (int i = 0; i < rows.series.size(); i++) {
            Series one = rows.series.at(i);
            written.add(one.fingerprint(), one.revision());
        }
    }
}
