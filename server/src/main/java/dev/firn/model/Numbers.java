package dev.firn.model;

import java.util.Arrays;

/// Points of gauges and sums.
public final class Numbers extends Points {
    /// The point has no value (only a stale marker should).
    public static final byte NONE = 0;

    /// `bits` are a double's raw bits.
    public static final byte DOUBLE = 1;

    /// `bits` are a signed integer.
    public static final byte INT = 2;

    /// The value by `form`.
    public long[] bits = new long[0];

    /// [#NONE], [#DOUBLE] or [#INT].
    public byte[] form = new byte[0];

    /// Adds a point.
    public int add(
            Series one,
            long timeNanos,
            long startNanos,
            int pointFlags,
            byte valueForm,
            long valueBits) {
        int row = addRow();
        series[row] = one;
        time[row] = timeNanos;
        start[row] = startNanos;
        flags[row] = pointFlags;
        form[row] = valueForm;
        bits[row] = valueBits;
        return row;
    }

    int copyRow(Numbers from, int row, Series as) {
        return add(
                as,
                from.time[row],
                from.start[row],
                from.flags[row],
                from.form[row],
                from.bits[row]);
    }

    /// The value as a double, whichever form it has; NaN for none.
    public double value(int row) {
        return switch (form[row]) {
            case INT -> bits[row];
            case DOUBLE -> Double.longBitsToDouble(bits[row]);
            default -> Double.NaN;
        };
    }

    @Override
    public Kind kind() {
        return Kind.NUMBERS;
    }

    @Override
    void growTo(int capacity) {
        bits = Arrays.copyOf(bits, capacity);
        form = Arrays.copyOf(form, capacity);
    }
}
