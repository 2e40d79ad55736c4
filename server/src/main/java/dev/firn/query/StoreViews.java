package dev.firn.query;

import dev.firn.engine.EngineClient;
import dev.firn.engine.EngineSql;
import java.util.List;
import java.util.Map;

/// The views over the engine's tables, the seed's names among them. They hold nothing, so they are
/// no migrations: each start defines them as this Firn knows them, each in one atomic statement.
public final class StoreViews {
    /// Files below `sql/views`, each after those that it reads.
    static final List<String> FILES =
            List.of(
                    "01_series_labels",
                    "02_histogram_increases",
                    "03_exponential_increases",
                    "04_summary_increases",
                    "05_counter_increases",
                    "10_metrics_local_v2",
                    "11_metrics_local",
                    "20_distribution_hours",
                    "21_duration_hours",
                    "30_metrics_hourly_v2",
                    "31_metrics_hourly",
                    "32_metrics_daily",
                    "40_v_dashboard_hourly",
                    "41_v_daily_summary",
                    "42_v_top_endpoints",
                    "43_v_histogram_hourly",
                    "44_v_counter_hourly",
                    "45_v_gauge_hourly");

    /// A first point counts in full when its start is at most so long before it (DESIGN §8).
    private static final int FIRST_POINT_SECONDS_MAX = 600;

    private StoreViews() {}

    /// Defines all of them; the tables must be there.
    ///
    /// @param client as the internal user
    public static void define(EngineClient client, String database) throws InterruptedException {
        for (String statement : statements(database)) {
            client.execute(statement);
        }
    }

    /// The statements, in order.
    public static List<String> statements(String database) {
        var parameters =
                Map.of(
                        "database",
                        database,
                        "first_point_max_age",
                        Integer.toString(FIRST_POINT_SECONDS_MAX));
        return FILES.stream().map(file -> EngineSql.read("views/" + file, parameters)).toList();
    }
}
