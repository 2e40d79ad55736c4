package dev.firn.engine;

import dev.firn.base.InputException;

/// How finely the engine keeps time (`engine.time_precision`). Nanoseconds are rounded down, so
/// that a point never moves into a later window, day or month.
public enum TimePrecision {
    MILLIS(3, 1_000_000),
    MICROS(6, 1_000),
    NANOS(9, 1);

    private final int digits;
    private final long nanos;

    TimePrecision(int digits, long nanos) {
        this.digits = digits;
        this.nanos = nanos;
    }

    /// Digits below a second: the parameter of DateTime64.
    public int digits() {
        return digits;
    }

    /// Column type.
    String type() {
        return "DateTime64(" + digits + ", 'UTC')";
    }

    /// What the engine's conversions call a unit.
    String unitName() {
        return switch (this) {
            case MILLIS -> "Milli";
            case MICROS -> "Micro";
            case NANOS -> "Nano";
        };
    }

    /// Nanoseconds of one unit.
    public long unitNanos() {
        return nanos;
    }

    /// The precision with 3, 6 or 9 digits.
    public static TimePrecision of(int digits) {
        for (TimePrecision one : values()) {
            if (one.digits == digits) {
                return one;
            }
        }
        throw new InputException(
                "engine.time_precision is " + digits + "; set 3 (ms), 6 (µs) or 9 (ns)");
    }
}
