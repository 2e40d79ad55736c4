package dev.firn.lake.compact;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.apache.parquet.bytes.ByteBufferInputStream;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.ValuesType;
import org.apache.parquet.column.values.ValuesReader;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DataPageHeaderV2;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;

/// One data page, taken apart: levels and values of any of Parquet's encodings, dictionary pages
/// without a step a value. Mutable and reused, for the hot path that `LakeCompactBench` measures.
final class PageValues {
    private @Nullable ColumnDescriptor column;
    private PrimitiveTypeName type = PrimitiveTypeName.INT64;
    private int maxDefinition;
    private int maxRepetition;

    private long[] dictionary = new long[0];
    private int dictionarySize;
    private byte[] dictionaryPage = new byte[0];

    /// Of texts: where each begins in the page, and its number in the pool plus 1 once it is used.
    private int[] dictionaryAt = new int[0];

    private int[] pooled = new int[0];
    private int lastText;

    private int[] definition = new int[0];
    private int[] repetition = new int[0];
    private int[] codes = new int[0];
    private int entries;
    private int valueCount;
    private int rows;
    private Encoding encoding = Encoding.PLAIN;
    private ByteBuffer body = ByteBuffer.allocate(0);

    /// Begins a chunk of this column.
    void begin(ColumnDescriptor of) throws IOException {
        column = of;
        type = of.getPrimitiveType().getPrimitiveTypeName();
        maxDefinition = of.getMaxDefinitionLevel();
        maxRepetition = of.getMaxRepetitionLevel();
        dictionarySize = 0;
        lastText = -1;
        switch (type) {
            case INT32, INT64, DOUBLE, BOOLEAN, BINARY -> {
                return;
            }
            default ->
                    throw new IOException(
                            "column \""
                                    + String.join(".", of.getPath())
                                    + "\" is of type "
                                    + type
                                    + ", which compaction does not know");
        }
    }

    /// The chunk's dictionary.
    void dictionary(ByteBuffer page, int size) {
        dictionarySize = size;
        if (type == PrimitiveTypeName.BINARY) {
            dictionaryPage = page.array();
            dictionaryAt = room(dictionaryAt, size + 1);
            pooled = room(pooled, size);
            Arrays.fill(pooled, 0, size, 0);
            int at = page.arrayOffset() + page.position();
            for (int i = 0; i < size; i++) {
                dictionaryAt[i] = at;
                at += 4 + page.getInt(at - page.arrayOffset());
            }
            dictionaryAt[size] = at;
            return;
        }
        if (dictionary.length < size) {
            dictionary = new long[size * 2];
        }
        for (int i = 0; i < size; i++) {
            dictionary[i] = type == PrimitiveTypeName.INT32 ? page.getInt() : page.getLong();
        }
    }

    private int pooled(int code, ColumnRows into) {
        if (pooled[code] == 0) {
            int at = dictionaryAt[code] + 4;
            pooled[code] = 1 + text(dictionaryPage, at, dictionaryAt[code + 1] - at, into);
        }
        return pooled[code] - 1;
    }

    private int text(byte[] array, int offset, int length, ColumnRows into) {
        lastText =
                into.repeated
                        ? into.pool.append(array, offset, length)
                        : into.pool.intern(array, offset, length, lastText + 1);
        return lastText;
    }

    /// Reads the levels of a page; its values are read by [#append].
    void page(SourceFile file, CompressionCodecName codec, PageHeader header, ByteBuffer stored)
            throws IOException {
        if (header.getType() == PageType.DATA_PAGE_V2) {
            pageV2(file, codec, header, stored);
        } else {
            pageV1(file, codec, header, stored);
        }
        valueCount = entries;
        if (maxDefinition > 0) {
            valueCount = 0;
            for (int i = 0; i < entries; i++) {
                if (definition[i] == maxDefinition) {
                    valueCount++;
                }
            }
        }
        rows = entries;
        if (maxRepetition > 0) {
            rows = 0;
            for (int i = 0; i < entries; i++) {
                if (repetition[i] == 0) {
                    rows++;
                }
            }
        }
    }

    private void pageV1(
            SourceFile file, CompressionCodecName codec, PageHeader header, ByteBuffer stored)
            throws IOException {
        DataPageHeader data = header.getData_page_header();
        body = file.decompress(codec, stored, header.getUncompressed_page_size());
        entries = data.getNum_values();
        encoding = ColumnScan.encoding(data.getEncoding());
        if (maxRepetition > 0) {
            mustBeRle(data.getRepetition_level_encoding());
            repetition = levelsV1(repetition, maxRepetition);
        }
        if (maxDefinition > 0) {
            mustBeRle(data.getDefinition_level_encoding());
            definition = levelsV1(definition, maxDefinition);
        }
    }

    private static void mustBeRle(org.apache.parquet.format.Encoding of) throws IOException {
        if (of != org.apache.parquet.format.Encoding.RLE) {
            throw new IOException("levels are encoded as " + of + ", which is long deprecated");
        }
    }

    private int[] levelsV1(int[] levels, int max) {
        int length = body.getInt();
        int end = body.position() + length;
        int[] read = room(levels, entries);
        Hybrid.read(body, width(max), read, entries);
        body.position(end);
        return read;
    }

    private void pageV2(
            SourceFile file, CompressionCodecName codec, PageHeader header, ByteBuffer stored) {
        DataPageHeaderV2 data = header.getData_page_header_v2();
        entries = data.getNum_values();
        encoding = ColumnScan.encoding(data.getEncoding());
        int repetitionBytes = data.getRepetition_levels_byte_length();
        int definitionBytes = data.getDefinition_levels_byte_length();
        if (maxRepetition > 0) {
            repetition = room(repetition, entries);
            Hybrid.read(
                    stored.slice(0, repetitionBytes), width(maxRepetition), repetition, entries);
        }
        if (maxDefinition > 0) {
            definition = room(definition, entries);
            Hybrid.read(
                    stored.slice(repetitionBytes, definitionBytes),
                    width(maxDefinition),
                    definition,
                    entries);
        }
        int levels = repetitionBytes + definitionBytes;
        ByteBuffer rest =
                stored.slice(levels, stored.remaining() - levels).order(ByteOrder.LITTLE_ENDIAN);
        body =
                data.isIs_compressed() && rest.hasRemaining()
                        ? file.decompress(codec, rest, header.getUncompressed_page_size() - levels)
                        : rest;
    }

    private static int width(int max) {
        return 32 - Integer.numberOfLeadingZeros(max);
    }

    private static int[] room(int[] array, int size) {
        return array.length >= size ? array : new int[size + (size >> 1)];
    }

    /// Rows of the page.
    int rows() {
        return rows;
    }

    /// Appends those rows of the page that lie in `[from, to)`, counted from its first.
    void append(long from, long to, ColumnRows into) throws IOException {
        int first = (int) Math.max(0, from);
        int last = (int) Math.min(rows, to);
        if (first >= last) {
            return;
        }
        if (maxRepetition > 0) {
            appendRepeated(first, last, into);
        } else {
            appendFlat(first, last, into);
        }
    }

    private void appendFlat(int first, int last, ColumnRows into) throws IOException {
        int count = last - first;
        into.reserveValues(into.rows + count);
        if (maxDefinition == 0) {
            values(first, last, into, into.rows);
            if (into.maxDefinition > 0) { // optional by now
                into.reserveDefinition(into.rows + count);
                Arrays.fill(
                        into.definition, into.rows, into.rows + count, (byte) into.maxDefinition);
            }
            into.rows += count;
            return;
        }
        into.reserveDefinition(into.rows + count);
        int before = present(0, first);
        int present = present(first, last);
        values(before, before + present, into, into.rows);
        for (int i = 0; i < count; i++) {
            into.definition[into.rows + i] = (byte) definition[first + i];
        }
        if (present < count && present > 0) {
            spread(into, first, count, present);
        }
        into.rows += count;
    }

    /// Moves values from the front of their rows to the rows that have them, from behind.
    private void spread(ColumnRows into, int first, int count, int present) {
        int from = into.rows + present - 1;
        for (int i = count - 1; i >= 0; i--) {
            if (definition[first + i] == maxDefinition) {
                if (into.texts) {
                    into.codes[into.rows + i] = into.codes[from];
                } else {
                    into.values[into.rows + i] = into.values[from];
                }
                from--;
            }
        }
    }

    private int present(int from, int to) {
        int present = 0;
        for (int i = from; i < to; i++) {
            if (definition[i] == maxDefinition) {
                present++;
            }
        }
        return present;
    }

    private void appendRepeated(int first, int last, ColumnRows into) throws IOException {
        int from = entryOfRow(0, first);
        int to = entryOfRow(from, last - first);
        int before = present(0, from);
        int present = present(from, to);
        into.reserveValues(into.size + present);
        into.reserveEntries(into.entries + to - from);
        values(before, before + present, into, into.size);
        into.reserveRows(into.rows + last - first + 1);
        for (int i = from; i < to; i++) {
            if (repetition[i] == 0) {
                into.row();
            }
            into.repetition[into.entries] = (byte) repetition[i];
            into.definition[into.entries++] = (byte) definition[i];
            if (definition[i] == maxDefinition) {
                into.size++;
            }
        }
    }

    /// The entry at which the row begins that comes `rowsAfter` rows after the one at `entry`.
    private int entryOfRow(int entry, int rowsAfter) {
        int left = rowsAfter;
        int at = entry;
        while (left > 0 && at < entries) {
            at++;
            if (at == entries || repetition[at] == 0) {
                left--;
            }
        }
        return at;
    }

    /// Reads values `[from, to)` of the page to `into`, from place `at` on.
    private void values(int from, int to, ColumnRows into, int at) throws IOException {
        if (from == to) {
            return;
        }
        if (encoding.usesDictionary()) {
            coded(from, to, into, at);
        } else if (encoding == Encoding.PLAIN) {
            plain(from, to, into, at);
        } else {
            encoded(from, to, into, at);
        }
    }

    private void coded(int from, int to, ColumnRows into, int at) throws IOException {
        codes = room(codes, to);
        ByteBuffer in = body.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        int width = in.get();
        if (width == 0) {
            Arrays.fill(codes, 0, to, 0);
        } else {
            Hybrid.read(in, width, codes, to);
        }
        for (int i = from; i < to; i++) {
            int code = codes[i];
            if (code < 0 || code >= dictionarySize) {
                throw new IOException("a page names a value that its dictionary lacks");
            }
            if (into.texts) {
                into.codes[at + i - from] = pooled(code, into);
            } else {
                into.values[at + i - from] = dictionary[code];
            }
        }
    }

    private void plain(int from, int to, ColumnRows into, int at) {
        ByteBuffer in = body.slice().order(ByteOrder.LITTLE_ENDIAN);
        switch (type) {
            case INT32 -> {
                for (int i = from; i < to; i++) {
                    into.values[at + i - from] = in.getInt(i * 4);
                }
            }
            case BOOLEAN -> {
                for (int i = from; i < to; i++) {
                    into.values[at + i - from] = in.get(i >> 3) >> (i & 7) & 1;
                }
            }
            case BINARY -> {
                for (int i = 0; i < from; i++) {
                    int length = in.getInt();
                    in.position(in.position() + length);
                }
                for (int i = from; i < to; i++) {
                    int length = in.getInt();
                    int offset = in.arrayOffset() + in.position();
                    into.codes[at + i - from] = text(in.array(), offset, length, into);
                    in.position(in.position() + length);
                }
            }
            default -> {
                for (int i = from; i < to; i++) {
                    into.values[at + i - from] = in.getLong(i * 8);
                }
            }
        }
    }

    private void encoded(int from, int to, ColumnRows into, int at) throws IOException {
        ValuesReader reader = encoding.getValuesReader(column, ValuesType.VALUES);
        reader.initFromPage(valueCount, ByteBufferInputStream.wrap(body.slice()));
        for (int i = 0; i < from; i++) {
            reader.skip();
        }
        for (int i = from; i < to; i++) {
            int place = at + i - from;
            switch (type) {
                case INT32 -> into.values[place] = reader.readInteger();
                case DOUBLE -> into.values[place] = Double.doubleToRawLongBits(reader.readDouble());
                case BOOLEAN -> into.values[place] = reader.readBoolean() ? 1 : 0;
                case BINARY -> {
                    byte[] text = reader.readBytes().getBytes();
                    into.codes[place] = text(text, 0, text.length, into);
                }
                default -> into.values[place] = reader.readLong();
            }
        }
    }
}
