package dev.firn.lake.keep;

import dev.firn.base.WorldException;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetReaders;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.parquet.Parquet;

/// Reads a data file row by row, and writes one anew without some of its rows. Rows keep their
/// order, so that a sorted file stays sorted; memory is a row group at most.
final class RewrittenFile {
    private RewrittenFile() {}

    /// @param columns those wanted; empty for all
    /// @param filter row groups that it excludes are not read
    static void read(
            Table table,
            DataFile file,
            List<String> columns,
            Expression filter,
            Consumer<Record> each) {
        Schema schema = columns.isEmpty() ? table.schema() : table.schema().select(columns);
        try (CloseableIterable<Record> rows =
                Parquet.read(table.io().newInputFile(file.location()))
                        .project(schema)
                        .filter(filter)
                        .createReaderFunc(type -> GenericParquetReaders.buildReader(schema, type))
                        .build()) {
            rows.forEach(each);
        } catch (IOException e) {
            throw new WorldException(
                    "cannot read lake file \"" + file.location() + "\": " + e.getMessage(), e);
        }
    }

    /// Writes the rows that stay into a new, durable file of the same partition.
    static DataFile without(Table table, DataFile file, Predicate<Record> goes) {
        PartitionSpec spec = java.util.Objects.requireNonNull(table.specs().get(file.specId()));
        String name = UUID.randomUUID() + ".parquet";
        OutputFile output =
                table.io()
                        .newOutputFile(
                                spec.isPartitioned()
                                        ? table.locationProvider()
                                                .newDataLocation(spec, file.partition(), name)
                                        : table.locationProvider().newDataLocation(name));
        boolean done = false;
        try (var writing = new ExactParquet(table.schema(), "rows", output)) {
            read(
                    table,
                    file,
                    List.of(),
                    Expressions.alwaysTrue(),
                    row -> {
                        if (!goes.test(row)) {
                            add(writing, row);
                        }
                    });
            writing.end();
            DataFile written =
                    DataFiles.builder(spec)
                            .withPath(output.location())
                            .withFormat(FileFormat.PARQUET)
                            .withPartition(file.partition())
                            .withFileSizeInBytes(writing.bytes())
                            .withMetrics(writing.metrics(MetricsConfig.forTable(table)))
                            .withSplitOffsets(writing.splitOffsets())
                            .withSortOrder(table.sortOrder())
                            .build();
            done = true;
            return written;
        } catch (IOException | java.io.UncheckedIOException e) {
            throw new WorldException(
                    "cannot write lake file \"" + output.location() + "\": " + e.getMessage(), e);
        } finally {
            if (!done) {
                discard(table, output.location());
            }
        }
    }

    private static void add(ExactParquet to, Record row) {
        try {
            to.add(row);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /// Deletes a file that no commit has named.
    static void discard(Table table, String location) {
        try {
            table.io().deleteFile(location);
        } catch (RuntimeException e) {
            org.slf4j.LoggerFactory.getLogger(RewrittenFile.class)
                    .debug("cannot delete \"{}\": it stays an orphan", location, e);
        }
    }
}
