package dev.firn.query;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;

/// A store in which two services were asked for two routes each, as rollups have it, with what
/// there was kept beside it. Busy by day; every tenth request or so takes ten times longer.
public final class RouteHistory implements AutoCloseable {
    public static final long STEP = 300;
    private static final int ROWS_AT_ONCE = 20_000;
    private static final double[] BOUNDS = {0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5};

    public final TestStore store;
    public final ResultTables tables;
    private final long from;
    private final long to;

    /// What a route had in an interval.
    ///
    /// @param buckets one more than bounds
    public record Cell(long requests, long errors, long[] buckets) {}

    /// By service and route, and the interval's start.
    public final TreeMap<String, TreeMap<Long, Cell>> cells = new TreeMap<>();

    /// @param slow of which share of the requests to `a /x` durations are tenfold at a time
    public RouteHistory(
            java.nio.file.Path data, long from, long to, java.util.function.LongPredicate slow)
            throws InterruptedException {
        this.store = new TestStore(data.resolve("engine"));
        this.tables = new ResultTables(store.client, TestStore.DATABASE);
        this.from = from;
        this.to = to;
        StoreViews.define(store.client, TestStore.DATABASE, false);
        store.client.execute(
                "INSERT INTO otel_metrics.firn_rollup_state VALUES (toDateTime(%d, 'UTC'), 18446744073709551615)"
                        .formatted(to));
        int id = 0;
        for (String service : List.of("a", "b")) {
            for (String route : List.of("/x", "/y")) {
                route(++id, service, route, slow);
            }
        }
    }

    public EngineQueries queries() {
        return new EngineQueries(
                store.client,
                TestStore.DATABASE,
                dev.firn.config.QueryClassesConfig.DEFAULT,
                dev.firn.base.Clock.system(),
                new dev.firn.base.OwnMetrics());
    }

    public static double[] bounds() {
        return BOUNDS.clone();
    }

    private void route(int id, String service, String route, java.util.function.LongPredicate slow)
            throws InterruptedException {
        for (String status : List.of("200", "500")) {
            store.client.executeLong(
                    "INSERT INTO otel_metrics.series (metric_id, series_id, fingerprint, metric_name, type, unit, temporality, monotonic, service_name, environment, data_plane_id, http_route, http_status_code, resource, attributes, description, retention_days, first_seen, last_seen) VALUES (1, %d, 'x', 'http.server.request.duration', 'histogram', 's', 'cumulative', 0, '%s', 'prod', 'p1', '%s', '%s', '{}', '{}', '', 30000, today(), today())"
                            .formatted(series(id, status), service, route, status));
        }
        var random = new Random(id);
        var rows = new ArrayList<String>();
        var all = new TreeMap<Long, Cell>();
        for (long at = from; at < to; at += STEP) {
            double day = 1 + 0.6 * Math.sin(2 * Math.PI * (at % 86_400) / 86_400.0);
            long requests = Math.max(0, Math.round(400 * day + 20 * day * random.nextGaussian()));
            long errors = requests > 0 && random.nextInt(3) == 0 ? 1 : 0;
            boolean late = id == 1 && slow.test(at);
            long[] buckets = new long[BOUNDS.length + 1];
            for (long i = 0; i < requests - errors; i++) {
                double seconds = 0.04 * Math.exp(0.4 * random.nextGaussian()) * (late ? 10 : 1);
                buckets[bucket(seconds)]++;
            }
            rows.add(row(series(id, "200"), at, requests - errors, buckets));
            long[] failed = new long[BOUNDS.length + 1];
            failed[BOUNDS.length] = errors;
            rows.add(row(series(id, "500"), at, errors, failed));
            buckets[BOUNDS.length] += errors;
            all.put(at, new Cell(requests, errors, buckets));
        }
        cells.put(service + " " + route, all);
        for (String table : List.of("rollup_5m", "rollup_1h")) {
            insert(table, rows);
        }
    }

    /// The hourly table gets the same rows at their hours: what reads it adds them up.
    private void insert(String table, List<String> rows) throws InterruptedException {
        if (table.equals("rollup_1h")) {
            store.client.executeLong(
                    "INSERT INTO otel_metrics.rollup_1h (metric_id, series_id, time, count, increase, retention_days, version)"
                            + " SELECT metric_id, series_id, toStartOfHour(time), sum(count), sum(increase), 30000, 1"
                            + " FROM otel_metrics.rollup_5m FINAL GROUP BY ALL");
            return;
        }
        for (int i = 0; i < rows.size(); i += ROWS_AT_ONCE) {
            store.client.executeLong(
                    "INSERT INTO otel_metrics."
                            + table
                            + " (metric_id, series_id, time, count, increase, bounds, buckets, last_time, retention_days, version) VALUES "
                            + String.join(
                                    ",", rows.subList(i, Math.min(rows.size(), i + ROWS_AT_ONCE))));
        }
    }

    private static String row(long series, long at, long requests, long[] buckets) {
        return "(1,%d,%d,5,%d,%s,%s,toDateTime(%d, 'UTC'),30000,1)"
                .formatted(
                        series,
                        at,
                        requests,
                        java.util.Arrays.toString(BOUNDS),
                        java.util.Arrays.toString(buckets),
                        at + 290);
    }

    private static long series(int id, String status) {
        return id * 10L + (status.equals("200") ? 0 : 1);
    }

    private static int bucket(double seconds) {
        int bucket = 0;
        while (bucket < BOUNDS.length && seconds > BOUNDS[bucket]) {
            bucket++;
        }
        return bucket;
    }

    @Override
    public void close() {
        store.close();
    }
}
