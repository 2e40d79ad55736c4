package dev.firn.lake.imports;

import static org.apache.iceberg.types.Types.NestedField.optional;

import dev.firn.base.InputException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/// The seed's `MetricParquet` columns, found by name. What a file lacks beside timestamp, name and
/// value is empty; the columns year, month, day and hour say nothing that the timestamp does not.
final class SeedColumns {
    static final Schema SCHEMA =
            new Schema(
                    optional(1, "timestamp", Types.TimestampType.withZone()),
                    optional(2, "metric_name", Types.StringType.get()),
                    optional(3, "metric_value", Types.DoubleType.get()),
                    optional(4, "metric_type", Types.StringType.get()),
                    optional(5, "http_method", Types.StringType.get()),
                    optional(6, "http_route", Types.StringType.get()),
                    optional(7, "http_status_code", Types.StringType.get()),
                    optional(8, "environment", Types.StringType.get()),
                    optional(9, "data_plane_id", Types.StringType.get()),
                    optional(10, "service_name", Types.StringType.get()),
                    optional(11, "cluster_id", Types.StringType.get()),
                    optional(12, "region", Types.StringType.get()));

    private static final List<String> NEEDED = List.of("timestamp", "metric_name", "metric_value");

    private SeedColumns() {}

    /// Reads a file's footer and says how many rows it has.
    ///
    /// @throws InputException when it is no such file
    static long rows(Path file) {
        var options = ParquetReadOptions.builder(new PlainParquetConfiguration()).build();
        try (ParquetFileReader reader = ParquetFileReader.open(new LocalInputFile(file), options)) {
            check(file, reader.getFileMetaData().getSchema());
            return reader.getRecordCount();
        } catch (IOException | RuntimeException e) {
            if (e instanceof InputException known) {
                throw known;
            }
            throw new InputException(
                    "cannot import \""
                            + file
                            + "\": it is no readable Parquet file ("
                            + e.getMessage()
                            + "); move it away or mend it");
        }
    }

    private static void check(Path file, MessageType schema) {
        for (String name : NEEDED) {
            if (!schema.containsField(name)) {
                throw new InputException(
                        "cannot import \""
                                + file
                                + "\": it has no column \""
                                + name
                                + "\"; the files must have the columns timestamp, metric_name and"
                                + " metric_value");
            }
        }
        Type timestamp = schema.getType("timestamp");
        boolean readable =
                timestamp.getLogicalTypeAnnotation() instanceof TimestampLogicalTypeAnnotation unit
                        && unit.getUnit() != TimeUnit.NANOS;
        if (!readable) {
            throw new InputException(
                    "cannot import \""
                            + file
                            + "\": its column timestamp is \""
                            + timestamp
                            + "\", which does not say milliseconds or microseconds; write it as"
                            + " TIMESTAMP_MILLIS");
        }
    }
}
