package dev.firn.lake.compact;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import dev.firn.base.WorldException;
import dev.firn.lake.ParquetInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.IOUtil;
import org.apache.iceberg.io.InputFile;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ColumnPath;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.internal.column.columnindex.OffsetIndex;
import org.apache.parquet.io.SeekableInputStream;
import org.jspecify.annotations.Nullable;

/// One input of a merge: its footer, its leaf columns by Iceberg field id, and its bytes. Small
/// files are held in memory, because a merge comes back to each column of each of them once for
/// every row group that it writes. Used by one thread.
final class SourceFile implements AutoCloseable {
    /// The parts of a column chunk that a reader needs to find a row.
    ///
    /// @param index offsets and first rows of the pages; null where the file has none
    record Chunk(ColumnChunkMetaData data, @Nullable OffsetIndex index) {}

    private final DataFile file;
    private final long rows;
    private final @Nullable ByteBuffer memory;
    private final SeekableInputStream stream;
    private final ParquetFileReader reader;
    private final ParquetReadOptions options =
            ParquetReadOptions.builder(new PlainParquetConfiguration()).build();
    private final List<BlockMetaData> blocks;
    private final long[] blockFrom;
    private final Map<Integer, ColumnDescriptor> columnsById = new HashMap<>();
    private final Map<String, Chunk> chunks = new HashMap<>();

    /// Kept: making one costs more than most pages.
    private final ZstdDecompressCtx zstd = new ZstdDecompressCtx();

    private long bytesRead;

    private SourceFile(DataFile file, ParquetInput input) throws IOException {
        this.file = file;
        this.memory =
                input.bytes() == null
                        ? null
                        : ByteBuffer.wrap(input.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        this.stream = input.newStream();
        try {
            this.reader = ParquetFileReader.open(input, options);
        } catch (IOException | RuntimeException e) {
            stream.close();
            throw e;
        }
        this.blocks = reader.getFooter().getBlocks();
        this.blockFrom = new long[blocks.size() + 1];
        for (int i = 0; i < blocks.size(); i++) {
            blockFrom[i + 1] = blockFrom[i] + blocks.get(i).getRowCount();
        }
        this.rows = blockFrom[blocks.size()];
        for (ColumnDescriptor column :
                reader.getFooter().getFileMetaData().getSchema().getColumns()) {
            if (column.getPrimitiveType().getId() != null) {
                columnsById.put(column.getPrimitiveType().getId().intValue(), column);
            }
        }
    }

    /// @param inMemory reads all of it at once
    static SourceFile open(Table table, DataFile file, boolean inMemory) {
        InputFile input = table.io().newInputFile(file.location(), file.fileSizeInBytes());
        try {
            byte[] bytes = null;
            if (inMemory) {
                bytes = new byte[Math.toIntExact(file.fileSizeInBytes())];
                try (var in = input.newStream()) {
                    IOUtil.readFully(in, bytes, 0, bytes.length);
                }
            }
            return new SourceFile(file, new ParquetInput(input, file.fileSizeInBytes(), bytes));
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    DataFile file() {
        return file;
    }

    long rows() {
        return rows;
    }

    int blocks() {
        return blocks.size();
    }

    /// Row number at which a row group begins; of the one after the last, the number of rows.
    long blockFrom(int block) {
        return blockFrom[block];
    }

    int blockOf(long row) {
        int block = 0;
        while (blockFrom[block + 1] <= row) {
            block++;
        }
        return block;
    }

    /// The leaf column with this Iceberg field id, as this file has it; null: it has none.
    @Nullable ColumnDescriptor column(int id) {
        return columnsById.get(id);
    }

    boolean hasIds() {
        return !columnsById.isEmpty();
    }

    /// Bytes of a column chunk before compression, in all row groups.
    long uncompressedBytes(ColumnDescriptor column) {
        long bytes = 0;
        for (int block = 0; block < blocks.size(); block++) {
            bytes += chunk(block, column).data().getTotalUncompressedSize();
        }
        return bytes;
    }

    Chunk chunk(int block, ColumnDescriptor column) {
        String path = String.join(".", column.getPath());
        return chunks.computeIfAbsent(block + " " + path, key -> find(block, column));
    }

    private Chunk find(int block, ColumnDescriptor column) {
        ColumnPath path = ColumnPath.get(column.getPath());
        for (ColumnChunkMetaData chunk : blocks.get(block).getColumns()) {
            if (chunk.getPath().equals(path)) {
                try {
                    return new Chunk(chunk, reader.readOffsetIndex(chunk));
                } catch (IOException e) {
                    throw unreadable(file, e);
                }
            }
        }
        throw new WorldException(
                "cannot read lake file \""
                        + file.location()
                        + "\": row group "
                        + block
                        + " has no column "
                        + path);
    }

    /// Bytes of the file; the buffer may be one of the whole file.
    ByteBuffer read(long from, long length) {
        bytesRead += length;
        if (memory != null) {
            return memory.slice((int) from, Math.toIntExact(length)).order(ByteOrder.LITTLE_ENDIAN);
        }
        byte[] bytes = new byte[Math.toIntExact(length)];
        try {
            stream.seek(from);
            stream.readFully(bytes);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /// Bytes read since the last call.
    long takeBytesRead() {
        long read = bytesRead;
        bytesRead = 0;
        return read;
    }

    /// A page's contents; `page` is on the heap.
    ByteBuffer decompress(CompressionCodecName codec, ByteBuffer page, int size) {
        try {
            return switch (codec) {
                case UNCOMPRESSED -> page;
                case ZSTD -> unzstd(page, size);
                default ->
                        options.getCodecFactory()
                                .getDecompressor(codec)
                                .decompress(BytesInput.from(page), size)
                                .toByteBuffer()
                                .order(ByteOrder.LITTLE_ENDIAN);
            };
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private ByteBuffer unzstd(ByteBuffer page, int size) throws IOException {
        byte[] out = new byte[size];
        int got;
        try {
            got =
                    zstd.decompressByteArray(
                            out,
                            0,
                            size,
                            page.array(),
                            page.arrayOffset() + page.position(),
                            page.remaining());
        } catch (ZstdException e) {
            throw new IOException("zstd: " + e.getMessage(), e);
        }
        if (got != size) {
            throw new IOException("a page has " + got + " bytes, its header says " + size);
        }
        return ByteBuffer.wrap(out).order(ByteOrder.LITTLE_ENDIAN);
    }

    static WorldException unreadable(DataFile file, Exception e) {
        return new WorldException(
                "cannot read lake file \"" + file.location() + "\": " + e.getMessage(), e);
    }

    @Override
    public void close() {
        try (zstd;
                stream;
                reader) {
            chunks.clear();
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }
}
