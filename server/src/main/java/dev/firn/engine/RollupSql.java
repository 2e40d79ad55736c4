package dev.firn.engine;

import java.util.HashMap;
import java.util.Map;

/// The statements that compute rollups from stored points. What a window's row says is written in
/// `docs/formats/rollups.md`; a statement here computes whole windows, any number of times.
final class RollupSql {
    /// Kinds of points that are rolled up, by the name of their table.
    enum Kind {
        SAMPLES("");

        private final String own;

        Kind(String own) {
            this.own = own;
        }

        String table() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }

        /// The columns that it fills; all others are at their defaults.
        String columns() {
            return COMMON + own;
        }
    }

    private static final String COMMON =
            "metric_id, series_id, time, count, sum, min, max, first_time, first_start,"
                    + " first_value, first_count, last_time, last_start, last_value, last_count,"
                    + " nan_count, stale_count, increase, sum_increase, duplicates, conflicts,"
                    + " unknown_baselines, resets, retention_days";

    /// Baselines are looked for here first: most series have a point in the hour before.
    private static final long RECENT_SECONDS = 3_600;

    private final String database;
    private final long firstPointAgeMaxMillis;

    /// @param firstPointAgeMaxMillis `rollup.first_point_max_age`
    RollupSql(String database, long firstPointAgeMaxMillis) {
        this.database = database;
        this.firstPointAgeMaxMillis = firstPointAgeMaxMillis;
    }

    /// Computes the windows in `[from, to)`, seconds since 1970, of some series.
    ///
    /// @param keys a condition on (metric_id, series_id)
    String rollUp(Kind kind, String keys, long from, long to, long version) {
        var parameters = parameters(kind, keys, from, to, version);
        parameters.put("rows", EngineSql.read("engine/rollup_" + kind.table(), parameters));
        return EngineSql.read("engine/roll_up_5m", parameters);
    }

    /// Deletes the rows of the same windows that have no points any more.
    String empty(Kind kind, String keys, long from, long to, long version) {
        return EngineSql.read(
                "engine/empty_rollup_5m", parameters(kind, keys, from, to, version));
    }

    private Map<String, String> parameters(
            Kind kind, String keys, long from, long to, long version) {
        var parameters = new HashMap<String, String>();
        parameters.put("database", database);
        parameters.put("points", kind.table());
        parameters.put("columns", kind.columns());
        parameters.put("version", Long.toString(version));
        parameters.put("age_max", Long.toString(firstPointAgeMaxMillis));
        parameters.put("live", keys + " AND time >= " + at(from) + " AND time < " + at(to));
        parameters.put("before", keys + " AND time < " + at(from));
        parameters.put(
                "recent",
                keys + " AND time < " + at(from) + " AND time >= " + at(from - RECENT_SECONDS));
        return parameters;
    }

    private static String at(long seconds) {
        return "toDateTime(" + seconds + ", 'UTC')";
    }
}
