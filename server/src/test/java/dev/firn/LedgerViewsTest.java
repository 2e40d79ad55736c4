package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.ops.load.Answer;
import dev.firn.ops.load.Fault;
import dev.firn.ops.load.Incident;
import dev.firn.ops.load.Ledger;
import dev.firn.ops.load.Load;
import dev.firn.ops.load.LoadOptions;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The seed's tables and views over the load generator's shop are equal to its ledger: restarts,
/// deploys, delta and cumulative, both HTTP conventions, three planes of which one is silent for
/// some minutes, bodies that come late, and points that come twice. (Of an instance that began more
/// than `rollup.first_point_max_age` before its first point nobody knows the baseline; the ledger
/// does, so that a longer silence would make them differ.)
class LedgerViewsTest {
    private static final long HOUR = 3_600 * LoadOptions.SECOND;
    private static final int HOURS = 5;
    private static final byte[] UNKNOWN_FIELD = {0x7a, 0};

    @TempDir Path data;

    private final ConcurrentLinkedQueue<byte[]> late = new ConcurrentLinkedQueue<>();
    private final AtomicInteger bodies = new AtomicInteger();
    private final AtomicLong twice = new AtomicLong();

    @Test
    void viewsEqualTheLedger() throws Exception {
        long until = Math.floorDiv(Clock.system().nanos(), HOUR) * HOUR - 2 * HOUR;
        long from = until - HOURS * HOUR;
        LoadOptions options =
                LoadOptions.history(7, from, until)
                        .withRate(10)
                        .withBodies(500, 4)
                        .withIncidents(
                                List.of(
                                        incident(Incident.Kind.SILENCE, "dev-1", 2, from),
                                        incident(Incident.Kind.BAD_DEPLOY, "dev-1", 1, from),
                                        incident(Incident.Kind.SLOW_LEAK, "dev-1", 3, from)));
        var ledger = new Ledger();
        try (var served = new Served(data, "")) {
            var load =
                    new Load(
                            options,
                            ledger,
                            body -> send(served, body),
                            Fault::none,
                            Clock.system());
            assertThat(load.run().isClean()).isTrue();
            late.forEach(body -> post(served, body));
            long points = ledger.totalPoints(key -> true).acknowledged();
            Served.await(() -> {
                long stored = Long.parseLong(served.sql("SELECT count() FROM metrics_local_v2"));
                return stored >= points + 1;
            });
            settle(served);
            assertThat(Long.parseLong(served.sql("SELECT count() FROM metrics_local_v2")))
                    .as("points sent twice are kept")
                    .isGreaterThan(points);
            assertThat(ledger.events().stream().map(Ledger.Event::what))
                    .anyMatch("crash"::equals)
                    .anyMatch(what -> what.startsWith("deploy"));
            compareHours(served, ledger);
            compareSummaries(served, ledger);
            comparePoints(served, ledger);
        }
    }

    /// Some minutes of it, so that each kind of restart happens at whatever hour the test runs.
    private static Incident incident(Incident.Kind kind, String plane, int hour, long from) {
        long begin = from + hour * HOUR;
        return new Incident(kind, plane, null, null, 1, begin, begin + HOUR / 8);
    }

    private static void settle(Served served) {
        Served.await(() -> served.json("/api/firn/v1/wal").get("openPoints").asLong() == 0);
        long newest = served.json("/api/firn/v1/info").get("newest_cut").asLong();
        Served.await(() -> served.json("/api/firn/v1/info").get("engine_cut").asLong() >= newest);
    }

    private Answer send(Served served, byte[] body) {
        int number = bodies.getAndIncrement();
        if (number % 11 == 3) {
            late.add(body);
            return new Answer.Accepted(0, "");
        }
        if (number % 13 == 5) { // the same points in another request
            byte[] again = Arrays.copyOf(body, body.length + UNKNOWN_FIELD.length);
            System.arraycopy(UNKNOWN_FIELD, 0, again, body.length, UNKNOWN_FIELD.length);
            late.add(again);
            twice.incrementAndGet();
        }
        post(served, body);
        return new Answer.Accepted(0, "");
    }

    private static void post(Served served, byte[] body) {
        assertThat(served.send(body).statusCode()).isEqualTo(200);
    }

    private record Row(long requests, double seconds, long errors) {}

    private static Map<String, Row> expected(
            Ledger ledger,
            Predicate<Ledger.RequestKey> fits,
            Function<Ledger.RequestKey, String> by) {
        var sums = new TreeMap<String, long[]>();
        ledger.requests()
                .forEach((key, value) -> {
                    if (value.exported() > 0 && fits.test(key)) {
                        long[] sum = sums.computeIfAbsent(by.apply(key), _ -> new long[3]);
                        sum[0] += value.exported();
                        sum[1] += value.exportedTicks();
                        sum[2] += key.isError() ? value.exported() : 0;
                    }
                });
        return sums.entrySet().stream()
                .collect(
                        Collectors.toMap(
                                Map.Entry::getKey,
                                entry ->
                                        new Row(
                                                entry.getValue()[0],
                                                (double) entry.getValue()[1] / Ledger.TICKS,
                                                entry.getValue()[2]),
                                (a, b) -> a,
                                TreeMap::new));
    }

    /// Rows of key, requests, seconds, errors.
    private static Map<String, Row> found(Served served, String sql) {
        var rows = new TreeMap<String, Row>();
        for (String line : served.sql(sql).split("\n")) {
            String[] values = line.split("\t");
            Row before =
                    rows.put(
                            values[0],
                            new Row(
                                    Long.parseLong(values[1]),
                                    Double.parseDouble(values[2]),
                                    Long.parseLong(values[3])));
            assertThat(before).as("two rows of " + values[0]).isNull();
        }
        return rows;
    }

    private static void compareHours(Served served, Ledger ledger) {
        String sql =
                "SELECT concat_ws('|', toString(toUnixTimestamp(toDateTime(date, 'UTC')) / 3600"
                        + " + hour), environment, data_plane_id, http_route, http_status_code),"
                        + " request_count, total_duration, error_count FROM %s"
                        + " WHERE metric_name = 'http_server_duration'";
        var expected =
                expected(
                        ledger,
                        key -> true,
                        key ->
                                String.join(
                                        "|",
                                        Long.toString(key.hour()),
                                        key.environment(),
                                        key.plane(),
                                        key.route(),
                                        Integer.toString(key.status())));
        assertThat(expected).hasSizeGreaterThan(100);
        assertThat(found(served, sql.formatted("metrics_hourly_v2"))).isEqualTo(expected);
        assertThat(found(served, sql.formatted("metrics_hourly"))).isEqualTo(expected);
    }

    private static void compareSummaries(Served served, Ledger ledger) {
        assertThat(
                        found(
                                served,
                                "SELECT concat_ws('|', toString(toUnixTimestamp(timestamp) / 3600),"
                                        + " environment, data_plane_id, http_route), request_count,"
                                        + " avg_duration * request_count, error_count FROM"
                                        + " v_dashboard_hourly WHERE metric_name ="
                                        + " 'http_server_duration'"))
                .usingRecursiveComparison()
                .withComparatorForType(LedgerViewsTest::nearly, Double.class)
                .isEqualTo(
                        expected(
                                ledger,
                                key -> true,
                                key ->
                                        String.join(
                                                "|",
                                                Long.toString(key.hour()),
                                                key.environment(),
                                                key.plane(),
                                                key.route())));
        assertThat(
                        found(
                                served,
                                "SELECT concat_ws('|', environment, data_plane_id),"
                                        + " sum(total_requests), sum(avg_duration * total_requests),"
                                        + " sum(total_errors) FROM v_daily_summary GROUP BY"
                                        + " environment, data_plane_id"))
                .usingRecursiveComparison()
                .withComparatorForType(LedgerViewsTest::nearly, Double.class)
                .isEqualTo(
                        expected(
                                ledger, key -> true, key -> key.environment() + "|" + key.plane()));
        var endpoints = expected(ledger, key -> true, key -> key.environment() + "|" + key.route());
        var top =
                found(
                        served,
                        "SELECT concat_ws('|', environment, http_route), total_requests,"
                                + " avg_duration * total_requests, total_errors FROM"
                                + " v_top_endpoints");
        assertThat(top).hasSize(Math.min(20, endpoints.size()));
        top.forEach((key, row) -> {
            assertThat(row.requests()).as(key).isEqualTo(endpoints.get(key).requests());
            assertThat(row.errors()).as(key).isEqualTo(endpoints.get(key).errors());
        });
    }

    /// A mean times its count is rounded twice.
    private static int nearly(Double a, Double b) {
        return Math.abs(a - b) <= 1e-12 * Math.max(Math.abs(a), Math.abs(b)) ? 0 : a.compareTo(b);
    }

    private static void comparePoints(Served served, Ledger ledger) {
        assertThat(
                        served.sql(
                                "SELECT uniqExact(otel_name) = 2 FROM series_labels WHERE"
                                        + " metric_name = 'http_server_duration'"))
                .isEqualTo("1");
        var kinds =
                served.sql("SELECT DISTINCT metric_type FROM metrics_local_v2")
                        .lines()
                        .collect(Collectors.toSet());
        assertThat(kinds)
                .isEqualTo(
                        ledger.points().keySet().stream()
                                .map(Ledger.PointKey::kind)
                                .collect(Collectors.toSet()));
    }
}
