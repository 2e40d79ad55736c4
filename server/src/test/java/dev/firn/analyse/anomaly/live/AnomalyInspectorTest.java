package dev.firn.analyse.anomaly.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.config.AnomalyConfig;
import dev.firn.query.AlertBook;
import dev.firn.query.AnomalyMarks;
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
        TreeMap<Long, List<SignalPoint>> read = reader.read(to - DAY, to);
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
