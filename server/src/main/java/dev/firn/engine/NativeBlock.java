package dev.firn.engine;

import dev.firn.base.ByteWriter;
import dev.firn.model.Attributes;
import dev.firn.model.LongLists;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.IntFunction;

/// Builds one block in ClickHouse's Native format (protocol revision 0): for each column its name,
/// its type and its values end to end. Rows are taken from arrays through an order, so that nothing
/// is copied or moved before; no object per row. A hot path: `IngestBenchmark` in bench/ covers it.
///
/// Source of the layout: ClickHouse, `src/Formats/NativeReader.cpp` and
/// `src/DataTypes/Serializations/`; the tests compare with the real engine.
public final class NativeBlock {
    /// SerializationLowCardinality: keys follow, shared dictionaries with additional keys.
    private static final long LOW_CARDINALITY_VERSION = 1;

    /// Flag: the block brings its own keys; the low byte is the width of an index, 0 for UInt8.
    private static final long HAS_ADDITIONAL_KEYS = 1 << 9;

    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private final ByteWriter out;
    private int[] order = new int[0];
    private int from;
    private int to;
    private int columnsLeft;

    /// Writes into `out`, from its start.
    public NativeBlock(ByteWriter out) {
        this.out = out;
    }

    /// Begins a block of `columns` columns with the rows `order[from]` … `order[to - 1]`.
    public NativeBlock begin(int columns, int[] order, int from, int to) {
        this.order = order;
        this.from = from;
        this.to = to;
        this.columnsLeft = columns;
        out.reset().varint(columns).varint(to - from);
        return this;
    }

    /// The finished block.
    public ByteWriter end() {
        if (columnsLeft != 0) {
            throw new IllegalStateException(columnsLeft + " columns of the block are missing");
        }
        return out;
    }

    private void header(String name, String type) {
        columnsLeft--;
        out.string(name).string(type);
    }

    /// UInt8.
    public NativeBlock uint8(String name, byte[] values) {
        header(name, "UInt8");
        int[] rows = order;
        int at = out.skip(to - from) - from;
        byte[] into = out.array();
        for (int i = from; i < to; i++) {
            into[at + i] = values[rows[i]];
        }
        return this;
    }

    /// UInt16; values beyond it are cut off.
    public NativeBlock uint16(String name, int[] values, int[] index) {
        header(name, "UInt16");
        int[] rows = order;
        int at = out.skip(2 * (to - from));
        byte[] into = out.array();
        for (int i = from; i < to; i++, at += 2) {
            int value = values[index[rows[i]]];
            into[at] = (byte) value;
            into[at + 1] = (byte) (value >>> 8);
        }
        return this;
    }

    /// UInt16; values beyond it are cut off.
    public NativeBlock uint16(String name, int[] values) {
        header(name, "UInt16");
        int at = out.skip(2 * (to - from));
        byte[] into = out.array();
        for (int i = from; i < to; i++, at += 2) {
            int value = values[order[i]];
            into[at] = (byte) value;
            into[at + 1] = (byte) (value >>> 8);
        }
        return this;
    }

    /// DateTime in UTC: seconds since 1970.
    public NativeBlock dateTime(String name, long[] seconds) {
        header(name, "DateTime('UTC')");
        int at = out.skip(4 * (to - from));
        byte[] into = out.array();
        for (int i = from; i < to; i++, at += 4) {
            INTS.set(into, at, (int) seconds[order[i]]);
        }
        return this;
    }

    /// DateTime64 of what are units of its precision already.
    public NativeBlock ticks(String name, TimePrecision precision, long[] units) {
        return int64s(name, precision.type(), units);
    }

    /// UInt32 by its bits.
    public NativeBlock uint32(String name, int[] values) {
        return int32s(name, "UInt32", values);
    }

    /// Int32.
    public NativeBlock int32(String name, int[] values) {
        return int32s(name, "Int32", values);
    }

    private NativeBlock int32s(String name, String type, int[] values) {
        header(name, type);
        int[] rows = order;
        int at = out.skip(4 * (to - from));
        byte[] into = out.array();
        for (int i = from; i < to; i++, at += 4) {
            INTS.set(into, at, values[rows[i]]);
        }
        return this;
    }

    /// UInt32: row `r` has `values[index[r]]`.
    public NativeBlock uint32(String name, int[] values, int[] index) {
        header(name, "UInt32");
        int[] rows = order;
        int at = out.skip(4 * (to - from));
        byte[] into = out.array();
        for (int i = from; i < to; i++, at += 4) {
            INTS.set(into, at, values[index[rows[i]]]);
        }
        return this;
    }

    /// Int64: row `r` has `values[index[r]]`.
    public NativeBlock int64(String name, long[] values, int[] index) {
        header(name, "Int64");
        int[] rows = order;
        int at = out.skip(8 * (to - from));
        byte[] into = out.array();
        for (int i = from; i < to; i++, at += 8) {
            LONGS.set(into, at, values[index[rows[i]]]);
        }
        return this;
    }

    /// Int64.
    public NativeBlock int64(String name, long[] values) {
        return int64s(name, "Int64", values);
    }

    /// UInt64 by its bits.
    public NativeBlock uint64(String name, long[] values) {
        return int64s(name, "UInt64", values);
    }

    /// Float64 by its raw bits, so that every NaN stays the NaN it is.
    public NativeBlock float64Bits(String name, long[] bits) {
        return int64s(name, "Float64", bits);
    }

    private NativeBlock int64s(String name, String type, long[] values) {
        header(name, type);
        int[] rows = order;
        int at = out.skip(8 * (to - from));
        byte[] into = out.array();
        for (int i = from; i < to; i++, at += 8) {
            LONGS.set(into, at, values[rows[i]]);
        }
        return this;
    }

    /// Float64.
    public NativeBlock float64(String name, double[] values) {
        header(name, "Float64");
        int[] rows = order;
        int at = out.skip(8 * (to - from));
        byte[] into = out.array();
        for (int i = from; i < to; i++, at += 8) {
            LONGS.set(into, at, Double.doubleToRawLongBits(values[rows[i]]));
        }
        return this;
    }

    /// DateTime64 of nanoseconds, rounded down.
    public NativeBlock time(String name, TimePrecision precision, long[] nanos) {
        header(name, precision.type());
        int[] rows = order;
        int at = out.skip(8 * (to - from));
        byte[] into = out.array();
        switch (precision) { // a constant divisor is a multiplication
            case MILLIS -> {
                for (int i = from; i < to; i++, at += 8) {
                    LONGS.set(into, at, Math.floorDiv(nanos[rows[i]], 1_000_000));
                }
            }
            case MICROS -> {
                for (int i = from; i < to; i++, at += 8) {
                    LONGS.set(into, at, Math.floorDiv(nanos[rows[i]], 1_000));
                }
            }
            case NANOS -> {
                for (int i = from; i < to; i++, at += 8) {
                    LONGS.set(into, at, nanos[rows[i]]);
                }
            }
        }
        return this;
    }

    /// UInt64, the same in all rows.
    public NativeBlock uint64Constant(String name, long value) {
        header(name, "UInt64");
        int at = out.skip(8 * (to - from));
        byte[] into = out.array();
        for (int i = from; i < to; i++, at += 8) {
            LONGS.set(into, at, value);
        }
        return this;
    }

    /// LowCardinality(String), the same in all rows: a dictionary of one.
    public NativeBlock lowCardinalityConstant(String name, String value) {
        header(name, "LowCardinality(String)");
        if (to == from) {
            return this;
        }
        out.i64(LOW_CARDINALITY_VERSION).i64(HAS_ADDITIONAL_KEYS);
        out.i64(1).string(value);
        out.i64(to - from);
        int at = out.skip(to - from);
        Arrays.fill(out.array(), at, at + to - from, (byte) 0);
        return this;
    }

    /// String. The engine converts it where a column is LowCardinality(String).
    public NativeBlock string(String name, IntFunction<String> valueOfRow) {
        header(name, "String");
        for (int i = from; i < to; i++) {
            out.string(valueOfRow.apply(order[i]));
        }
        return this;
    }

    /// String of lower-case hexadecimal digits.
    public NativeBlock hex(String name, IntFunction<byte[]> valueOfRow) {
        header(name, "String");
        for (int i = from; i < to; i++) {
            byte[] value = valueOfRow.apply(order[i]);
            out.varint(value.length * 2L);
            for (byte b : value) {
                out.u8(Character.forDigit(b >> 4 & 15, 16)).u8(Character.forDigit(b & 15, 16));
            }
        }
        return this;
    }

    /// FixedString(16).
    public NativeBlock fixedString16(String name, IntFunction<byte[]> valueOfRow) {
        header(name, "FixedString(16)");
        for (int i = from; i < to; i++) {
            byte[] value = valueOfRow.apply(order[i]);
            if (value.length != 16) {
                throw new IllegalArgumentException(name + " has 16 bytes, not " + value.length);
            }
            out.bytes(value);
        }
        return this;
    }

    /// Array(UInt64) by bits.
    public NativeBlock uint64Array(String name, LongLists lists) {
        return array(name, "Array(UInt64)", lists);
    }

    /// Array(Float64) by raw bits.
    public NativeBlock float64Array(String name, LongLists lists) {
        return array(name, "Array(Float64)", lists);
    }

    private NativeBlock array(String name, String type, LongLists lists) {
        header(name, type);
        int[] rows = order;
        int ends = out.skip(8 * (to - from));
        long end = 0;
        for (int i = from; i < to; i++, ends += 8) {
            end += lists.length(rows[i]);
            LONGS.set(out.array(), ends, end);
        }
        int at = out.skip(Math.toIntExact(8 * end));
        byte[] into = out.array();
        long[] values = lists.values();
        for (int i = from; i < to; i++) {
            int last = lists.to(rows[i]);
            for (int each = lists.from(rows[i]); each < last; each++, at += 8) {
                LONGS.set(into, at, values[each]);
            }
        }
        return this;
    }

    /// Map(String, String) of typed attributes: text as it is, other values as their canonical
    /// JSON.
    public NativeBlock attributeMap(String name, IntFunction<Attributes> attributesOfRow) {
        header(name, "Map(String, String)");
        var keys = new ByteWriter(1024);
        var values = new ByteWriter(1024);
        long end = 0;
        for (int i = from; i < to; i++) {
            for (Attributes.Entry entry : attributesOfRow.apply(order[i]).entries()) {
                keys.string(entry.key());
                values.string(entry.value().asText());
                end++;
            }
            out.i64(end);
        }
        out.bytes(keys.array(), 0, keys.size());
        out.bytes(values.array(), 0, values.size());
        return this;
    }

    /// Date: days since 1970.
    public NativeBlock date(String name, int[] days) {
        header(name, "Date");
        for (int i = from; i < to; i++) {
            out.u8(days[order[i]]).u8(days[order[i]] >>> 8);
        }
        return this;
    }
}
