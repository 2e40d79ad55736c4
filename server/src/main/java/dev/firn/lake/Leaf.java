package dev.firn.lake;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// One leaf column's values of a row group, before they become pages: values that are there, and
/// for optional or repeated leaves Parquet's definition and repetition levels. Mutable and reused,
/// for the hot path that `LakeWriteBench` measures.
public final class Leaf {
    /// Values as longs: integers, or raw bits of doubles.
    public long[] values = new long[0];

    /// Values of a text leaf instead.
    public final List<byte[]> texts = new ArrayList<>();

    /// Number of values in [#values].
    public int size;

    /// Definition level of each entry, if the column has any.
    public byte[] definition = new byte[0];

    /// Repetition level of each entry, if the column has any.
    public byte[] repetition = new byte[0];

    /// Entries: values, nulls and empty lists.
    public int entries;

    boolean optional;
    boolean repeated;
    private byte full;

    /// Begins a column with these maximum levels.
    public void begin(int maxDefinition, int maxRepetition, int rows) {
        size = 0;
        entries = 0;
        texts.clear();
        optional = maxDefinition > 0;
        repeated = maxRepetition > 0;
        full = (byte) maxDefinition;
        reserve(rows);
    }

    private void reserve(int capacity) {
        if (values.length < capacity) {
            values = Arrays.copyOf(values, Math.max(capacity, values.length * 2));
        }
        if (optional && definition.length < capacity) {
            definition = Arrays.copyOf(definition, Math.max(capacity, definition.length * 2));
        }
        if (repeated && repetition.length < capacity) {
            repetition = Arrays.copyOf(repetition, Math.max(capacity, repetition.length * 2));
        }
    }

    /// A value of a column that is neither optional nor repeated; room was made by [#begin].
    void required(long value) {
        values[size++] = value;
        entries++;
    }

    /// A value of a flat optional column; room was made by [#begin].
    void present(long value) {
        values[size++] = value;
        definition[entries++] = full;
    }

    /// The same for `of[from..to)`.
    void present(long[] of, int from, int to) {
        int length = to - from;
        System.arraycopy(of, from, values, size, length);
        Arrays.fill(definition, entries, entries + length, full);
        size += length;
        entries += length;
    }

    /// No value in a flat optional column; room was made by [#begin].
    void absent() {
        definition[entries++] = 0;
    }

    /// The same for `rows` rows.
    void absent(int rows) {
        Arrays.fill(definition, entries, entries + rows, (byte) 0);
        entries += rows;
    }

    /// Null lists in `rows` rows of a repeated column.
    void nullLists(int rows) {
        if (entries + rows > room()) {
            reserve(Math.max(entries + rows, entries * 2));
        }
        Arrays.fill(definition, entries, entries + rows, (byte) 0);
        Arrays.fill(repetition, entries, entries + rows, (byte) 0);
        entries += rows;
    }

    /// An entry of a repeated column.
    public void element(boolean first, long value) {
        level(first, full);
        values[size++] = value;
    }

    /// A list that is not empty.
    public void list(long[] of, int from, int to) {
        int length = to - from;
        if (entries + length > room()) {
            reserve(Math.max(entries + length, entries * 2));
        }
        System.arraycopy(of, from, values, size, length);
        size += length;
        Arrays.fill(definition, entries, entries + length, full);
        Arrays.fill(repetition, entries, entries + length, (byte) 1);
        repetition[entries] = 0;
        entries += length;
    }

    private int room() {
        return Math.min(values.length, Math.min(definition.length, repetition.length));
    }

    /// A text in a repeated column.
    public void element(boolean first, byte[] text) {
        level(first, full);
        texts.add(text);
    }

    /// An entry without a value: a list that is null (0) or empty (1), or an element's null field.
    public void level(boolean first, int level) {
        if (entries == room()) {
            reserve(Math.max(1024, entries * 2));
        }
        repetition[entries] = (byte) (first ? 0 : 1);
        definition[entries++] = (byte) level;
    }
}
