package dev.firn.query.promql.value;

/// The marker "this series ended here": a NaN with bits of its own, which no computation yields.
public final class StaleNan {
    private static final long BITS = 0x7ff0000000000002L;

    /// The marker.
    public static final double VALUE = Double.longBitsToDouble(BITS);

    private StaleNan() {}

    /// Whether a value is the marker, not any other NaN.
    public static boolean is(double value) {
        return Double.doubleToRawLongBits(value) == BITS;
    }
}
