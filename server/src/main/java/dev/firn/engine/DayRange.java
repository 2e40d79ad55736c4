package dev.firn.engine;

import dev.firn.base.InputException;

/// Whole UTC days since 1970.
///
/// @param from the first
/// @param to the one after the last
public record DayRange(long from, long to) {
    /// All of them.
    public static final DayRange ALL = new DayRange(Long.MIN_VALUE, Long.MAX_VALUE);

    public DayRange {
        if (from >= to) {
            throw new InputException("a range of days goes from " + from + " to " + to);
        }
    }

    boolean contains(long day) {
        return from <= day && day < to;
    }

    boolean isAll() {
        return equals(ALL);
    }
}
