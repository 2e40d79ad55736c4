package dev.firn.analyse.anomaly.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.config.AnomalyConfig;
import dev.firn.query.AlertBook;
import dev.firn.query.AnomalyMarks;
import dev.firn.query.KeptRows;
import dev.firn.query.RouteHistory;
import dev.firn.query.StateFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// History of four days in an engine, of which the last hour is slow on one route.
class AnomalyInspectorTest {
    private static final long STEP = RouteHistory.STEP;
    private static final long DAY = 86_400;
    private static final int DAYS = 4;

    @TempDir Path data;

    private final long to = Clock.system().millis() / 1_000 / STEP * STEP;
    private final long from = (to - DAYS * DAY) / DAY * DAY;
    private final long slowFrom = to - 3_600;
    private RouteHistory history;
    private AlertBook alerts;
    private AnomalyMarks marks;

    @BeforeEach
    void start() throws InterruptedException {
        history = new RouteHistory(data, from, to, at -> at >= slowFrom);
        StateFile state = StateFile.open(data);
        alerts = new AlertBook(state, history.tables);
        marks = new AnomalyMarks(state, history.tables);
    }

    @AfterEach
    void stop() {
        history.close();
    }

    private AnomalyInspector inspector() {
        return new AnomalyInspector(
                AnomalyConfig.DEFAULTS,
                SignalSettings.read(
                        "anomaly.yaml",
                        """
                        signals:
                          - name: a_share
                            kind: gauge
                            sql: >-
                              SELECT toUnixTimestamp(time) AS time, toFloat64(countIf(series_id < 30)) AS value, 'prod' AS environment
                              FROM rollup_5m_now WHERE toUnixTimestamp(time) >= {from:UInt32} AND toUnixTimestamp(time) < {to:UInt32}
                              GROUP BY time
                        """),
                data,
                history.queries(),
                history.tables,
                new KeptRows(StateFile.open(data), history.tables),
                alerts,
                marks,
                () -> to * 1_000,
                Clock.system(),
                new OwnMetrics());
    }

    private static void catchUp(AnomalyInspector inspector, long end) throws InterruptedException {
        for (int i = 0; i < 2 * (DAYS + 1) + 1; i++) {
            inspector.inspect(end);
        }
    }

    @Test
    void signalsAreWhatTheRowsSay() throws InterruptedException {
        var reader = new SignalReader(history.queries(), SignalSettings.NONE);
        TreeMap<Long, List<SignalPoint>> read = reader.read(to - DAY, to).points();
        assertThat(read).hasSize((int) (DAY / STEP));
        read.forEach((millis, points) -> {
            history.cells.forEach((place, cells) -> {
                RouteHistory.Cell cell =
                        java.util.Objects.requireNonNull(cells.get(millis / 1_000));
                Map<String, Double> values = new TreeMap<>();
                points.stream()
                        .filter(one ->
                                (one.key().service() + " " + one.key().route()).equals(place))
                        .forEach(one -> values.put(one.key().signal(), one.value()));
                assertThat(values.get(Signals.REQUEST_RATE)).isEqualTo(cell.requests());
                assertThat(values.get(Signals.ERROR_RATIO))
                        .isCloseTo((double) cell.errors() / cell.requests(), within(1e-12));
                assertThat(values.get(Signals.LATENCY_P50))
                        .isCloseTo(naive(cell.buckets(), 0.5), within(1e-9));
                assertThat(values.get(Signals.LATENCY_P95))
                        .isCloseTo(naive(cell.buckets(), 0.95), within(1e-9));
            });
            for (String service : List.of("a", "b")) {
                assertThat(
                                points.stream()
                                        .filter(one ->
                                                one.key().service().equals(service)
                                                        && one.key().route().isEmpty())
                                        .map(SignalPoint::value))
                        .containsExactly(
                                history.cells.entrySet().stream()
                                        .filter(one -> one.getKey().startsWith(service + " "))
                                        .mapToDouble(one ->
                                                java.util.Objects.requireNonNull(
                                                                one.getValue().get(millis / 1_000))
                                                        .requests())
                                        .sum());
            }
            double all =
                    points.stream()
                            .filter(one -> one.key().signal().equals(Signals.PLANE_VOLUME))
                            .mapToDouble(SignalPoint::value)
                            .sum();
            assertThat(all).isEqualTo(4 * 2 * 5);
            assertThat(points)
                    .filteredOn(one -> one.key().signal().equals(Signals.PLANE_FRESHNESS))
                    .extracting(SignalPoint::value)
                    .containsExactly(10.0);
        });
    }

    /// PromQL's rule on one layout.
    private static double naive(long[] buckets, double share) {
        double[] bounds = RouteHistory.bounds();
        double rank = share * java.util.Arrays.stream(buckets).sum();
        double before = 0;
        for (int i = 0; i < bounds.length; i++) {
            if (before + buckets[i] >= rank) {
                double low = i == 0 ? 0 : bounds[i - 1];
                return low + (bounds[i] - low) * (rank - before) / buckets[i];
            }
            before += buckets[i];
        }
        return bounds[bounds.length - 1];
    }

    @Test
    void aSlowHourIsToldOfOnceItsHistoryIsKnown() throws InterruptedException {
        AnomalyInspector inspector = inspector();
        catchUp(inspector, to);
        List<AlertBook.Alert> open = alerts.open(AlertBook.Source.ANOMALY);
        assertThat(open)
                .extracting(AlertBook.Alert::rule)
                .containsExactlyInAnyOrder(Signals.LATENCY_P50, Signals.LATENCY_P95);
        assertThat(open)
                .allSatisfy(one -> {
                    assertThat(one.subject())
                            .isEqualTo(
                                    Map.of(
                                            "environment", "prod",
                                            "service_name", "a",
                                            "http_route", "/x"));
                    assertThat(one.startedAt() / 1_000).isBetween(slowFrom, slowFrom + STEP);
                    assertThat(one.value()).isGreaterThan(3 * one.threshold());
                });
        assertThat(
                        history.store.rows(
                                "SELECT signal, http_route, count() FROM otel_metrics.anomalies FINAL WHERE severity IN ('warning', 'critical') AND time >= %d AND alerting GROUP BY ALL ORDER BY ALL"
                                        .formatted(slowFrom)))
                .containsExactly("latency_p50|/x|12", "latency_p95|/x|12");
        assertThat(
                        history.store.rows(
                                "SELECT DISTINCT environment, http_route, severity, z_score > 3, current_latency > mean_latency FROM otel_metrics.v_latency_anomalies WHERE toUnixTimestamp(toDateTime(date)) + 3600 * hour >= %d"
                                        .formatted(slowFrom - 3_600)))
                .containsExactly("prod|/x|critical|1|1");
        assertThat(String.valueOf(inspector.answer(Map.of("signal", "a_share"))))
                .contains("signal=a_share")
                .contains("actual=4.0");

        marks.add(
                new AnomalyMarks.Mark(
                        0,
                        AnomalyMarks.Kind.EXPECTED,
                        "",
                        "prod",
                        "a",
                        "/x",
                        slowFrom * 1_000,
                        (to + DAY) * 1_000,
                        "sale",
                        to * 1_000));
        marks.show();
        assertThat(history.store.rows("SELECT kind, comment FROM otel_metrics.anomaly_marks"))
                .containsExactly("expected|sale");
    }

    /// What the charts draw: the intervals that were judged, with what was expected of each.
    @Test
    @SuppressWarnings("unchecked")
    void bandsAreThoseOfTheIntervals() throws InterruptedException {
        AnomalyInspector inspector = inspector();
        catchUp(inspector, to);
        String since = java.time.Instant.ofEpochSecond(to - DAY).toString();
        var parameters =
                Map.of(
                        "signal",
                        "latency_p95",
                        "http_route",
                        "/x",
                        "service_name",
                        "a",
                        "from",
                        since);
        Map<String, Object> answer = inspector.answer(parameters);
        var bands = (Map<String, Object>) java.util.Objects.requireNonNull(answer.get("bands"));
        assertThat(bands.get("complete")).isEqualTo(true);
        var series =
                (List<Map<String, Object>>) java.util.Objects.requireNonNull(bands.get("series"));
        assertThat(series).hasSize(1);
        Map<String, Object> one = series.getFirst();
        assertThat(one.get("subject"))
                .isEqualTo(Map.of("environment", "prod", "service_name", "a", "http_route", "/x"));
        var times = (List<Long>) java.util.Objects.requireNonNull(one.get("time"));
        var actual = (List<Double>) java.util.Objects.requireNonNull(one.get("actual"));
        var high = (List<Double>) java.util.Objects.requireNonNull(one.get("expected_high"));
        assertThat(times).hasSize((int) (DAY / STEP));
        for (int i = 0; i < times.size(); i++) {
            assertThat(times.get(i)).isEqualTo(to - DAY + i * STEP);
            RouteHistory.Cell cell =
                    java.util.Objects.requireNonNull(
                            java.util.Objects.requireNonNull(history.cells.get("a /x"))
                                    .get(times.get(i)));
            assertThat(actual.get(i)).isCloseTo(naive(cell.buckets(), 0.95), within(1e-6));
            assertThat(actual.get(i) > high.get(i)).isEqualTo(times.get(i) >= slowFrom);
        }
        org.assertj.core.api.Assertions.assertThatThrownBy(
                        () -> inspector.answer(Map.of("from", since)))
                .isInstanceOf(dev.firn.base.InputException.class)
                .hasMessageContaining("of one signal");
        assertThat(history.store.rows("SELECT count() > 5000 FROM otel_metrics.anomaly_bands"))
                .containsExactly("1");
    }

    /// Five instances of a service, of which each had other requests, and two versions.
    @Test
    void instancesAndVersionsAreWhatTheRowsSay() throws InterruptedException {
        long at = to - STEP;
        for (int i = 0; i < 5; i++) {
            history.store.client.executeLong(
                    "INSERT INTO otel_metrics.series (metric_id, series_id, fingerprint, metric_name, type, unit, temporality, monotonic, service_name, environment, data_plane_id, http_route, http_status_code, resource, resource_map, attributes, description, retention_days, first_seen, last_seen) VALUES (1, %d, 'x', 'http.server.request.duration', 'histogram', 's', 'cumulative', 0, 'c', 'prod', 'p1', '/z', '%s', '{}', {'service.instance.id':'i%d','service.version':'%s'}, '{}', '', 30000, today(), today())"
                            .formatted(
                                    900 + i,
                                    i == 4 ? "500" : "200",
                                    i / 4 * 3 + i % 4,
                                    i < 2 ? "1" : "2"));
            history.store.client.executeLong(
                    "INSERT INTO otel_metrics.rollup_5m (metric_id, series_id, time, count, increase, bounds, buckets, last_time, retention_days, version) VALUES (1, %d, toDateTime(%d, 'UTC'), 5, %d, [0.1, 0.2], [%d, 0, 0], toDateTime(%d, 'UTC'), 30000, 1)"
                            .formatted(900 + i, at, 100 * (i + 1), 100 * (i + 1), at + 290));
        }
        var reader = new SignalReader(history.queries(), SignalSettings.NONE);
        SignalReader.Read read = reader.read(at, to);
        assertThat(read.running().get(at * 1_000))
                .containsExactly(
                        new SignalWatch.Ran("prod", "c", "1"),
                        new SignalWatch.Ran("prod", "c", "2"));
        List<SignalPoint> points =
                java.util.Objects.requireNonNull(read.points().get(at * 1_000)).stream()
                        .filter(one -> !one.key().instance().isEmpty())
                        .toList();
        var requests = new TreeMap<String, Double>();
        var errors = new TreeMap<String, Double>();
        for (SignalPoint one : points) {
            assertThat(one.key().service()).isEqualTo("c");
            if (one.key().signal().equals(Signals.REQUEST_RATE)) {
                requests.put(one.key().instance(), one.value());
            } else if (one.key().signal().equals(Signals.ERROR_RATIO)) {
                errors.put(one.key().instance(), one.value());
            }
        }
        // the last series is the fourth instance's errors
        assertThat(requests).isEqualTo(Map.of("i0", 100.0, "i1", 200.0, "i2", 300.0, "i3", 900.0));
        assertThat(errors.get("i3")).isCloseTo(5 / 9.0, within(1e-12));
        assertThat(errors.get("i0")).isZero();
    }

    @Test
    void anEngineThatIsNewGetsTheRowsBack() throws InterruptedException {
        AnomalyInspector inspector = inspector();
        catchUp(inspector, to);
        String rows = "SELECT * FROM otel_metrics.anomalies FINAL ORDER BY ALL";
        List<String> found = history.store.rows(rows);
        assertThat(found).isNotEmpty();
        String bandRows = "SELECT * FROM otel_metrics.anomaly_bands FINAL ORDER BY ALL";
        List<String> bands = history.store.rows(bandRows);
        assertThat(bands).hasSizeGreaterThan(5000);
        history.store.client.execute("DROP TABLE otel_metrics.anomalies");
        history.store.client.execute("DROP TABLE otel_metrics.anomaly_bands");
        history.store.client.execute("DROP TABLE otel_metrics.firn_kept_blocks");
        inspector.save();
        int open = alerts.open(AlertBook.Source.ANOMALY).size();
        assertThat(open).isPositive();
        inspector().inspect(to);
        assertThat(history.store.rows(rows)).isEqualTo(found);
        assertThat(history.store.rows(bandRows)).isEqualTo(bands);
        assertThat(alerts.open(AlertBook.Source.ANOMALY)).as("a start ends no alert").hasSize(open);
    }

    /// Judged up to a moment, stopped, and judged on by another process is the same as at once.
    @Test
    void aStopLosesAndRepeatsNothing() throws Exception {
        AnomalyInspector first = inspector();
        catchUp(first, to - 7 * STEP);
        first.save();
        AnomalyInspector second = inspector();
        catchUp(second, to);
        second.save();
        byte[] stopped = java.nio.file.Files.readAllBytes(data.resolve("state/anomaly.bin"));
        java.nio.file.Files.delete(data.resolve("state/anomaly.bin"));
        String rows = "SELECT * EXCEPT version FROM otel_metrics.anomalies FINAL ORDER BY ALL";
        List<String> found = history.store.rows(rows);
        history.store.client.execute("TRUNCATE TABLE otel_metrics.anomalies");
        AnomalyInspector once = inspector();
        catchUp(once, to);
        once.save();
        assertThat(java.nio.file.Files.readAllBytes(data.resolve("state/anomaly.bin")))
                .isEqualTo(stopped);
        assertThat(history.store.rows(rows)).isEqualTo(found).isNotEmpty();
    }
}
