package dev.firn.ops.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.receive.PlaneWatch;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Each check is made bad, is seen to say so, and is made well again.
class HealthWatchTest {
    private static final class HandClock implements Clock {
        private final AtomicLong nanos = new AtomicLong(1_800_000_000_000_000_000L);

        @Override
        public long nanos() {
            return nanos.get();
        }

        @Override
        public long ticks() {
            return nanos.get();
        }

        void pass(long seconds) {
            nanos.addAndGet(seconds * 1_000_000_000L);
        }
    }

    @TempDir Path folder;

    private final HandClock clock = new HandClock();
    private final OwnMetrics metrics = new OwnMetrics();
    private final Map<String, Gauge> gauges = new HashMap<>();
    private final Counter accepted =
            metrics.counter("otelcol_receiver_accepted_metric_points", "", "receiver", "transport");
    private final Counter refused =
            metrics.counter("otelcol_receiver_refused_metric_points", "", "receiver", "transport");
    private final Counter future = metrics.counter("firn_receive_future_points", "");
    private final Counter uploads = metrics.counter("s3_uploader_files_processed", "", "status");
    private final Counter bytes = metrics.counter("firn_lake_bytes_written", "", "table");
    private final Counter restarts = metrics.counter("firn_engine_restarts", "");
    private final Histogram queries =
            metrics.histogram("clickhouse_query_duration_seconds", "", new double[] {0.1, 1, 10});
    private final PlaneWatch planes = new PlaneWatch(clock, metrics);
    private final AtomicReference<@Nullable String> lakeStopped = new AtomicReference<>();
    private final AtomicReference<@Nullable String> engineStopped = new AtomicReference<>();
    private final AtomicReference<@Nullable String> logStopped = new AtomicReference<>();
    private boolean receiving = true;
    private final HealthWatch watch = start();

    private HealthWatch start() {
        for (String name :
                List.of(
                        "firn_series_active",
                        "firn_series_bytes",
                        "firn_lake_lag_seconds",
                        "firn_lake_files_waiting",
                        "firn_engine_lag_seconds",
                        "firn_rollup_lag_seconds",
                        "firn_wal_quarantine_bytes",
                        "otel_buffer_size_bytes")) {
            gauge(name, 0);
        }
        gauge("firn_series_max", 1_000);
        gauge("firn_series_bytes_max", 1_000_000);
        gauge("otel_buffer_max_bytes", 1_000_000);
        gauge("firn_engine_up", 1);
        var history = new History();
        return HealthWatch.start(
                List.of(
                        new ReceiverProbe(metrics, () -> receiving, planes, clock, history),
                        new StoreProbe(
                                metrics, true, true, lakeStopped::get, engineStopped::get, history),
                        new DiskProbe(
                                metrics, Path.of("/").toAbsolutePath(), logStopped::get, history)),
                history,
                clock);
    }

    private void gauge(String name, double value) {
        gauges.computeIfAbsent(name, key -> metrics.gauge(key, "")).set(value);
    }

    @AfterEach
    void close() {
        watch.close();
    }

    /// Looks again after some time.
    private Check check(String id) {
        clock.pass(20);
        return watch.now().checks().stream()
                .filter(check -> check.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no check " + id));
    }

    private void assertState(String id, String state) {
        Check check = check(id);
        assertThat(check.state()).as("%s", check).isEqualTo(state);
        boolean bad = state.equals("warning") || state.equals("critical");
        assertThat(check.advice().isEmpty()).as("%s", check).isEqualTo(!bad);
    }

    @Test
    void nothingSoFarIsHealthy() {
        assertState("receivers", "waiting");
        assertState("freshness", "waiting");
        assertState("uploads", "waiting");
        assertThat(watch.now().state()).isEqualTo("waiting");
        assertThat(State.WAITING.exitCode()).isZero();
        accepted.labelValues("otlp", "grpc").inc();
        assertState("uploads", "waiting");
        assertThat(watch.now().state()).as("data comes").isEqualTo("ok");
    }

    @Test
    void receiversThatDoNotAcceptAreCritical() {
        receiving = false;
        assertState("receivers", "waiting");
        clock.pass(60);
        assertState("receivers", "critical");
        receiving = true;
        accepted.labelValues("otlp", "grpc").inc(1_000);
        assertState("receivers", "ok");
    }

    @Test
    void refusedPointsWarnAndManyAreCriticalUntilFiveMinutesHavePassed() {
        assertState("refused_points", "ok");
        accepted.labelValues("otlp", "grpc").inc(995);
        refused.labelValues("otlp", "http").inc(5);
        assertState("refused_points", "warning");
        refused.labelValues("otlp", "http").inc(500);
        assertState("refused_points", "critical");
        clock.pass(290);
        check("refused_points");
        clock.pass(300);
        assertState("refused_points", "ok");
    }

    @Test
    void gaugesAreComparedWithTheirLimits() {
        record Case(String gauge, double warning, double critical, String check) {}
        for (var one :
                List.of(
                        new Case("firn_series_active", 800, 950, "series_limit"),
                        new Case("firn_series_bytes", 800_000, 950_000, "series_limit"),
                        new Case("firn_lake_lag_seconds", 300, 3_600, "lake_lag"),
                        new Case("firn_engine_lag_seconds", 60, 600, "engine_lag"),
                        new Case("firn_rollup_lag_seconds", 900, 7_200, "rollup_lag"),
                        new Case("otel_buffer_size_bytes", 800_000, 950_000, "wal_buffer"))) {
            gauge(one.gauge(), one.warning() - 1);
            assertState(one.check(), "ok");
            gauge(one.gauge(), one.warning());
            assertState(one.check(), "warning");
            gauge(one.gauge(), one.critical());
            assertState(one.check(), "critical");
            gauge(one.gauge(), 0);
            assertState(one.check(), "ok");
        }
    }

    @Test
    void aPlaneThatFallsSilentIsSeenAndForgivenWhenItComesBack() {
        planes.known("prod", "eu-1", clock.nanos());
        planes.known("dev", "", clock.nanos());
        assertState("freshness prod/eu-1", "ok");
        clock.pass(900);
        planes.known("dev", "", clock.nanos());
        assertState("freshness prod/eu-1", "warning");
        assertState("freshness dev/-", "ok");
        clock.pass(2_700);
        assertState("freshness prod/eu-1", "critical");
        planes.known("prod", "eu-1", clock.nanos());
        assertState("freshness prod/eu-1", "ok");
    }

    @Test
    void stoppedSinksAndLogAreCritical() {
        for (var one :
                Map.of(
                                "lake_uploader",
                                lakeStopped,
                                "engine_sink",
                                engineStopped,
                                "log",
                                logStopped)
                        .entrySet()) {
            one.getValue().set("no more room on the disk");
            assertState(one.getKey(), "critical");
            assertThat(check(one.getKey()).figure()).contains("no more room on the disk");
            one.getValue().set(null);
            assertState(one.getKey(), "ok");
        }
    }

    @Test
    void failedUploadsWarnForTenMinutesAndAreCountedForAnHour() {
        check("upload_errors");
        uploads.labelValues("success").inc(7);
        uploads.labelValues("error").inc();
        bytes.labelValues("points").inc(5 << 20);
        assertState("upload_errors", "warning");
        assertThat(check("uploads").figure()).isEqualTo("7 files, 5MiB, 1 failed tries");
        clock.pass(600);
        check("upload_errors");
        assertState("upload_errors", "ok");
        assertThat(check("uploads").figure()).isEqualTo("7 files, 5MiB, 1 failed tries");
        clock.pass(3_600);
        check("uploads");
        assertThat(check("uploads").figure()).isEqualTo("0 files, 0B, 0 failed tries");
    }

    @Test
    void anEngineThatIsDownOrRestartsIsSeen() {
        gauge("firn_engine_up", 0);
        assertState("engine", "critical");
        gauge("firn_engine_up", 1);
        restarts.inc();
        assertState("engine", "warning");
        clock.pass(3_700);
        check("engine");
        assertState("engine", "ok");
    }

    @Test
    void queriesAreSlowFromOneInTwentyOn() {
        check("slow_queries");
        for (int i = 0; i < 96; i++) {
            queries.observe(10);
        }
        for (int i = 0; i < 4; i++) {
            queries.observe(11);
        }
        assertState("slow_queries", "ok");
        queries.observe(11);
        queries.observe(11);
        assertState("slow_queries", "warning");
        assertThat(check("slow_queries").figure())
                .isEqualTo("6 of 102 queries took over 10 s in 5 min");
    }

    @Test
    void clocksAheadAndQuarantineWarn() {
        check("clocks");
        future.inc(3);
        assertState("clocks", "warning");
        gauge("firn_wal_quarantine_bytes", 10);
        assertState("quarantine", "warning");
        gauge("firn_wal_quarantine_bytes", 0);
        assertState("quarantine", "ok");
    }

    @Test
    void sinceIsWhenTheStateBeganAndTheWorstStateIsAll() {
        Check well = check("engine_lag");
        gauge("firn_engine_lag_seconds", 100);
        Check bad = check("engine_lag");
        gauge("firn_engine_lag_seconds", 110);
        Check still = check("engine_lag");
        assertThat(bad.since()).isNotEqualTo(well.since());
        assertThat(still.since()).isEqualTo(bad.since());
        assertThat(watch.now().state()).isEqualTo("warning");
    }

    @Test
    void theBufferSaysWhenItWillBeFull() {
        check("wal_buffer");
        for (int minute = 1; minute <= 10; minute++) {
            clock.pass(60);
            gauge("otel_buffer_size_bytes", 40_000 * minute);
            watch.now();
        }
        assertThat(check("wal_buffer").figure()).contains("full in ").endsWith("at this rate");
    }

    @Test
    void badFindingsMustSayWhatToDo() {
        assertThatThrownBy(
                        () -> new Finding("x", Section.DISK, State.WARNING, "figure", "limit", ""))
                .hasMessageContaining("x does not say what to do");
    }
}
