package dev.firn.lake.scan;

import dev.firn.base.WorldException;
import dev.firn.lake.ParquetInput;
import java.io.IOException;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.parquet.ParquetBloomRowGroupFilter;
import org.apache.iceberg.parquet.ParquetMetricsRowGroupFilter;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.schema.MessageType;

/// Asks a data file's own footer and bloom filters whether any of its row groups may match. Costs
/// two small reads a file, so it is for filters that name values.
final class BloomSkip {
    private static final ParquetReadOptions OPTIONS =
            new ParquetReadOptions.Builder(new PlainParquetConfiguration()).build();

    private final FileIO io;
    private final ParquetBloomRowGroupFilter blooms;
    private final ParquetMetricsRowGroupFilter bounds;

    BloomSkip(FileIO io, Schema schema, Expression filter) {
        this.io = io;
        this.blooms = new ParquetBloomRowGroupFilter(schema, filter);
        this.bounds = new ParquetMetricsRowGroupFilter(schema, filter);
    }

    boolean mayMatch(DataFile file) {
        if (file.format() != FileFormat.PARQUET) {
            return true;
        }
        try (var reader = ParquetFileReader.open(ParquetInput.of(io.newInputFile(file)), OPTIONS)) {
            MessageType columns = reader.getFooter().getFileMetaData().getSchema();
            for (BlockMetaData rows : reader.getRowGroups()) {
                if (bounds.shouldRead(columns, rows)
                        && blooms.shouldRead(
                                columns, rows, reader.getBloomFilterDataReader(rows))) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            throw new WorldException(
                    "cannot read the bloom filters of lake file \""
                            + file.location()
                            + "\": "
                            + e.getMessage(),
                    e);
        }
    }
}
