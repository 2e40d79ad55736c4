package dev.firn.lake;

import static org.apache.iceberg.types.Types.NestedField.required;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.io.FileAppender;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.parquet.Parquet;
import org.apache.iceberg.types.Types;

/// Tables of three columns in place of the real ones: this suite is about what is committed, not
/// about what a row says.
public final class TestTables {
    /// @param src writer
    /// @param seq cut
    /// @param id number of the row
    public record Row(String src, long seq, long id) {}

    public static final Schema SCHEMA =
            new Schema(
                    required(1, "src", Types.StringType.get()),
                    required(2, "seq", Types.LongType.get()),
                    required(3, "id", Types.LongType.get()));

    private TestTables() {}

    public static List<LakeTable> both() {
        return List.of(table(LakePaths.POINTS), table(LakePaths.SERIES));
    }

    public static LakeTable table(String name) {
        return new LakeTable(
                name, SCHEMA, PartitionSpec.unpartitioned(), SortOrder.unsorted(), Map.of());
    }

    public static DataFile write(Table table, List<Row> rows) {
        OutputFile file =
                table.io()
                        .newOutputFile(
                                table.locationProvider()
                                        .newDataLocation(UUID.randomUUID() + ".parquet"));
        try {
            FileAppender<org.apache.iceberg.data.Record> appender =
                    Parquet.write(file)
                            .schema(SCHEMA)
                            .createWriterFunc(type -> GenericParquetWriter.create(SCHEMA, type))
                            .metricsConfig(MetricsConfig.forTable(table))
                            .build();
            try (appender) {
                for (Row row : rows) {
                    var record = GenericRecord.create(SCHEMA);
                    record.setField("src", row.src);
                    record.setField("seq", row.seq);
                    record.setField("id", row.id);
                    appender.add(record);
                }
            }
            return DataFiles.builder(table.spec())
                    .withPath(file.location())
                    .withFormat(FileFormat.PARQUET)
                    .withFileSizeInBytes(appender.length())
                    .withMetrics(appender.metrics())
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static List<Row> read(Table table) {
        table.refresh();
        var rows = new ArrayList<Row>();
        if (table.currentSnapshot() == null) {
            return rows;
        }
        try (var records = IcebergGenerics.read(table).build()) {
            for (org.apache.iceberg.data.Record record : records) {
                rows.add(row(record));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return rows;
    }

    public static Row row(org.apache.iceberg.data.Record record) {
        return new Row(
                (String) record.getField("src"),
                (long) record.getField("seq"),
                (long) record.getField("id"));
    }

    /// How often each row stands in a table.
    public static Map<String, Integer> counts(Table table) {
        var counts = new TreeMap<String, Integer>();
        read(table).forEach(row -> counts.merge(row.toString(), 1, Integer::sum));
        return counts;
    }
}
