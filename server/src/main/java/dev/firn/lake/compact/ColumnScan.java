package dev.firn.lake.compact;

import dev.firn.base.WorldException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.internal.column.columnindex.OffsetIndex;

/// Reads a range of rows of one leaf column, touching only the pages that overlap it where the file
/// has an offset index. Used by one thread.
final class ColumnScan {
    private final PageValues values = new PageValues();

    /// Appends rows `[from, to)` of a file to `into`, which is of the same column.
    ///
    /// @param own the column as the file has it
    void read(SourceFile file, ColumnDescriptor own, long from, long to, ColumnRows into) {
        for (int block = file.blockOf(from);
                block < file.blocks() && file.blockFrom(block) < to;
                block++) {
            long base = file.blockFrom(block);
            long end = Math.min(to, file.blockFrom(block + 1)) - base;
            try {
                readBlock(file, block, own, Math.max(0, from - base), end, into);
            } catch (IOException | RuntimeException e) {
                throw e instanceof WorldException known
                        ? known
                        : SourceFile.unreadable(file.file(), e);
            }
        }
    }

    private void readBlock(
            SourceFile file, int block, ColumnDescriptor own, long from, long to, ColumnRows into)
            throws IOException {
        SourceFile.Chunk chunk = file.chunk(block, own);
        if (chunk.data().isEncrypted()) {
            throw new IOException("it is encrypted, which Firn cannot read");
        }
        values.begin(own);
        if (chunk.index() == null) {
            readAll(file, chunk.data(), from, to, into);
        } else {
            readPages(file, chunk.data(), chunk.index(), from, to, into);
        }
    }

    private void readPages(
            SourceFile file,
            ColumnChunkMetaData chunk,
            OffsetIndex index,
            long from,
            long to,
            ColumnRows into)
            throws IOException {
        long start = chunk.getStartingPos();
        if (index.getOffset(0) > start) {
            var head = new Pages(file.read(start, index.getOffset(0) - start));
            PageHeader header = head.header();
            if (header.getType() == PageType.DICTIONARY_PAGE) {
                dictionary(file, chunk, header, head.body(header));
            }
        }
        int page = 0;
        while (page + 1 < index.getPageCount() && index.getFirstRowIndex(page + 1) <= from) {
            page++;
        }
        int end = page + 1;
        while (end < index.getPageCount() && index.getFirstRowIndex(end) < to) {
            end++;
        }
        long at = index.getOffset(page);
        long length = index.getOffset(end - 1) + index.getCompressedPageSize(end - 1) - at;
        var pages = new Pages(file.read(at, length));
        for (; page < end; page++) {
            PageHeader header = pages.header();
            long first = index.getFirstRowIndex(page);
            values.page(file, chunk.getCodec(), header, pages.body(header));
            values.append(from - first, to - first, into);
        }
    }

    /// Without an index: from the first page on.
    private void readAll(
            SourceFile file, ColumnChunkMetaData chunk, long from, long to, ColumnRows into)
            throws IOException {
        var pages = new Pages(file.read(chunk.getStartingPos(), chunk.getTotalSize()));
        long first = 0;
        while (first < to && pages.more()) {
            PageHeader header = pages.header();
            ByteBuffer body = pages.body(header);
            if (header.getType() == PageType.DICTIONARY_PAGE) {
                dictionary(file, chunk, header, body);
                continue;
            }
            values.page(file, chunk.getCodec(), header, body);
            values.append(from - first, to - first, into);
            first += values.rows();
        }
    }

    private void dictionary(
            SourceFile file, ColumnChunkMetaData chunk, PageHeader header, ByteBuffer body)
            throws IOException {
        if (header.getDictionary_page_header().getEncoding()
                        != org.apache.parquet.format.Encoding.PLAIN
                && header.getDictionary_page_header().getEncoding()
                        != org.apache.parquet.format.Encoding.PLAIN_DICTIONARY) {
            throw new IOException("a dictionary is not in plain encoding");
        }
        values.dictionary(
                file.decompress(chunk.getCodec(), body, header.getUncompressed_page_size()),
                header.getDictionary_page_header().getNum_values());
    }

    /// Headers and bodies in turn.
    private static final class Pages {
        private final ByteBuffer bytes;

        Pages(ByteBuffer bytes) {
            this.bytes = bytes;
        }

        boolean more() {
            return bytes.hasRemaining();
        }

        PageHeader header() throws IOException {
            var in =
                    new ByteArrayInputStream(
                            bytes.array(),
                            bytes.arrayOffset() + bytes.position(),
                            bytes.remaining());
            PageHeader header = Util.readPageHeader(in);
            bytes.position(bytes.limit() - in.available());
            return header;
        }

        ByteBuffer body(PageHeader header) {
            ByteBuffer body =
                    bytes.slice(bytes.position(), header.getCompressed_page_size())
                            .order(ByteOrder.LITTLE_ENDIAN);
            bytes.position(bytes.position() + header.getCompressed_page_size());
            return body;
        }
    }

    /// Parquet's name of an encoding as the reader library has it.
    static Encoding encoding(org.apache.parquet.format.Encoding encoding) {
        return Encoding.valueOf(encoding.name());
    }
}
