package dev.firn.model;

import java.util.Arrays;

/// A ragged column: one list of longs (counts, or raw bits of doubles) for each row, stored end to
/// end.
public final class LongLists {
    private long[] values = new long[0];
    private int[] ends = new int[0];
    private int rows;
    private int size;

    /// Appends one value to the row that is being written.
    public void push(long value) {
        if (size == values.length) {
            values = Arrays.copyOf(values, Math.max(64, size * 2));
        }
        values[size++] = value;
    }

    /// Appends all values of another column's row to the row that is being written.
    public void push(LongLists other, int row) {
        int from = other.from(row);
        int length = other.to(row) - from;
        if (values.length - size < length) {
            values = Arrays.copyOf(values, Math.max(size + length, Math.max(64, size * 2)));
        }
        System.arraycopy(other.values, from, values, size, length);
        size += length;
    }

    /// Ends the row that is being written.
    public void endRow() {
        if (rows == ends.length) {
            ends = Arrays.copyOf(ends, Math.max(16, rows * 2));
        }
        ends[rows++] = size;
    }

    /// Rows ended so far.
    public int rows() {
        return rows;
    }

    /// Where row `row` starts in [#values].
    public int from(int row) {
        return row == 0 ? 0 : ends[row - 1];
    }

    /// Where row `row` ends in [#values].
    public int to(int row) {
        return ends[row];
    }

    /// Number of values of a row.
    public int length(int row) {
        return to(row) - from(row);
    }

    /// One value of a row.
    public long at(int row, int index) {
        return values[from(row) + index];
    }

    /// One value of a row as a double.
    public double realAt(int row, int index) {
        return Double.longBitsToDouble(at(row, index));
    }

    /// The array behind all rows; longer than what is used.
    public long[] values() {
        return values;
    }

    /// A copy of one row.
    public long[] row(int row) {
        return Arrays.copyOfRange(values, from(row), to(row));
    }

    /// Appends a row of another column and ends it.
    public void copyRow(LongLists from, int row) {
        int length = from.length(row);
        if (size + length > values.length) {
            values = Arrays.copyOf(values, Math.max(64, Math.max(size + length, size * 2)));
        }
        System.arraycopy(from.values, from.from(row), values, size, length);
        size += length;
        endRow();
    }

    /// Values since the last ended row, dropped again.
    public void abandonRow() {
        size = rows == 0 ? 0 : ends[rows - 1];
    }

    /// Values since the last ended row.
    public int pending() {
        return size - (rows == 0 ? 0 : ends[rows - 1]);
    }

    void clear() {
        rows = 0;
        size = 0;
    }

    void removeLast() {
        rows--;
        abandonRow();
    }
}
