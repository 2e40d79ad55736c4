package dev.firn.lake;

import dev.firn.base.WorldException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.parquet.ParquetSchemaUtil;
import org.apache.parquet.schema.MessageType;

/// Writes the rows of a run as data files of table `points`: one partition after the other, one
/// file open at a time, so that a thousand days need no more memory than one.
final class PointsFiles {
    private static final long ROW_BYTES = 40;
    private static final MessageType COLUMNS =
            ParquetSchemaUtil.convert(PointsTable.SCHEMA, "points");
    private static final Map<String, String> FOOTER = LakeParquet.footer(PointsTable.SCHEMA);

    private final Table table;
    private final long fileBytesMax;
    private final MetricsConfig metrics;
    private final ScopeTexts scopes = new ScopeTexts();
    private final PointsSlice.Columns sorted = new PointsSlice.Columns();

    /// @param fileBytesMax a file is closed at the end of the row group that reaches it
    PointsFiles(Table table, long fileBytesMax) {
        this.table = table;
        this.fileBytesMax = fileBytesMax;
        this.metrics = MetricsConfig.forTable(table);
    }

    List<DataFile> write(RunRows run, Set<String> planes) {
        var files = new ArrayList<DataFile>();
        RunOrder order = RunOrder.of(run, planes);
        boolean done = false;
        try {
            for (RunOrder.Part part : order.parts) {
                int from = part.from();
                while (from < part.to()) {
                    from = writeFile(run, order, part, from, files);
                }
            }
            done = true;
            return files;
        } finally {
            if (!done) {
                files.forEach(file -> Discard.file(table, file.location()));
            }
        }
    }

    private int writeFile(
            RunRows run, RunOrder order, RunOrder.Part part, int from, List<DataFile> files) {
        var partition = GenericRecord.create(table.spec().partitionType());
        partition.set(0, part.day());
        partition.set(1, part.plane());
        String name = UUID.randomUUID() + ".parquet";
        OutputFile output =
                table.io()
                        .newOutputFile(
                                table.locationProvider()
                                        .newDataLocation(table.spec(), partition, name));
        try {
            return writeFile(run, order, part, from, files, partition, output);
        } catch (IOException | RuntimeException e) {
            Discard.file(table, output.location());
            if (e instanceof RuntimeException known) {
                throw known;
            }
            throw new WorldException(
                    "cannot write lake file \"" + output.location() + "\": " + e.getMessage(), e);
        }
    }

    private int writeFile(
            RunRows run,
            RunOrder order,
            RunOrder.Part part,
            int from,
            List<DataFile> files,
            GenericRecord partition,
            OutputFile output)
            throws IOException {
        int at = from;
        try (var file = LakeParquet.writer(output, COLUMNS);
                var pages = new PageWriter(file)) {
            var columns = new PointsColumns(COLUMNS, file, pages, scopes);
            file.start();
            while (at < part.to() && file.getPos() < fileBytesMax) {
                int to = rowGroupEnd(run, order.rows, at, part.to());
                columns.write(new PointsSlice(run, part.plane(), sorted, order.rows, at, to));
                at = to;
            }
            file.end(FOOTER);
            files.add(
                    LakeParquet.dataFile(
                            table,
                            metrics,
                            output.location(),
                            partition,
                            file.getFooter(),
                            file.getPos()));
        }
        return at;
    }

    /// As many rows as stay within the limits on rows and on bytes before encoding, where what
    /// repeats with the series counts once.
    private static int rowGroupEnd(RunRows run, int[] rows, int from, int to) {
        int end = (int) Math.min(to, (long) from + LakeParquet.ROW_GROUP_ROWS_MAX);
        long bytes = 0;
        int last = -1;
        for (int i = from; i < end; i++) {
            int row = rows[i];
            if (run.seriesIndex[row] != last) {
                last = run.seriesIndex[row];
                bytes += run.series.at(last).attributes().length();
            }
            bytes += ROW_BYTES + listBytes(run, row);
            if (bytes > LakeParquet.ROW_GROUP_BYTES_MAX && i > from) {
                return i;
            }
        }
        return end;
    }

    private static long listBytes(RunRows run, int row) {
        int shape = (int) run.bits[row];
        return switch (run.form[row]) {
            case RunRows.HISTOGRAM -> 8L * (run.counts.length(shape) + run.bounds.length(shape));
            case RunRows.EXPONENTIAL -> {
                int buckets = run.shapeRow[shape];
                yield 8L * (run.positive.length(buckets) + run.negative.length(buckets));
            }
            case RunRows.SUMMARY -> 16L * run.quantiles.length(run.shapeRow[shape]);
            default -> 0;
        };
    }
}
