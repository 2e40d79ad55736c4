package dev.firn.engine;

import static dev.firn.engine.RollupMark.DAY_SECONDS;

import dev.firn.base.Clock;

/// Which series' points of a day may have begun to expire in the engine: what remains of them would
/// make rollups wrong.
final class ExpiredSeries {
    private final String database;
    private final Retention retention;
    private final Clock clock;

    ExpiredSeries(String database, Retention retention, Clock clock) {
        this.database = database;
        this.retention = retention;
        this.clock = clock;
    }

    /// Whether there may be any.
    ///
    /// @param day since 1970
    boolean mayBe(long day) {
        return (day + retention.daysMin()) * DAY_SECONDS < clock.nanos() / 1_000_000_000L;
    }

    /// A condition on (metric_id, series_id).
    String condition(long day) {
        return "(metric_id, series_id) IN (SELECT metric_id, series_id FROM "
                + database
                + ".series GROUP BY metric_id, series_id HAVING (min(retention_days) + "
                + day
                + ") * "
                + DAY_SECONDS
                + " < "
                + clock.nanos() / 1_000_000_000L
                + ")";
    }

    /// All others: a condition on (metric_id, series_id).
    String others(long day) {
        return mayBe(day) ? "NOT (" + condition(day) + ")" : "1";
    }
}
