package dev.firn.engine;

import dev.firn.model.Series;

/// How long the engine keeps a series' points.
///
/// @param daysMin the least that any series has: days, 1 to 65,535, counted from a point's time
public record Retention(int daysMin) {
    /// Days that the engine keeps points by default.
    public static final int DEFAULT_DAYS = 90;

    /// The same for all series.
    public static Retention days(int days) {
        return new Retention(days);
    }

    /// The most that any series has.
    int daysMax() {
        return daysMin; // the same for all
    }

    /// Days that a series' points are kept.
    int days(Series series) {
        return daysMin; // the same for all
    }
}
