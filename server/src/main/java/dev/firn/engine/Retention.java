package dev.firn.engine;

import dev.firn.model.Series;

/// How long the engine keeps a series' points.
@FunctionalInterface
public interface Retention {
    /// Days that the engine keeps points by default.
    int DEFAULT_DAYS = 90;

    /// Days, 1 to 65,535, counted from a point's time.
    int days(Series series);

    /// The same for all series.
    static Retention days(int days) {
        return series -> days;
    }
}
