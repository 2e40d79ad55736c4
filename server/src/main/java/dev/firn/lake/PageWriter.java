package dev.firn.lake;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import dev.firn.base.ByteWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.parquet.bytes.ByteBufferAllocator;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.column.values.ValuesWriter;
import org.apache.parquet.column.values.delta.DeltaBinaryPackingValuesWriterForInteger;
import org.apache.parquet.column.values.delta.DeltaBinaryPackingValuesWriterForLong;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;

/// Writes column chunks page by page: version 1 data pages of [#PAGE_ROWS] rows, zstd. A column
/// that is constant per series costs one step a series, not one a row: that is why it does not use
/// Parquet's own column writers. Mutable buffers, for the hot path that `LakeWriteBench` measures.
public final class PageWriter implements AutoCloseable {
    /// Rows of a page: small enough that the page index prunes, large enough to compress.
    public static final int PAGE_ROWS = 20_000;

    private static final int DICTIONARY_BYTES_MAX = 256 << 20;
    private static final int PAGE_BYTES_MAX = 16 << 20; // of long texts
    private static final int DICTIONARY_VALUES_MAX = 1 << 16;
    private static final int DICTIONARY_VALUES_SURE = 16;
    private static final int SAMPLE_VALUES = 16_384;
    private static final int DELTA_BLOCK = 128;
    private static final int DELTA_MINIBLOCKS = 4;
    private static final int ZSTD_LEVEL = 3;
    private static final ByteBufferAllocator MEMORY = HeapByteBufferAllocator.getInstance();

    /// What is tried beside a dictionary. Readers that know BYTE_STREAM_SPLIT often know it for
    /// doubles only.
    private static final List<Encoding> DOUBLES =
            List.of(Encoding.PLAIN, Encoding.BYTE_STREAM_SPLIT);

    private static final List<Encoding> INTEGERS = List.of(Encoding.DELTA_BINARY_PACKED);
    private static final List<Encoding> LISTED_INTEGERS =
            List.of(Encoding.DELTA_BINARY_PACKED, Encoding.PLAIN);

    private final ParquetFileWriter file;
    private final ZstdCompressCtx zstd = new ZstdCompressCtx();
    private final ByteWriter page = new ByteWriter(1 << 16);
    private final RunLengths hybrid = new RunLengths(page);
    private final LongIds ids = new LongIds();
    private final ValuesWriter longDeltas =
            new DeltaBinaryPackingValuesWriterForLong(
                    DELTA_BLOCK, DELTA_MINIBLOCKS, 1024, 1 << 18, MEMORY);
    private final ValuesWriter intDeltas =
            new DeltaBinaryPackingValuesWriterForInteger(
                    DELTA_BLOCK, DELTA_MINIBLOCKS, 1024, 1 << 18, MEMORY);
    private int[] codes = new int[0];
    private byte[] compressed = new byte[0];

    /// @param file gets the pages, one column chunk after the other
    public PageWriter(ParquetFileWriter file) {
        this.file = file;
        zstd.setLevel(ZSTD_LEVEL);
    }

    /// A required text column given as runs: `lengths[i]` rows of `texts.get(codes[i])`.
    public void texts(
            ColumnDescriptor column,
            List<Binary> texts,
            int[] runCodes,
            int[] lengths,
            int runs,
            int rows,
            boolean statistics)
            throws IOException {
        file.startColumn(column, rows, CompressionCodecName.ZSTD);
        boolean dictionary = prefersDictionary(texts, runCodes, lengths, runs);
        if (dictionary) {
            page.reset();
            for (Binary text : texts) {
                plain(text);
            }
            dictionaryPage(texts.size());
        }
        int bits = bitsFor(texts.size());
        var cursor = new RunCursor(runCodes, lengths, runs);
        int written = 0;
        while (written < rows) {
            int pageRows = Math.min(PAGE_ROWS, rows - written);
            Statistics<?> bounds =
                    statistics ? Statistics.createStats(column.getPrimitiveType()) : null;
            page.reset();
            if (dictionary) {
                page.u8(bits);
                hybrid.begin(bits);
            }
            int done = 0;
            while (done < pageRows && page.size() < PAGE_BYTES_MAX) {
                int code = cursor.code();
                int taken = cursor.take(dictionary ? pageRows - done : 1);
                done += taken;
                Binary text = texts.get(code);
                if (bounds != null) {
                    bounds.updateStats(text);
                }
                if (dictionary) {
                    hybrid.add(code, taken);
                } else {
                    plain(text);
                }
            }
            written += done;
            if (dictionary) {
                hybrid.end();
            }
            dataPage(done, done, bounds, dictionary ? Encoding.PLAIN_DICTIONARY : Encoding.PLAIN);
        }
        file.endColumn();
    }

    private static boolean prefersDictionary(
            List<Binary> texts, int[] codes, int[] lengths, int runs) {
        long once = 0;
        for (Binary text : texts) {
            once += 4 + text.length();
        }
        long all = 0;
        for (int i = 0; i < runs; i++) {
            all += (long) lengths[i] * (4 + texts.get(codes[i]).length());
        }
        return once <= DICTIONARY_BYTES_MAX && once * 3 <= all * 2;
    }

    /// A required boolean column given as runs.
    public void booleans(
            ColumnDescriptor column, boolean[] values, int[] lengths, int runs, int rows)
            throws IOException {
        file.startColumn(column, rows, CompressionCodecName.ZSTD);
        int[] runCodes = new int[runs];
        for (int i = 0; i < runs; i++) {
            runCodes[i] = values[i] ? 1 : 0;
        }
        var cursor = new RunCursor(runCodes, lengths, runs);
        for (int from = 0; from < rows; from += PAGE_ROWS) {
            int pageRows = Math.min(PAGE_ROWS, rows - from);
            byte[] bits = new byte[(pageRows + 7) / 8];
            for (int at = 0; at < pageRows; ) {
                int code = cursor.code();
                int taken = cursor.take(pageRows - at);
                for (int i = 0; i < taken; i++, at++) {
                    bits[at >> 3] |= (byte) (code << (at & 7));
                }
            }
            page.reset().bytes(bits);
            dataPage(pageRows, pageRows, null, Encoding.PLAIN);
        }
        file.endColumn();
    }

    /// A column of numbers, of any shape, in the encoding that is smallest for a sample.
    public void numbers(ColumnDescriptor column, Leaf leaf, int rows, boolean statistics)
            throws IOException {
        file.startColumn(column, leaf.entries, CompressionCodecName.ZSTD);
        PrimitiveTypeName type = column.getPrimitiveType().getPrimitiveTypeName();
        Encoding encoding = smallest(type, leaf);
        if (encoding == Encoding.PLAIN_DICTIONARY) {
            page.reset();
            for (int i = 0; i < ids.size(); i++) {
                plain(type, ids.value(i));
            }
            dictionaryPage(ids.size());
        }
        var cut = new PageCut(leaf, rows, column.getMaxDefinitionLevel());
        while (cut.next()) {
            levels(column, leaf, cut);
            values(type, leaf, encoding, cut.valueFrom, cut.valueTo);
            dataPage(
                    cut.entryTo - cut.entryFrom,
                    cut.rows,
                    statistics ? bounds(column, leaf, cut) : null,
                    encoding);
        }
        file.endColumn();
    }

    private void codes(int bits, int from, int to) {
        page.u8(bits);
        hybrid.begin(bits);
        for (int i = from; i < to; ) {
            int run = i + 1;
            while (run < to && codes[run] == codes[i]) {
                run++;
            }
            hybrid.add(codes[i], run - i);
            i = run;
        }
        hybrid.end();
    }

    private void values(PrimitiveTypeName type, Leaf leaf, Encoding encoding, int from, int to) {
        switch (encoding) {
            case PLAIN_DICTIONARY -> codes(bitsFor(ids.size()), from, to);
            case DELTA_BINARY_PACKED -> deltas(type, leaf, from, to);
            case BYTE_STREAM_SPLIT -> split(leaf, from, to);
            default -> {
                for (int i = from; i < to; i++) {
                    plain(type, leaf.values[i]);
                }
            }
        }
    }

    /// A page without values has the header all the same: readers look for it.
    private void deltas(PrimitiveTypeName type, Leaf leaf, int from, int to) {
        if (type == PrimitiveTypeName.INT64) {
            for (int i = from; i < to; i++) {
                longDeltas.writeLong(leaf.values[i]);
            }
            taken(longDeltas);
        } else {
            for (int i = from; i < to; i++) {
                intDeltas.writeInteger((int) leaf.values[i]);
            }
            taken(intDeltas);
        }
    }

    private void taken(ValuesWriter deltas) {
        try {
            page.bytes(deltas.getBytes().toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e); // bytes in memory
        }
        deltas.reset();
    }

    /// The first bytes of all doubles, then the second ones, and so on.
    private void split(Leaf leaf, int from, int to) {
        for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
            for (int i = from; i < to; i++) {
                page.u8((int) (leaf.values[i] >>> shift) & 0xff);
            }
        }
    }

    /// Tries each on a sample, compressed: a counter with few values is better off with deltas, the
    /// times of a hundred series that one process reports with a dictionary, the counts of a
    /// histogram's buckets, which resemble those of the row before, plain; and no count of distinct
    /// values tells them apart.
    private Encoding smallest(PrimitiveTypeName type, Leaf leaf) {
        boolean dictionary = encode(leaf);
        if (leaf.size == 0 || dictionary && ids.size() <= DICTIONARY_VALUES_SURE) {
            return dictionary ? Encoding.PLAIN_DICTIONARY : Encoding.PLAIN;
        }
        List<Encoding> others = others(type, leaf);
        Encoding best = others.getFirst();
        if (!dictionary && others.size() == 1) {
            return best;
        }
        int sample = Math.min(leaf.size, SAMPLE_VALUES);
        long least = Long.MAX_VALUE;
        if (dictionary) {
            best = Encoding.PLAIN_DICTIONARY;
            least = sampled(type, leaf, best, sample) + 4L * ids.size() * sample / leaf.size;
        }
        for (Encoding other : others) {
            long size = sampled(type, leaf, other, sample);
            if (size < least) {
                least = size;
                best = other;
            }
        }
        return best;
    }

    private static List<Encoding> others(PrimitiveTypeName type, Leaf leaf) {
        if (type == PrimitiveTypeName.DOUBLE) {
            return DOUBLES;
        }
        return leaf.repeated ? LISTED_INTEGERS : INTEGERS;
    }

    private long sampled(PrimitiveTypeName type, Leaf leaf, Encoding encoding, int sample) {
        page.reset();
        values(type, leaf, encoding, 0, sample);
        return compress().size();
    }

    /// A repeated column of texts, plain.
    public void texts(ColumnDescriptor column, Leaf leaf, int rows) throws IOException {
        file.startColumn(column, leaf.entries, CompressionCodecName.ZSTD);
        var cut = new PageCut(leaf, rows, column.getMaxDefinitionLevel());
        while (cut.next()) {
            levels(column, leaf, cut);
            for (int i = cut.valueFrom; i < cut.valueTo; i++) {
                byte[] text = leaf.texts.get(i);
                page.i32(text.length).bytes(text);
            }
            dataPage(cut.entryTo - cut.entryFrom, cut.rows, null, Encoding.PLAIN);
        }
        file.endColumn();
    }

    /// An optional or repeated column without any value: one page.
    public void absent(ColumnDescriptor column, int rows) throws IOException {
        file.startColumn(column, rows, CompressionCodecName.ZSTD);
        page.reset();
        if (column.getMaxRepetitionLevel() > 0) {
            constantLevel(column.getMaxRepetitionLevel(), rows);
        }
        constantLevel(column.getMaxDefinitionLevel(), rows);
        dataPage(rows, rows, null, Encoding.PLAIN);
        file.endColumn();
    }

    private void constantLevel(int max, int rows) {
        int at = page.size();
        page.i32(0);
        hybrid.begin(bitsFor(max + 1));
        hybrid.add(0, rows);
        hybrid.end();
        page.i32At(at, page.size() - at - 4);
    }

    private void levels(ColumnDescriptor column, Leaf leaf, PageCut cut) {
        page.reset();
        if (leaf.repeated) {
            level(leaf.repetition, column.getMaxRepetitionLevel(), cut);
        }
        if (leaf.optional) {
            level(leaf.definition, column.getMaxDefinitionLevel(), cut);
        }
    }

    private void level(byte[] levels, int max, PageCut cut) {
        int at = page.size();
        page.i32(0);
        hybrid.begin(bitsFor(max + 1));
        for (int i = cut.entryFrom; i < cut.entryTo; ) {
            int run = i + 1;
            while (run < cut.entryTo && levels[run] == levels[i]) {
                run++;
            }
            hybrid.add(levels[i], run - i);
            i = run;
        }
        hybrid.end();
        page.i32At(at, page.size() - at - 4);
    }

    private boolean encode(Leaf leaf) {
        int distinctMax = Math.min(DICTIONARY_VALUES_MAX, leaf.size / 4);
        if (codes.length < leaf.size) {
            codes = new int[leaf.values.length];
        }
        ids.clear(distinctMax);
        long[] values = leaf.values;
        long last = 0;
        int code = -1;
        for (int i = 0; i < leaf.size; i++) {
            long value = values[i];
            if (value != last || code < 0) {
                last = value;
                code = ids.add(value);
                if (code < 0) {
                    return false;
                }
            }
            codes[i] = code;
        }
        return leaf.size > 0;
    }

    private static Statistics<?> bounds(ColumnDescriptor column, Leaf leaf, PageCut cut) {
        Statistics<?> bounds = Statistics.createStats(column.getPrimitiveType());
        long least = Long.MAX_VALUE;
        long most = Long.MIN_VALUE;
        for (int i = cut.valueFrom; i < cut.valueTo; i++) {
            least = Math.min(least, leaf.values[i]);
            most = Math.max(most, leaf.values[i]);
        }
        if (cut.valueTo > cut.valueFrom) {
            bounds.updateStats(least);
            bounds.updateStats(most);
        }
        bounds.incrementNumNulls((cut.entryTo - cut.entryFrom) - (cut.valueTo - cut.valueFrom));
        return bounds;
    }

    private void plain(Binary text) {
        page.i32(text.length()).bytes(text.getBytesUnsafe());
    }

    private void plain(PrimitiveTypeName type, long value) {
        if (type == PrimitiveTypeName.INT32) {
            page.i32((int) value);
        } else {
            page.i64(value);
        }
    }

    private void dictionaryPage(int values) throws IOException {
        int size = page.size();
        file.writeDictionaryPage(
                new DictionaryPage(compress(), size, values, Encoding.PLAIN_DICTIONARY));
    }

    private void dataPage(int entries, int rows, @Nullable Statistics<?> bounds, Encoding encoding)
            throws IOException {
        int size = page.size();
        file.writeDataPage(
                entries, size, compress(), bounds, rows, Encoding.RLE, Encoding.RLE, encoding);
    }

    private BytesInput compress() {
        int bound = Math.toIntExact(Zstd.compressBound(page.size()));
        if (compressed.length < bound) {
            compressed = new byte[bound + (bound >> 1)];
        }
        int size =
                zstd.compressByteArray(
                        compressed, 0, compressed.length, page.array(), 0, page.size());
        return BytesInput.from(compressed, 0, size);
    }

    static int bitsFor(int values) {
        return 32 - Integer.numberOfLeadingZeros(Math.max(0, values - 1));
    }

    @Override
    public void close() {
        longDeltas.close();
        intDeltas.close();
        zstd.close();
    }
}
