package dev.firn.engine;

import dev.firn.config.RollupConfig;
import dev.firn.model.Points;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// The statements that compute rollups from stored points. What a window's row says is written in
/// `docs/formats/rollups.md`; a statement here computes whole windows, any number of times.
final class RollupSql {
    /// Kinds of points that are rolled up, by the name of their table.
    enum Kind {
        SAMPLES("'gauge', 'sum'", ""),
        HISTOGRAMS("'histogram'", "bounds, buckets, last_bounds, last_buckets"),
        EXPONENTIAL_HISTOGRAMS(
                "'exponential_histogram'",
                "scale, zero_count, zero_threshold, positive_offset, positive_buckets,"
                        + " negative_offset, negative_buckets, last_scale, last_zero_count,"
                        + " last_zero_threshold, last_positive_offset, last_positive_buckets,"
                        + " last_negative_offset, last_negative_buckets"),
        SUMMARIES("'summary'", "");

        private final String types;
        private final String own;

        Kind(String types, String own) {
            this.types = types;
            this.own = own;
        }

        static Kind of(Points.Kind kind) {
            return switch (kind) {
                case NUMBERS -> SAMPLES;
                case HISTOGRAMS -> HISTOGRAMS;
                case EXPONENTIAL_HISTOGRAMS -> EXPONENTIAL_HISTOGRAMS;
                case SUMMARIES -> SUMMARIES;
            };
        }

        Points.Kind points() {
            return Points.Kind.of(ordinal() + 1);
        }

        /// The kind whose table has this name.
        static Kind named(String table) {
            for (Kind kind : values()) {
                if (kind.table().equals(table)) {
                    return kind;
                }
            }
            throw new IllegalStateException("a mark is of kind \"" + table + "\"");
        }

        String table() {
            return name().toLowerCase(Locale.ROOT);
        }

        /// The columns that it fills; all others are at their defaults.
        String columns() {
            return own.isEmpty() ? COMMON : COMMON + ", " + own;
        }
    }

    /// A longer window and what it is merged from.
    enum Longer {
        HOUR("rollup_1h", "rollup_5m", "toStartOfHour", RollupMark.HOUR_SECONDS),
        DAY("rollup_1d", "rollup_1h", "toStartOfDay", RollupMark.DAY_SECONDS);

        private final String table;
        private final String source;
        private final String window;
        private final long seconds;

        Longer(String table, String source, String window, long seconds) {
            this.table = table;
            this.source = source;
            this.window = window;
            this.seconds = seconds;
        }

        String table() {
            return table;
        }

        /// The table that it is merged from.
        String source() {
            return source;
        }

        /// The function that rounds a time down to its window.
        String window() {
            return window;
        }

        /// Of a window.
        long seconds() {
            return seconds;
        }
    }

    /// Which series a view is of.
    private enum Of {
        ALL(List.of(Kind.values()), ""),
        NUMBERS(List.of(Kind.SAMPLES), "_numbers"),
        DISTRIBUTIONS(
                List.of(Kind.HISTOGRAMS, Kind.EXPONENTIAL_HISTOGRAMS, Kind.SUMMARIES),
                "_distributions");

        private final List<Kind> kinds;
        private final String suffix;

        Of(List<Kind> kinds, String suffix) {
            this.kinds = kinds;
            this.suffix = suffix;
        }

        String view(String table) {
            return table + "_now" + suffix;
        }
    }

    private static final String COMMON =
            "metric_id, series_id, time, count, sum, min, max, first_time, first_start,"
                    + " first_value, first_count, last_time, last_start, last_value, last_count,"
                    + " nan_count, stale_count, increase, sum_increase, duplicates, conflicts,"
                    + " unknown_baselines, resets, retention_days";

    /// What the other columns are where a kind has none.
    private static final Map<String, String> DEFAULTS = new LinkedHashMap<>();

    static {
        for (String prefix : new String[] {"", "last_"}) {
            DEFAULTS.put(prefix + "bounds", "CAST([] AS Array(Float64))");
            DEFAULTS.put(prefix + "buckets", "CAST([] AS Array(UInt64))");
            DEFAULTS.put(prefix + "scale", "toInt32(0)");
            DEFAULTS.put(prefix + "zero_count", "toUInt64(0)");
            DEFAULTS.put(prefix + "zero_threshold", "toFloat64(0)");
            for (String sign : new String[] {"positive", "negative"}) {
                DEFAULTS.put(prefix + sign + "_offset", "toInt32(0)");
                DEFAULTS.put(prefix + sign + "_buckets", "CAST([] AS Array(UInt64))");
            }
        }
    }

    /// What rows of hours and days have: only those of 5 minutes keep the last point's buckets,
    /// which the next window starts from.
    private static final String LONGER =
            COMMON
                    + ", "
                    + DEFAULTS.keySet().stream()
                            .filter(column -> !column.startsWith("last_"))
                            .collect(Collectors.joining(", "));

    /// All columns but version and deleted.
    static final String ALL = COMMON + ", " + String.join(", ", DEFAULTS.keySet());

    /// Baselines are looked for here first: most series have a point in the hour before.
    private static final long RECENT_SECONDS = 3_600;

    private static final long FINE_BEFORE_SECONDS = 900;

    private final String database;
    private final long firstPointAgeMaxMillis;
    private final Map<Longer, Integer> keepDays;

    /// @param firstPointAgeMaxMillis `rollup.first_point_max_age`
    /// @param keepHoursDays days that rows of an hour are kept, `rollup.keep_1h`
    /// @param keepDaysDays days that rows of a day are kept, `rollup.keep_1d`
    RollupSql(String database, long firstPointAgeMaxMillis, int keepHoursDays, int keepDaysDays) {
        this.database = database;
        this.firstPointAgeMaxMillis = firstPointAgeMaxMillis;
        this.keepDays = Map.of(Longer.HOUR, keepHoursDays, Longer.DAY, keepDaysDays);
    }

    static RollupSql of(String database, RollupConfig options) {
        return new RollupSql(
                database,
                options.firstPointAgeMaxNanos() / 1_000_000,
                options.keepHoursDays(),
                options.keepDaysDays());
    }

    /// A condition on (metric_id, series_id): the series of a kind.
    String series(Kind kind) {
        return "(metric_id, series_id) IN (SELECT metric_id, series_id FROM "
                + database
                + ".series WHERE type IN ("
                + kind.types
                + "))";
    }

    /// Statements that compute the windows in `[from, to)`, seconds since 1970, of some series, and
    /// delete rows of windows without points.
    ///
    /// @param keys a condition on (metric_id, series_id), of series of this kind only: windows in
    ///   which they have no points are emptied
    List<String> rollUp(Kind kind, String keys, long from, long to, long version) {
        String range = keys + " AND time < " + at(to) + " AND time >= ";
        var parameters =
                parameters(
                        range + at(from),
                        keys + " AND time < " + at(from),
                        keys
                                + " AND time < "
                                + at(from)
                                + " AND time >= "
                                + at(from - RECENT_SECONDS));
        parameters.put("version", Long.toString(version));
        parameters.put("table", "rollup_5m");
        parameters.put("columns", kind.columns());
        parameters.put("rows", EngineSql.read("engine/rollup_" + kind.table(), parameters));
        parameters.put("from", kind.table());
        parameters.put("window", "toStartOfFiveMinutes");
        return List.of(
                EngineSql.read("engine/roll_up", parameters),
                EngineSql.read("engine/empty_rollup", parameters));
    }

    /// The same for longer windows, all in `[from, to)`.
    ///
    /// @param emptied whether rows of the shorter windows may have been deleted
    List<String> rollUp(
            Longer longer, String keys, long from, long to, long version, boolean emptied) {
        String live = keys + " AND time >= " + at(from) + " AND time < " + at(to);
        var parameters = parameters(live, "", "");
        parameters.put("version", Long.toString(version));
        parameters.put("table", longer.table);
        parameters.put("from", longer.source + " FINAL");
        parameters.put("window", longer.window);
        var statements = new ArrayList<String>();
        // Most series have no buckets, and merging none is what costs most.
        for (boolean plain : new boolean[] {true, false}) {
            parameters.put("columns", plain ? COMMON : LONGER);
            parameters.put(
                    "rows",
                    merged(
                            plain ? "engine/rollup_longer_plain" : "engine/rollup_longer",
                            longer,
                            database + "." + longer.source + " FINAL",
                            live + " AND " + plain(plain)));
            statements.add(EngineSql.read("engine/roll_up", parameters));
        }
        if (emptied) {
            statements.add(EngineSql.read("engine/empty_rollup", parameters));
        }
        return statements;
    }

    private String plain(boolean plain) {
        return "(metric_id, series_id) "
                + (plain ? "NOT IN" : "IN")
                + " (SELECT metric_id, series_id FROM "
                + database
                + ".series WHERE type IN ('histogram', 'exponential_histogram'))";
    }

    private String merged(String file, Longer longer, String source, String live) {
        return EngineSql.read(
                file,
                Map.of(
                        "source",
                        source,
                        "window",
                        longer.window,
                        "live",
                        live,
                        "keep_days",
                        Integer.toString(keepDays.getOrDefault(longer, 0))));
    }

    /// Conditions that divide series into parts of about equal size.
    static List<String> parts(String keys, long size, long sizeMax) {
        long parts = Math.max(1, (size + sizeMax - 1) / sizeMax);
        var conditions = new ArrayList<String>();
        for (long part = 0; part < parts; part++) {
            conditions.add(
                    parts == 1
                            ? keys
                            : keys + " AND intHash64(series_id) %% %d = %d".formatted(parts, part));
        }
        return conditions;
    }

    /// Statements that make the views `rollup_*_now`, and those of numbers and of distributions
    /// alone, which are planned in less time.
    List<String> views() {
        var views = new ArrayList<String>();
        views.add(EngineSql.read("engine/replace_rollup_border", Map.of("database", database)));
        for (Of of : Of.values()) {
            String live = live("");
            String rows =
                    of.kinds.stream()
                            .map(kind ->
                                    "SELECT "
                                            + all(kind.columns())
                                            + " FROM ("
                                            + live(kind, live)
                                            + ")")
                            .collect(Collectors.joining("\nUNION ALL\n"));
            views.add(view("rollup_5m", of, live, rows));
            views.add(view(Longer.HOUR, of));
            views.add(view(Longer.DAY, of));
        }
        views.add(fine());
        return views;
    }

    /// Requests in short windows. Where an increase starts is looked for in the points of some time
    /// before the windows, which is closed and stored before that.
    String fine() {
        String from = "toDateTime({from:UInt32}, 'UTC') - " + FINE_BEFORE_SECONDS;
        String rows =
                Of.DISTRIBUTIONS.kinds.stream()
                        .map(kind -> {
                            String requests =
                                    "metric_id IN (SELECT metric_id FROM "
                                            + database
                                            + ".series WHERE type IN ("
                                            + kind.types
                                            + ") AND metric_name IN "
                                            + EngineSql.REQUESTS
                                            + ")";
                            String before = requests + " AND time < " + from;
                            var parameters =
                                    parameters(
                                            requests
                                                    + " AND time >= "
                                                    + from
                                                    + " AND time < toDateTime({to:UInt32}, 'UTC')",
                                            before,
                                            before
                                                    + " AND time >= "
                                                    + from
                                                    + " - "
                                                    + RECENT_SECONDS);
                            parameters.put(
                                    "slot",
                                    "toDateTime(intDiv(toUnixTimestamp(toDateTime(at, 'UTC')),"
                                            + " {window:UInt32}) * {window:UInt32}, 'UTC')");
                            return "SELECT "
                                    + all(kind.columns())
                                    + " FROM ("
                                    + EngineSql.read("engine/rollup_" + kind.table(), parameters)
                                    + ")";
                        })
                        .collect(Collectors.joining("\nUNION ALL\n"));
        return EngineSql.read(
                "engine/replace_rollup_fine",
                Map.of("database", database, "columns", ALL, "rows", rows));
    }

    private String live(Kind kind, String live) {
        String before = "NOT (" + live + ") AND " + metrics(List.of(kind));
        return EngineSql.read(
                "engine/rollup_" + kind.table(),
                parameters(
                        live,
                        before,
                        before + " AND time >= " + border("marked_5m") + " - " + RECENT_SECONDS));
    }

    private String view(Longer longer, Of of) {
        String live = live(longer.window);
        boolean plain = of == Of.NUMBERS;
        String rows =
                merged(
                        plain ? "engine/rollup_longer_plain" : "engine/rollup_longer",
                        longer,
                        database + "." + of.view(longer.source),
                        live);
        return view(
                longer.table,
                of,
                live,
                "SELECT " + all(plain ? COMMON : LONGER) + " FROM (" + rows + ")");
    }

    private String view(String table, Of of, String live, String rows) {
        return EngineSql.read(
                "engine/replace_rollup_now",
                Map.of(
                        "database", database,
                        "view", of.view(table),
                        "table", table,
                        "columns", ALL,
                        "stored", metrics(of.kinds) + " AND NOT (" + live + ")",
                        "rows", rows));
    }

    /// A condition that leaves out metrics without series of these kinds: it takes whole ranges of
    /// the tables away.
    private String metrics(List<Kind> kinds) {
        if (kinds.size() == Kind.values().length) {
            return "1";
        }
        return "metric_id IN (SELECT metric_id FROM %s.series WHERE type IN (%s))"
                .formatted(
                        database,
                        kinds.stream().map(kind -> kind.types).collect(Collectors.joining(", ")));
    }

    /// All columns of rows that have these.
    private static String all(String columns) {
        List<String> there = List.of(columns.split(", "));
        return COMMON
                + DEFAULTS.entrySet().stream()
                        .map(column ->
                                ", "
                                        + (there.contains(column.getKey())
                                                ? column.getKey()
                                                : column.getValue() + " AS " + column.getKey()))
                        .collect(Collectors.joining());
    }

    /// Windows that stored rows do not speak for: those not closed yet; of marked series all since
    /// the first mark, because the effect of a late point reaches the next window; all windows
    /// since the first that is marked for all series.
    private String live(String window) {
        String windows = window.isEmpty() ? "5m" : "longer";
        return "time >= %s(%s) AND (time >= %s(%s) OR (metric_id, series_id) IN (SELECT metric_id, series_id FROM %s.firn_rollup_marks FINAL))"
                .formatted(
                        window,
                        border("marked_" + windows),
                        window,
                        border("all_" + windows),
                        database);
    }

    private String border(String column) {
        return "(SELECT " + column + " FROM " + database + ".firn_rollup_border)";
    }

    private Map<String, String> parameters(String live, String before, String recent) {
        var parameters = new HashMap<String, String>();
        parameters.put("database", database);
        parameters.put("age_max", Long.toString(firstPointAgeMaxMillis));
        parameters.put("slot", "toStartOfFiveMinutes(toDateTime(at, 'UTC'))");
        parameters.put("live", live);
        parameters.put("before", before);
        parameters.put("recent", recent);
        return parameters;
    }

    private static String at(long seconds) {
        return "toDateTime(" + seconds + ", 'UTC')";
    }
}
