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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The seed's tables and views over the load generator's shop are equal to its ledger: restarts,
/// deploys, delta and cumulative, both HTTP conventions, three planes of which one is silent for
/// some minutes, bodies that come late, and points that come twice. The month has what takes
/// longer: one plane silent for most of a day, bodies days late, bounds that change with versions,
/// and quantiles against the buckets that were sent.
///
/// What the shop served before the first point of a stream whose start is older than
/// `rollup.first_point_max_age` nobody told the engine (a process that began in the silence): it is
/// taken from the ledger by what was sent ([SentHistograms]).
class LedgerViewsTest {
    private static final long HOUR = 3_600 * LoadOptions.SECOND;
    private static final int HOURS = 5;
    private static final byte[] UNKNOWN_FIELD = {0x7a, 0};
    private static final long DAY = 24 * HOUR;

    /// `-Dfirn.ledger.days=30` makes it a month, which takes a quarter of an hour.
    private static final int LONG_DAYS = Integer.getInteger("firn.ledger.days", 3);

    private static final long MINUTE = HOUR / 60;
    private static final int PATIENCE = 30;
    private static final long SETTLED_NANOS = 300_000_000_000L;

    @TempDir Path data;

    private final ConcurrentLinkedQueue<byte[]> late = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<byte[]> soon = new ConcurrentLinkedQueue<>();
    private final AtomicInteger bodies = new AtomicInteger();
    private final SentHistograms sent = new SentHistograms();
    private boolean httpOnly;

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
                                        minutes(Incident.Kind.SILENCE, from + 2 * HOUR),
                                        minutes(Incident.Kind.BAD_DEPLOY, from + HOUR),
                                        minutes(Incident.Kind.SLOW_LEAK, from + 3 * HOUR)));
        var ledger = new Ledger();
        try (var served = new Served(data, "")) {
            load(served, options, ledger);
            assertThat(ledger.events().stream().map(Ledger.Event::what))
                    .anyMatch("crash"::equals)
                    .anyMatch(what -> what.startsWith("deploy"));
            Map<SentHistograms.Key, Sum> truth = truth(ledger, 10 * MINUTE);
            compareHours(served, truth);
            compareDashboard(served, truth);
            compareSummaries(served, truth);
            comparePoints(served, ledger);
        }
    }

    /// Some minutes of it, so that each kind of restart happens at whatever hour the test runs.
    private static Incident minutes(Incident.Kind kind, long begin) {
        return incident(kind, "dev-1", begin, begin + HOUR / 8);
    }

    private static Incident incident(Incident.Kind kind, String plane, long begin, long end) {
        return new Incident(kind, plane, null, null, 1, begin, end);
    }

    /// Days, half an hour between points.
    @Test
    void daysEqualTheLedger() throws Exception {
        long until = Math.floorDiv(Clock.system().nanos(), DAY) * DAY - DAY;
        long from = until - LONG_DAYS * DAY;
        long ageMax = 40 * MINUTE;
        LoadOptions options =
                LoadOptions.history(11, from, until)
                        .withRate(2)
                        .withSteps(30 * MINUTE, 30 * MINUTE)
                        .withBodies(2_000, 4)
                        .withIncidents(
                                List.of(
                                        incident(
                                                Incident.Kind.SILENCE,
                                                "dev-1",
                                                from + LONG_DAYS / 3 * DAY,
                                                from + (LONG_DAYS / 3 + 1) * DAY)));
        var ledger = new Ledger();
        httpOnly = true; // a fifth of the points
        try (var served = new Served(data, "rollup: {first_point_max_age: 40m, cpu: 1}")) {
            load(served, options, ledger);
            workedOff(served);
            Map<SentHistograms.Key, Sum> truth = truth(ledger, ageMax);
            assertThat(truth.keySet().stream().map(SentHistograms.Key::status))
                    .contains(200, 404, 500);
            compareHours(served, truth);
            compareDashboard(served, truth);
            compareDays(served, truth);
            compareQuantiles(served, ageMax);
            readRollupsOnly(served);
        }
    }

    /// As the engine plans it: no part of the tables of points is opened.
    private static void readRollupsOnly(Served served) {
        for (String question :
                List.of(
                        "SELECT environment, http_route, http_status_code, sum(request_count), sum(error_count) FROM metrics_hourly_v2 GROUP BY ALL",
                        "SELECT environment, http_route, http_status_code, sum(request_count) FROM metrics_daily GROUP BY ALL",
                        "SELECT * FROM v_dashboard_hourly",
                        "SELECT * FROM v_daily_summary",
                        "SELECT * FROM v_top_endpoints",
                        "SELECT * FROM v_histogram_hourly",
                        "SELECT * FROM v_counter_hourly")) {
            assertThat(served.sql("EXPLAIN ESTIMATE " + question).lines())
                    .as(question)
                    .anyMatch(line -> line.contains("\trollup_1"))
                    .noneMatch(line ->
                            line.matches(
                                    "otel_metrics\t(samples|histograms|exponential_histograms|summaries)\t[0-9]+\t[1-9].*"));
        }
    }

    /// Sends everything: some bodies a few bodies late, some when all others are there, some twice.
    private void load(Served served, LoadOptions options, Ledger ledger) throws Exception {
        var load =
                new Load(options, ledger, body -> send(served, body), Fault::none, Clock.system());
        assertThat(load.run().isClean()).isTrue();
        soon.forEach(body -> post(served, body));
        late.forEach(body -> post(served, body));
        long points = httpOnly ? sent.size() : ledger.totalPoints(key -> true).acknowledged();
        settle(served);
        assertThat(
                        Long.parseLong(
                                served.sql(
                                        "SELECT (SELECT count() FROM samples) + (SELECT count() FROM"
                                                + " histograms) + (SELECT count() FROM"
                                                + " exponential_histograms) + (SELECT count() FROM"
                                                + " summaries)")))
                .as("points sent twice are kept")
                .isGreaterThan(points);
    }

    private static void settle(Served served) {
        Served.await(() -> served.json("/api/firn/v1/wal").get("openPoints").asLong() == 0);
        long newest = served.json("/api/firn/v1/info").get("newest_cut").asLong();
        patiently(() -> served.json("/api/firn/v1/info").get("engine_cut").asLong() >= newest);
    }

    private static void workedOff(Served served) {
        patiently(() -> served.sql("SELECT count() FROM firn_rollup_marks FINAL").equals("0"));
    }

    /// Days are much for a busy machine.
    private static void patiently(BooleanSupplier condition) {
        for (int wait = 1; ; wait++) {
            try {
                Served.await(condition);
                return;
            } catch (AssertionError e) {
                if (wait == PATIENCE) {
                    throw e;
                }
            }
        }
    }

    private Answer send(Served served, byte[] all) {
        int number = bodies.getAndIncrement();
        byte[] body = httpOnly ? SentHistograms.only(all) : all;
        if (body.length == 0) {
            return new Answer.Accepted(0, "");
        }
        synchronized (sent) {
            sent.add(body);
        }
        if (number % (httpOnly ? 101 : 11) == 3) {
            late.add(body);
            return new Answer.Accepted(0, "");
        }
        if (number % 13 == 5) { // the same points in another request
            byte[] again = Arrays.copyOf(body, body.length + UNKNOWN_FIELD.length);
            System.arraycopy(UNKNOWN_FIELD, 0, again, body.length, UNKNOWN_FIELD.length);
            late.add(again);
        }
        if (number % 7 == 2) {
            soon.add(body);
            return new Answer.Accepted(0, "");
        }
        post(served, body);
        byte[] before = soon.size() > 3 ? soon.poll() : null;
        if (before != null) {
            post(served, before);
        }
        return new Answer.Accepted(0, "");
    }

    private static void post(Served served, byte[] body) {
        assertThat(served.send(body).statusCode()).isEqualTo(200);
    }

    private record Sum(long requests, long ticks) {
        Sum plus(Sum other) {
            return new Sum(requests + other.requests, ticks + other.ticks);
        }
    }

    private record Row(long requests, double seconds, long errors) {}

    /// The ledger without what first points leave unknown.
    private Map<SentHistograms.Key, Sum> truth(Ledger ledger, long ageMaxNanos) {
        var truth = new HashMap<SentHistograms.Key, Sum>();
        ledger.requests()
                .forEach((key, value) ->
                        truth.merge(
                                new SentHistograms.Key(
                                        key.hour(),
                                        key.environment(),
                                        key.plane(),
                                        key.route(),
                                        key.status()),
                                new Sum(value.exported(), value.exportedTicks()),
                                Sum::plus));
        Map<String, long[]> unknown = sent.unknown(ageMaxNanos);
        assertThat(unknown).hasSizeLessThan(truth.size() / 5);
        truth.replaceAll((key, sum) -> {
            long[] lost = unknown.getOrDefault(key.text(), new long[2]);
            return new Sum(sum.requests() - lost[0], sum.ticks() - lost[1]);
        });
        truth.values().removeIf(sum -> sum.requests() == 0);
        assertThat(truth).hasSizeGreaterThan(100);
        return truth;
    }

    private static Map<String, Row> expected(
            Map<SentHistograms.Key, Sum> truth, Function<SentHistograms.Key, String> by) {
        var sums = new TreeMap<String, long[]>();
        truth.forEach((key, value) -> {
            long[] sum = sums.computeIfAbsent(by.apply(key), _ -> new long[3]);
            sum[0] += value.requests();
            sum[1] += value.ticks();
            sum[2] += key.status() >= 500 ? value.requests() : 0;
        });
        var rows = new TreeMap<String, Row>();
        sums.forEach((key, sum) ->
                rows.put(key, new Row(sum[0], (double) sum[1] / Ledger.TICKS, sum[2])));
        return rows;
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

    private static void compareHours(Served served, Map<SentHistograms.Key, Sum> truth) {
        String sql =
                "SELECT concat_ws('|', toString(toUnixTimestamp(toDateTime(date, 'UTC')) / 3600"
                        + " + hour), environment, data_plane_id, http_route, http_status_code),"
                        + " request_count, total_duration, error_count FROM %s"
                        + " WHERE metric_name = 'http_server_duration'";
        var expected = expected(truth, SentHistograms.Key::text);
        String hours = sql.formatted("metrics_hourly_v2");
        // that a first point's stream was watched is found out a moment later
        Served.patiently(SETTLED_NANOS, () -> found(served, hours).equals(expected));
        var differences = new TreeMap<>(expected);
        found(served, hours).forEach(differences::remove);
        assertThat(differences).isEmpty();
        assertThat(found(served, hours)).hasSameSizeAs(expected);
        assertThat(found(served, sql.formatted("metrics_hourly"))).isEqualTo(expected);
    }

    private static void compareDashboard(Served served, Map<SentHistograms.Key, Sum> truth) {
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
                .isEqualTo(expected(truth, LedgerViewsTest::hourAndRoute));
    }

    private static String hourAndRoute(SentHistograms.Key key) {
        return String.join(
                "|", Long.toString(key.hour()), key.environment(), key.plane(), key.route());
    }

    private static void compareDays(Served served, Map<SentHistograms.Key, Sum> truth) {
        assertThat(
                        found(
                                served,
                                "SELECT concat_ws('|', toString(toUnixTimestamp(toDateTime(date,"
                                        + " 'UTC')) / 86400), environment, data_plane_id, http_route,"
                                        + " http_status_code), request_count, total_duration,"
                                        + " error_count FROM metrics_daily WHERE metric_name ="
                                        + " 'http_server_duration'"))
                .isEqualTo(
                        expected(
                                truth,
                                key ->
                                        key.text()
                                                .replaceFirst(
                                                        "^\\d+", Long.toString(key.hour() / 24))));
        assertThat(
                        found(
                                served,
                                "SELECT concat_ws('|', toString(toUnixTimestamp(toDateTime(date,"
                                        + " 'UTC')) / 86400), environment, data_plane_id),"
                                        + " total_requests, avg_duration * total_requests,"
                                        + " total_errors FROM v_daily_summary"))
                .usingRecursiveComparison()
                .withComparatorForType(LedgerViewsTest::nearly, Double.class)
                .isEqualTo(
                        expected(
                                truth,
                                key ->
                                        key.hour() / 24
                                                + "|"
                                                + key.environment()
                                                + "|"
                                                + key.plane()));
    }

    private static void compareSummaries(Served served, Map<SentHistograms.Key, Sum> truth) {
        assertThat(
                        found(
                                served,
                                "SELECT concat_ws('|', environment, data_plane_id),"
                                        + " sum(total_requests), sum(avg_duration * total_requests),"
                                        + " sum(total_errors) FROM v_daily_summary GROUP BY"
                                        + " environment, data_plane_id"))
                .usingRecursiveComparison()
                .withComparatorForType(LedgerViewsTest::nearly, Double.class)
                .isEqualTo(expected(truth, key -> key.environment() + "|" + key.plane()));
        var endpoints = expected(truth, key -> key.environment() + "|" + key.route());
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

    /// Each quantile lies in the bucket that holds the true one.
    private void compareQuantiles(Served served, long ageMaxNanos) {
        Map<String, SentHistograms.Buckets> buckets = sent.buckets(ageMaxNanos);
        double[] levels = {0.5, 0.95, 0.99};
        int compared = 0;
        for (String line :
                served.sql(
                                "SELECT concat_ws('|', toString(toUnixTimestamp(timestamp) / 3600),"
                                        + " environment, data_plane_id, http_route), p50_duration,"
                                        + " p95_duration, p99_duration FROM v_dashboard_hourly WHERE"
                                        + " metric_name = 'http_server_duration'")
                        .split("\n")) {
            String[] values = line.split("\t");
            var truth = buckets.get(values[0]);
            for (int i = 0; truth != null && i < levels.length; i++) {
                int bucket = truth.holding(levels[i]);
                assertThat(truth.holds(bucket, Double.parseDouble(values[i + 1])))
                        .as("%s is not in bucket %d of %s", line, bucket, truth)
                        .isTrue();
                compared++;
            }
        }
        assertThat(compared).isGreaterThan(5_000);
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
