package dev.firn.lake.compact;

import dev.firn.base.WorldException;
import dev.firn.lake.Discard;
import dev.firn.lake.LakePace;
import dev.firn.lake.LakeParquet;
import dev.firn.lake.PageWriter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.parquet.ParquetSchemaUtil;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.schema.MessageType;
import org.jspecify.annotations.Nullable;

/// Writes the rows of one partition as new, durable files of a target size, one open at a time.
final class MergedFiles {
    private final Table table;
    private final StructLike partition;
    private final MessageType columns;
    private final MergedColumns merged;
    private final MetricsConfig metrics;
    private final long targetBytes;
    private final int rowsMax;
    private final LakePace pace;
    private final List<DataFile> files = new ArrayList<>();

    /// @param targetBytes a file is closed at the end of the row group that reaches it
    /// @param rowsMax rows of a row group
    MergedFiles(
            Table table,
            StructLike partition,
            MessageType columns,
            long targetBytes,
            int rowsMax,
            LakePace pace) {
        this.table = table;
        this.partition = partition;
        this.columns = columns;
        this.merged = new MergedColumns(columns);
        this.metrics = MetricsConfig.forTable(table);
        this.targetBytes = targetBytes;
        this.rowsMax = rowsMax;
        this.pace = pace;
    }

    /// The columns of a table's files.
    static MessageType columns(Table table) {
        return ParquetSchemaUtil.convert(table.schema(), "points");
    }

    /// Writes all that the source has. On failure it deletes what it wrote.
    List<DataFile> write(RowSource source, RowGroupLimit limit) throws InterruptedException {
        boolean done = false;
        try {
            @Nullable RowOrder rows = source.next(rowsMax);
            while (rows != null) {
                rows = writeFile(rows, source, limit);
            }
            done = true;
            return files;
        } finally {
            if (!done) {
                files.forEach(file -> Discard.file(table, file.location()));
            }
        }
    }

    /// @return the rows of the next file's first row group
    private @Nullable RowOrder writeFile(RowOrder first, RowSource source, RowGroupLimit limit)
            throws InterruptedException {
        OutputFile output =
                table.io()
                        .newOutputFile(
                                table.locationProvider()
                                        .newDataLocation(
                                                table.spec(),
                                                partition,
                                                UUID.randomUUID() + ".parquet"));
        boolean done = false;
        try {
            @Nullable RowOrder next = writeFile(first, source, limit, output);
            done = true;
            return next;
        } catch (IOException e) {
            throw new WorldException(
                    "cannot write lake file \"" + output.location() + "\": " + e.getMessage(), e);
        } finally {
            if (!done) {
                Discard.file(table, output.location());
            }
        }
    }

    private @Nullable RowOrder writeFile(
            RowOrder first, RowSource source, RowGroupLimit limit, OutputFile output)
            throws IOException, InterruptedException {
        try (ParquetFileWriter file = LakeParquet.writer(output, columns);
                var pages = new PageWriter(file)) {
            file.start();
            @Nullable RowOrder rows = first;
            do {
                for (RowOrder part : limit.parts(rows)) {
                    merged.write(part, file, pages, pace);
                }
                rows = source.next(rowsMax);
                // Pieces of a sorted file are in order each, but not one after the other.
            } while (rows != null && file.getPos() < targetBytes && source.ordered());
            file.end(LakeParquet.footer(table.schema()));
            files.add(
                    LakeParquet.dataFile(
                            table,
                            metrics,
                            output.location(),
                            partition,
                            file.getFooter(),
                            file.getPos()));
            return rows;
        }
    }
}
