package dev.firn.engine;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads ClickHouse's Native format block by block into primitive arrays: numbers of 8 to 64 bits,
/// and arrays of 64-bit ones. Other types are for statements to convert (`toInt64(x)`).
public final class NativeReader implements AutoCloseable {
    /// No honest block is larger (`max_block_size` is 65 thousand rows).
    private static final int ROWS_MAX = 1 << 26;

    private static final int BUFFER_BYTES = 1 << 16;

    /// One column of a block.
    public sealed interface Column {
        /// Integers, widened; bits of unsigned ones.
        record Longs(long[] values) implements Column {}

        /// Doubles.
        record Doubles(double[] values) implements Column {}

        /// Arrays of integers: row `i` ends before `ends[i]`.
        record LongArrays(long[] ends, long[] values) implements Column {}

        /// Arrays of doubles: row `i` ends before `ends[i]`.
        record DoubleArrays(long[] ends, double[] values) implements Column {}

        /// Texts.
        record Texts(String[] values) implements Column {}
    }

    /// Rows side by side.
    public record Block(int rows, List<Column> columns) {
        public long[] longs(int column) {
            return ((Column.Longs) columns.get(column)).values;
        }

        public double[] doubles(int column) {
            return ((Column.Doubles) columns.get(column)).values;
        }

        public Column.LongArrays longArrays(int column) {
            return (Column.LongArrays) columns.get(column);
        }

        public Column.DoubleArrays doubleArrays(int column) {
            return (Column.DoubleArrays) columns.get(column);
        }

        public String[] texts(int column) {
            return ((Column.Texts) columns.get(column)).values;
        }
    }

    private final InputStream source;
    private final DataInputStream in;
    private long bytes;

    /// @param in closed with the reader
    public NativeReader(InputStream in) {
        this.source = in;
        this.in = new DataInputStream(new BufferedInputStream(in, BUFFER_BYTES));
    }

    /// Bytes of columns read so far.
    public long bytes() {
        return bytes;
    }

    /// The next block with rows, or null at the end.
    public @Nullable Block next() throws IOException {
        while (true) {
            int first = in.read();
            if (first < 0) {
                return null;
            }
            int columns = (int) varint(first);
            int rows = count(varint(in.readUnsignedByte()));
            var read = new ArrayList<Column>(columns);
            for (int i = 0; i < columns; i++) {
                text();
                String type = text();
                read.add(rows == 0 ? new Column.Longs(new long[0]) : column(type, rows));
            }
            if (rows > 0) {
                return new Block(rows, read);
            }
        }
    }

    private Column column(String type, int rows) throws IOException {
        return switch (type) {
            case "Int64", "UInt64" -> new Column.Longs(longs(rows));
            case "UInt32" -> new Column.Longs(ints(rows, 0xffff_ffffL));
            case "Int32" -> new Column.Longs(ints(rows, -1L));
            case "UInt8" -> new Column.Longs(shorts(rows, 1));
            case "UInt16" -> new Column.Longs(shorts(rows, 2));
            case "Float64" -> new Column.Doubles(doubles(rows));
            case "String" -> new Column.Texts(texts(rows));
            case "Array(UInt64)", "Array(Int64)" -> {
                long[] ends = longs(rows);
                yield new Column.LongArrays(ends, longs(count(ends[rows - 1])));
            }
            case "Array(Float64)" -> {
                long[] ends = longs(rows);
                yield new Column.DoubleArrays(ends, doubles(count(ends[rows - 1])));
            }
            default -> throw new IOException("cannot read a column of type \"" + type + "\"");
        };
    }

    private static int count(long rows) throws IOException {
        if (rows < 0 || rows > ROWS_MAX) {
            throw new IOException("cannot read a block: it says that it has " + rows + " rows");
        }
        return (int) rows;
    }

    private ByteBuffer raw(int count, int size) throws IOException {
        byte[] raw = new byte[Math.multiplyExact(count, size)];
        in.readFully(raw);
        bytes += raw.length;
        return ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN);
    }

    private long[] longs(int count) throws IOException {
        long[] values = new long[count];
        raw(count, Long.BYTES).asLongBuffer().get(values);
        return values;
    }

    private double[] doubles(int count) throws IOException {
        double[] values = new double[count];
        raw(count, Double.BYTES).asDoubleBuffer().get(values);
        return values;
    }

    private long[] ints(int count, long mask) throws IOException {
        ByteBuffer raw = raw(count, Integer.BYTES);
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            values[i] = raw.getInt() & mask;
        }
        return values;
    }

    private long[] shorts(int count, int size) throws IOException {
        ByteBuffer raw = raw(count, size);
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            values[i] = size == 1 ? raw.get() & 0xff : raw.getShort() & 0xffff;
        }
        return values;
    }

    private String[] texts(int count) throws IOException {
        String[] values = new String[count];
        for (int i = 0; i < count; i++) {
            values[i] = text();
        }
        return values;
    }

    private String text() throws IOException {
        byte[] text = new byte[count(varint(in.readUnsignedByte()))];
        in.readFully(text);
        bytes += text.length;
        return new String(text, StandardCharsets.UTF_8);
    }

    private long varint(int first) throws IOException {
        long value = first & 0x7f;
        int shift = 7;
        for (int next = first; (next & 0x80) != 0; shift += 7) {
            if (shift > 63) {
                throw new IOException("cannot read a number of more than 64 bits");
            }
            next = in.read();
            if (next < 0) {
                throw new EOFException("the answer broke off");
            }
            value |= (long) (next & 0x7f) << shift;
        }
        return value;
    }

    /// Also in the middle: what the source still sends is not wanted.
    @Override
    public void close() throws IOException {
        source.close();
    }
}
