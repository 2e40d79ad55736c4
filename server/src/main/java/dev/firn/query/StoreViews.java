package dev.firn.query;

import dev.firn.engine.EngineClient;
import dev.firn.engine.EngineSql;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The views over the engine's tables, the seed's names among them. They hold nothing, so they are
/// no migrations: each start defines them as this Firn knows them, each in one atomic statement.
///
/// What counts events reads the rollups that are right at once (like
/// `rollup_1h_now_distributions`), which the engine's rooms define before.
public final class StoreViews {
    /// Not views, but parts of several.
    static final String MERGED = "21_merged_distributions";

    static final String SPREAD = "03_spread_distributions";

    static final String NAMES = "00_metric_names";

    /// The view of points; with a lake it shows more ([ColdPoints]).
    private static final String LOCAL = "10_metrics_local_v2";

    /// Its part that the lake has.
    static final String COLD = "09_metrics_local_cold";

    /// Takes parameters: of requests only, in windows of any seconds.
    private static final String FINE =
            "${database}.rollup_fine_requests(from = {from:UInt32}, to = {to:UInt32},"
                    + " window = {window:UInt32})";

    private static final String DURATIONS =
            "d.is_duration AND d.metric_id IN (SELECT metric_id FROM ${database}.series"
                    + " WHERE unit IN ('ns', 'us', 'ms', 's', 'min', 'h', 'd'))";

    private static final String HTTP =
            "d.metric_name = 'http_server_duration' AND d.metric_id IN (SELECT metric_id"
                    + " FROM ${database}.series WHERE metric_name IN "
                    + EngineSql.REQUESTS
                    + ")";

    /// A file below `sql/views` that makes a view.
    ///
    /// @param name of the view
    /// @param own parameters beside the database
    /// @param merged parameters of [#MERGED], if it is made of that
    record View(String file, String name, Map<String, String> own, Map<String, String> merged) {
        static View of(String file) {
            return new View(file, file.substring(3), Map.of(), Map.of());
        }

        static View of(String file, String name, String rollup) {
            return new View(file, name, Map.of("view", name, "rollup", rollup), Map.of());
        }

        static View merged(String file, String rows, String keys, String where) {
            return new View(
                    file,
                    file.substring(3),
                    Map.of(),
                    Map.of("rows", rows, "keys", keys, "where", where));
        }

        String statement(String database) {
            var parameters = new HashMap<String, String>();
            own.forEach(
                    (key, value) -> parameters.put(key, value.replace("${database}", database)));
            parameters.put("database", database);
            parameters.put("metric_names", names(database + ".series", "type", "monotonic"));
            if (!merged.isEmpty()) {
                parameters.put(
                        "merged",
                        StoreViews.merged(
                                database,
                                part("rows", database),
                                part("keys", database),
                                part("where", database)));
            }
            return EngineSql.read("views/" + file, parameters);
        }

        private String part(String name, String database) {
            return merged.getOrDefault(name, "").replace("${database}", database);
        }
    }

    /// Each after those that it reads.
    static final List<View> VIEWS =
            List.of(
                    View.of("01_series_labels"),
                    new View(LOCAL, LOCAL.substring(3), Map.of("hot", "1", "cold", ""), Map.of()),
                    View.of("11_metrics_local"),
                    View.of("20_distributions", "distributions_5m", now("5m")),
                    View.of("20_distributions", "distributions_1h", now("1h")),
                    View.of("20_distributions", "distributions_1d", now("1d")),
                    View.of("20_distributions", "distributions_5m_stored", stored("5m")),
                    View.of("20_distributions", "distributions_1h_stored", stored("1h")),
                    View.of("20_distributions", "distributions_1d_stored", stored("1d")),
                    View.of("20_distributions", "distributions_fine", FINE),
                    View.merged(
                            "30_metrics_hourly_v2",
                            "distributions_1h",
                            "start, environment, data_plane_id, metric_name, http_route,"
                                    + " http_status_code",
                            DURATIONS),
                    View.of("31_metrics_hourly"),
                    View.merged(
                            "32_metrics_daily",
                            "distributions_1d",
                            "start, environment, data_plane_id, metric_name, http_route,"
                                    + " http_status_code",
                            DURATIONS),
                    View.merged(
                            "40_v_dashboard_hourly",
                            "distributions_1h",
                            "start, environment, data_plane_id, metric_name, http_route",
                            DURATIONS),
                    View.merged(
                            "41_v_daily_summary",
                            "distributions_1d",
                            "start, environment, data_plane_id",
                            HTTP),
                    View.merged(
                            "42_v_top_endpoints",
                            "distributions_1d",
                            "environment, http_route",
                            HTTP + " AND toDate(d.start) >= today() - INTERVAL 7 DAY"),
                    View.merged(
                            "43_v_histogram_hourly",
                            "distributions_1h",
                            "start, metric_name, environment, data_plane_id, service_name",
                            "1"),
                    View.of("44_v_counter_hourly"),
                    View.of("45_v_gauge_hourly"));

    private static final Set<String> REQUESTS = Set.of("series_labels", "distributions_fine");

    private StoreViews() {}

    private static String now(String window) {
        return "${database}.rollup_" + window + "_now_distributions";
    }

    /// Without the windows that are open or marked: little work, but late.
    private static String stored(String window) {
        return "(SELECT * FROM ${database}.rollup_" + window + " FINAL)";
    }

    /// Distributions of several rows as one, by keys: a SELECT.
    ///
    /// @param rows a view of `20_distributions`, like `distributions_1h`
    /// @param keys its columns
    /// @param where a condition on its rows `d`
    public static String merged(String database, String rows, String keys, String where) {
        return EngineSql.read(
                "views/" + MERGED,
                Map.of("keys", keys, "spread", spread(database, rows, keys, where)));
    }

    /// Their events by places in base units: a SELECT of the keys, `places` and `weights`, several
    /// rows for the same keys; parameters as of [#merged].
    public static String spread(String database, String rows, String keys, String where) {
        return EngineSql.read(
                "views/" + SPREAD,
                Map.of("database", database, "rows", rows, "keys", keys, "where", where));
    }

    /// The condition on rows `d` of distributions that takes the requests of HTTP servers.
    public static String http(String database) {
        return HTTP.replace("${database}", database);
    }

    /// Defines all of them; the tables and the views of the rollups must be there.
    ///
    /// @param client as the internal user
    /// @param lake whether [ColdPoints] will define the view of points; until then it stays as the
    ///   process before left it
    public static void define(EngineClient client, String database, boolean lake)
            throws InterruptedException {
        for (String statement : statements(database, lake)) {
            client.execute(statement);
        }
    }

    /// The statements, in order.
    public static List<String> statements(String database, boolean lake) {
        return VIEWS.stream()
                .map(view ->
                        lake && view.file().equals(LOCAL)
                                ? view.statement(database)
                                        .replaceFirst(
                                                "CREATE OR REPLACE VIEW",
                                                "CREATE VIEW IF NOT EXISTS")
                                : view.statement(database))
                .toList();
    }

    /// The statements that make what requests in windows of any seconds are read from, in a
    /// database that has `series` and `rollup_fine_requests`.
    static List<String> requests(String database) {
        return VIEWS.stream()
                .filter(view -> REQUESTS.contains(view.name()))
                .map(view -> view.statement(database))
                .toList();
    }

    /// Defines the view of points over engine and lake.
    ///
    /// @param lake the database of the lake's tables
    /// @param border SQL of the moment from which on the engine has everything
    /// @param source condition on `src` of the lake's rows
    /// @param unitNanos nanoseconds that the engine's time counts
    static void defineCold(
            EngineClient client,
            String database,
            String lake,
            String border,
            String source,
            long unitNanos)
            throws InterruptedException {
        var parameters = new HashMap<String, String>();
        parameters.put("database", database);
        parameters.put("lake", lake);
        parameters.put("border", border);
        parameters.put("source", source);
        parameters.put("unit", Long.toString(unitNanos));
        parameters.put("metric_names", names(lake + ".series", "metric_type", "is_monotonic"));
        client.execute(EngineSql.read("views/" + COLD, parameters));
        var all =
                Map.of(
                        "hot", "d.timestamp >= " + border,
                        "cold", "UNION ALL\nSELECT * FROM " + database + ".metrics_local_cold");
        client.execute(new View(LOCAL, LOCAL.substring(3), all, Map.of()).statement(database));
    }

    private static String names(String source, String type, String monotonic) {
        return EngineSql.read(
                "views/" + NAMES, Map.of("source", source, "type", type, "monotonic", monotonic));
    }
}
