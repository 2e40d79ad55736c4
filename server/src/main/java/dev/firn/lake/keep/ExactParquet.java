package dev.firn.lake.keep;

import com.github.luben.zstd.Zstd;
import dev.firn.lake.ParquetOutput;
import java.io.IOException;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SchemaParser;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.parquet.ParquetSchemaUtil;
import org.apache.iceberg.parquet.ParquetUtil;
import org.apache.iceberg.parquet.ParquetValueWriter;
import org.apache.parquet.bytes.ByteBufferAllocator;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnWriteStore;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.column.values.ValuesWriter;
import org.apache.parquet.column.values.factory.DefaultV1ValuesWriterFactory;
import org.apache.parquet.column.values.factory.ValuesWriterFactory;
import org.apache.parquet.column.values.plain.PlainValuesWriter;
import org.apache.parquet.compression.CompressionCodecFactory.BytesInputCompressor;
import org.apache.parquet.crypto.FileEncryptionProperties;
import org.apache.parquet.hadoop.ColumnChunkPageWriteStore;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;

/// Writes rows of Iceberg's generic model into a Parquet file, the bits of doubles as they are.
/// Parquet's own writers make one NaN of all (`Double.doubleToLongBits`), in plain pages and in
/// dictionaries, and so Iceberg's appender does; here columns of doubles are plain, by raw bits.
final class ExactParquet implements AutoCloseable {
    private static final long ROW_GROUP_BYTES = 32L << 20;
    private static final int CHECK_ROWS = 1_000;
    private static final int INDEX_TRUNCATE = 64;

    private final Schema schema;
    private final MessageType columns;
    private final ParquetProperties properties;
    private final ParquetFileWriter file;
    private final ParquetValueWriter<Record> rows;
    private ColumnChunkPageWriteStore pages;
    private ColumnWriteStore store;
    private long count;
    private boolean ended;

    ExactParquet(Schema schema, String name, OutputFile output) throws IOException {
        this.schema = schema;
        this.columns = ParquetSchemaUtil.convert(schema, name);
        this.properties =
                ParquetProperties.builder()
                        .withWriterVersion(ParquetProperties.WriterVersion.PARQUET_1_0)
                        .withPageWriteChecksumEnabled(true)
                        .withSizeStatisticsEnabled(false)
                        .withBloomFilterEnabled("series_id", schema.findField("series_id") != null)
                        .withValuesWriterFactory(new RawDoubles())
                        .build();
        this.file =
                new ParquetFileWriter(
                        new ParquetOutput(output),
                        columns,
                        ParquetFileWriter.Mode.CREATE,
                        ROW_GROUP_BYTES,
                        0,
                        (FileEncryptionProperties) null,
                        properties);
        file.start();
        this.rows = GenericParquetWriter.create(schema, columns);
        this.pages = newPages();
        this.store = newStore();
    }

    private ColumnChunkPageWriteStore newPages() {
        return new ColumnChunkPageWriteStore(
                new ZstdPages(),
                columns,
                properties.getAllocator(),
                INDEX_TRUNCATE,
                properties.getPageWriteChecksumEnabled(),
                null,
                0);
    }

    private ColumnWriteStore newStore() {
        ColumnWriteStore made = properties.newColumnWriteStore(columns, pages, pages);
        rows.setColumnStore(made);
        return made;
    }

    void add(Record row) throws IOException {
        rows.write(0, row);
        store.endRecord();
        if (++count % CHECK_ROWS == 0 && store.getBufferedSize() >= ROW_GROUP_BYTES) {
            endRowGroup();
            pages = newPages();
            store = newStore();
        }
    }

    private void endRowGroup() throws IOException {
        if (count > 0) {
            file.startBlock(count);
            store.flush();
            pages.flushToFileWriter(file);
            file.endBlock();
            count = 0;
        }
        store.close();
        pages.close();
    }

    /// Ends the file; durable when [#close] returns.
    void end() throws IOException {
        endRowGroup();
        file.end(Map.of("iceberg.schema", SchemaParser.toJson(schema), "firn.format", "1"));
        ended = true;
    }

    /// Of the ended file.
    Metrics metrics(MetricsConfig config) {
        return ParquetUtil.footerMetrics(file.getFooter(), Stream.empty(), config);
    }

    java.util.List<Long> splitOffsets() {
        return ParquetUtil.getSplitOffsets(file.getFooter());
    }

    /// Of the ended file.
    long bytes() throws IOException {
        return file.getPos();
    }

    @Override
    public void close() throws IOException {
        if (!ended) {
            store.close();
            pages.close();
        }
        file.close();
    }

    /// Parquet's own choices for all but doubles.
    private static final class RawDoubles implements ValuesWriterFactory {
        private final ValuesWriterFactory others = new DefaultV1ValuesWriterFactory();
        private @org.jspecify.annotations.Nullable ParquetProperties properties;

        @Override
        public void initialize(ParquetProperties given) {
            properties = given;
            others.initialize(given);
        }

        @Override
        public ValuesWriter newValuesWriter(ColumnDescriptor column) {
            ParquetProperties known = java.util.Objects.requireNonNull(properties, "initialized");
            if (column.getPrimitiveType().getPrimitiveTypeName() != PrimitiveTypeName.DOUBLE) {
                return others.newValuesWriter(column);
            }
            return new RawDoubleWriter(
                    known.getInitialSlabSize(), known.getPageSizeThreshold(), known.getAllocator());
        }
    }

    private static final class RawDoubleWriter extends ValuesWriter {
        private final PlainValuesWriter plain;

        RawDoubleWriter(int initialBytes, int pageBytes, ByteBufferAllocator allocator) {
            plain = new PlainValuesWriter(initialBytes, pageBytes, allocator);
        }

        @Override
        public void writeDouble(double value) {
            // the same eight bytes, little-endian
            plain.writeLong(Double.doubleToRawLongBits(value));
        }

        @Override
        public long getBufferedSize() {
            return plain.getBufferedSize();
        }

        @Override
        public BytesInput getBytes() {
            return plain.getBytes();
        }

        @Override
        public Encoding getEncoding() {
            return plain.getEncoding();
        }

        @Override
        public void reset() {
            plain.reset();
        }

        @Override
        public void close() {
            plain.close();
        }

        @Override
        public long getAllocatedSize() {
            return plain.getAllocatedSize();
        }

        @Override
        public String memUsageString(String prefix) {
            return plain.memUsageString(prefix);
        }
    }

    private static final class ZstdPages implements BytesInputCompressor {
        @Override
        public BytesInput compress(BytesInput page) throws IOException {
            return BytesInput.from(Zstd.compress(page.toByteArray()));
        }

        @Override
        public CompressionCodecName getCodecName() {
            return CompressionCodecName.ZSTD;
        }

        @Override
        public void release() {}
    }
}
