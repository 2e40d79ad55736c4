package dev.firn.lake;

import java.io.IOException;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SchemaParser;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.parquet.ParquetUtil;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.column.values.bloomfilter.BlockSplitBloomFilter;
import org.apache.parquet.crypto.FileEncryptionProperties;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.schema.MessageType;

/// What the Parquet files of table `points` have in common, fresh or compacted.
public final class LakeParquet {
    /// Rows of a row group.
    public static final int ROW_GROUP_ROWS_MAX = 1 << 20;

    static final long ROW_GROUP_BYTES_MAX = 128L << 20;

    private static final int PADDING_MAX = 0;
    private static final ParquetProperties PROPERTIES =
            ParquetProperties.builder()
                    .withWriterVersion(ParquetProperties.WriterVersion.PARQUET_1_0)
                    .withPageWriteChecksumEnabled(true)
                    .withSizeStatisticsEnabled(false)
                    .build();

    private LakeParquet() {}

    /// A file that column chunks are written to by hand.
    public static ParquetFileWriter writer(OutputFile output, MessageType columns)
            throws IOException {
        return new ParquetFileWriter(
                new ParquetOutput(output),
                columns,
                ParquetFileWriter.Mode.CREATE,
                ROW_GROUP_BYTES_MAX,
                PADDING_MAX,
                (FileEncryptionProperties) null,
                PROPERTIES);
    }

    /// What the footer says beside the columns.
    public static Map<String, String> footer(Schema schema) {
        return Map.of("iceberg.schema", SchemaParser.toJson(schema), "firn.format", "1");
    }

    /// A filter for so many different values.
    public static BlockSplitBloomFilter bloom(int values) {
        return new BlockSplitBloomFilter(
                PointsColumns.bloomBytes(values), PointsColumns.BLOOM_BYTES_MAX);
    }

    /// The finished file for a commit, sorted as its table is.
    public static DataFile dataFile(
            Table table,
            MetricsConfig metrics,
            String location,
            StructLike partition,
            ParquetMetadata footer,
            long bytes) {
        return DataFiles.builder(table.spec())
                .withPath(location)
                .withFormat(FileFormat.PARQUET)
                .withPartition(partition)
                .withFileSizeInBytes(bytes)
                .withMetrics(ParquetUtil.footerMetrics(footer, Stream.empty(), metrics))
                .withSplitOffsets(ParquetUtil.getSplitOffsets(footer))
                .withSortOrder(table.sortOrder())
                .build();
    }
}
