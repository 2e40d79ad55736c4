package dev.firn.engine;

import dev.firn.model.Points;

/// The bits of column `flags` in the engine: OTLP's data point flags in the low 24 bits, Firn's own
/// above. OTLP uses bit 0 today and reserves the rest; its highest 8 bits stay in the lake only.
public final class SampleFlags {
    /// The OTLP flags that the engine keeps.
    public static final int OTLP_MASK = 0x00ff_ffff;

    /// OTLP's "no recorded value": the stale marker.
    public static final int NO_RECORDED_VALUE = Points.NO_RECORDED_VALUE;

    /// The point was sent as an integer: `value_int` is exact, `value` its double.
    public static final int IS_INT = 1 << 24;

    /// The point was sent with neither an integer nor a double: `value` is NaN.
    public static final int NO_VALUE = 1 << 25;

    /// Start equals time, in nanoseconds ("unknown start"); the columns may no longer tell.
    public static final int START_EQUALS_TIME = 1 << 26;

    private SampleFlags() {}

    /// The engine's flags of a point of any kind, without those about its value's form.
    static int of(int otlpFlags, long timeNanos, long startNanos) {
        return otlpFlags & OTLP_MASK | (timeNanos == startNanos ? START_EQUALS_TIME : 0);
    }
}
