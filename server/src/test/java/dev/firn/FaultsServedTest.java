package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.firn.base.Clock;
import dev.firn.base.security.TestCertificates;
import dev.firn.engine.child.EngineLibrary;
import dev.firn.ops.load.OtlpBodies;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Faults of a Firn that is served, as its health and the shipped rules tell of them, and how both
/// fall silent when the faults are mended. Hours pass by a clock that is moved on.
class FaultsServedTest {
    private static final long SECOND = 1_000_000_000L;

    /// Within a selector's five minutes, so that each evaluation finds a sample.
    private static final long STEP = 120 * SECOND;

    private static final int STEPS_MAX = 100;
    private static final long PATIENCE_NANOS = 120 * SECOND;

    /// Of those of config/prometheus-rules.yml.
    private static final Set<String> ALERTS =
            Set.of(
                    "ClickHouseDown",
                    "FirnAlertsNotTold",
                    "FirnCertificateExpires",
                    "FirnClockSkew",
                    "FirnEngineLag",
                    "FirnEngineRestarts",
                    "FirnExporterQueueFull",
                    "FirnIngestionRefused",
                    "FirnLakeLag",
                    "FirnSeriesLimitNear",
                    "S3UploadsFailing");

    /// Told when nothing comes.
    private static final Set<String> SILENCE = Set.of("DataFreshnessIssue", "FirnDataPlaneSilent");

    /// By promtool on made-up samples alone (interop/prometheus, interop/rules), with what keeps
    /// them from here.
    private static final Map<String, String> NOT_HERE =
            Map.of(
                    "FirnDown", "who evaluates is up",
                    "S3UploaderDown", "who evaluates is up",
                    "Watchdog", "it always fires",
                    "FirnSinkStopped", "a log and a store that contradict each other",
                    "FirnDiskFullSoon", "a file system of its own, for hours",
                    "FirnBufferFullSoon", "hours of a log that grows",
                    "HighBufferUsage", "hours of a log that grows",
                    "FirnRollupLag", "rollups that are held back",
                    "FirnSmallFilesGrow", "2,000 files",
                    "SlowQueries", "queries of ten seconds for ten minutes");

    private static final String QUARANTINE = "FirnQuarantine"; // QuarantineRetryTest

    /// Of `/health`.
    private static final Set<String> CHECKS =
            Set.of(
                    "refused_points",
                    "series_limit",
                    "clocks",
                    "lake_lag",
                    "upload_errors",
                    "engine",
                    "engine_lag",
                    "certificate exporters.prometheus.tls.cert_file");

    /// So long ago, and further on with each step: time that was slept through.
    private static final class Moved implements Clock {
        private volatile long by;
        private static final long AGO = 12 * 3_600 * SECOND;

        @Override
        public long nanos() {
            return Clock.system().nanos() - AGO + by;
        }

        @Override
        public long ticks() {
            return System.nanoTime() + by;
        }
    }

    @TempDir private Path folder;
    private final Moved clock = new Moved();

    private static void await(String what, BooleanSupplier condition) {
        Served.patiently(PATIENCE_NANOS, condition);
        assertThat(condition.getAsBoolean()).as(what).isTrue();
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static HttpServer taking(int port) throws IOException {
        var server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        server.createContext(
                "/",
                exchange -> {
                    exchange.getRequestBody().readAllBytes();
                    exchange.sendResponseHeaders(200, -1);
                    exchange.close();
                });
        server.start();
        return server;
    }

    private String config(int told, int exported) {
        return """
        exporters:
          firn:
          prometheus: {endpoint: "127.0.0.1:0", tls: {cert_file: %1$s/week.crt, key_file: %1$s/week.key}}
          otlphttp: {endpoint: "http://127.0.0.1:%3$d", compression: none, sending_queue: {queue_size: 5, num_consumers: 1}, retry_on_failure: {initial_interval: 1s, max_interval: 1s, max_elapsed_time: 0s}}
        service: {telemetry: {metrics: {level: none}}, pipelines: {metrics: {receivers: [otlp], exporters: [firn, prometheus, otlphttp]}}}
        engine: {endpoint: "127.0.0.1:0", library: "%4$s"}
        limits: {series_max: 1000, series_idle: 10m}
        alerting: {health_for: 1s, group_wait: 1s, group_interval: 1m, webhooks: [{url: "http://127.0.0.1:%2$d/"}]}
        rules: {interval: 1m}
        slo: {enabled: false}
        quality: {enabled: false}
        anomaly: {enabled: false}
        forecast: {enabled: false}
        cost: {enabled: false}
        """
                .formatted(folder, told, exported, EngineLibrary.find());
    }

    private static Set<String> firing(Served firn) {
        var firing = new TreeSet<String>();
        for (JsonNode alert : firn.json("/api/v1/alerts").at("/data/alerts")) {
            if (alert.get("state").asString().equals("firing")) {
                firing.add(alert.at("/labels/alertname").asString());
            }
        }
        return firing;
    }

    private static Map<String, String> states(Served firn) {
        var states = new TreeMap<String, String>();
        for (JsonNode check : firn.health().get("checks")) {
            states.put(check.get("id").asString(), check.get("state").asString());
        }
        return states;
    }

    private static Set<String> bad(Served firn) {
        var bad = states(firn);
        bad.values().removeIf(state -> Set.of("ok", "waiting").contains(state));
        return bad.keySet();
    }

    /// Time passes, and the rules have seen it.
    private void step(Served firn) {
        clock.by += STEP;
        firn.health(); // looks, as it would have meanwhile
        long slot = clock.nanos() / (60 * SECOND) * 60;
        await(
                "an evaluation",
                () -> {
                    for (JsonNode group : firn.json("/api/v1/rules").at("/data/groups")) {
                        String at = group.get("lastEvaluation").asString();
                        if (java.time.Instant.parse(at).getEpochSecond() < slot) {
                            return false;
                        }
                    }
                    return true;
                });
    }

    private void send(Served firn, int series, long aheadSeconds) {
        long at = clock.nanos() + aheadSeconds * SECOND;
        var bodies = new OtlpBodies(OtlpBodies.Mix.GAUGE, series, 100, 0, 1, at, SECOND);
        for (int i = 0; i < series / 100; i++) {
            firn.send(bodies.body(i));
        }
    }

    private static Path points(Path data) throws IOException {
        try (var paths = Files.walk(data.resolve("lake"))) {
            return paths.filter(path -> path.endsWith("points/data")).findFirst().orElseThrow();
        }
    }

    /// Children of this process that hold the data: the engine.
    private static void killEngine(Path data) {
        ProcessHandle.current()
                .children()
                .filter(child -> isOf(child, data))
                .forEach(ProcessHandle::destroyForcibly);
    }

    private static boolean isOf(ProcessHandle child, Path data) {
        try (var files = Files.list(Path.of("/proc/" + child.pid() + "/fd"))) {
            return files.anyMatch(file -> {
                try {
                    return Files.readSymbolicLink(file).startsWith(data);
                } catch (IOException e) {
                    return false;
                }
            });
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void eachShippedAlertHasItsCase() throws IOException {
        var shipped = new TreeSet<String>();
        for (String line : Files.readAllLines(Path.of("../config/prometheus-rules.yml"))) {
            if (line.strip().startsWith("- alert: ")) {
                shipped.add(line.strip().substring(9));
            }
        }
        var known = new TreeSet<String>(ALERTS);
        known.addAll(SILENCE);
        known.addAll(NOT_HERE.keySet());
        known.add(QUARANTINE);
        assertThat(known).isEqualTo(shipped);
    }

    @Test
    void faultsAreToldAndWhenTheyAreMendedNothingIs() throws Exception {
        TestCertificates.shared().write(folder, "week");
        int told = freePort();
        int exported = freePort();
        Path data = folder.resolve("data");
        try (var firn = new Served(data, config(told, exported), clock)) {
            send(firn, 100, 0);
            Served.await(() -> Files.isDirectory(data.resolve("lake")) && hasPoints(data));
            silence(firn);
            broken(firn, data);
            try (var _ = closing(taking(told));
                    var _ = closing(taking(exported))) {
                mended(firn);
            }
        }
    }

    private static AutoCloseable closing(HttpServer server) {
        return () -> server.stop(0);
    }

    private static boolean hasPoints(Path data) {
        try {
            return Files.isDirectory(points(data));
        } catch (IOException | java.util.NoSuchElementException e) {
            return false;
        }
    }

    private void silence(Served firn) {
        var before = states(firn);
        String plane =
                before.keySet().stream()
                        .filter(id -> id.startsWith("freshness "))
                        .findFirst()
                        .orElseThrow();
        assertThat(before.get(plane)).isEqualTo("ok");
        assertThat(firing(firn)).doesNotContainAnyElementsOf(SILENCE);
        for (int i = 0; i < 36; i++) {
            step(firn);
        }
        assertThat(states(firn)).containsEntry(plane, "critical");
        assertThat(firing(firn)).containsAll(SILENCE);
        send(firn, 100, 0);
        Served.await(() -> states(firn).get(plane).equals("ok"));
        await(
                "points that are new",
                () -> {
                    send(firn, 100, 0);
                    step(firn);
                    return java.util.Collections.disjoint(firing(firn), SILENCE);
                });
    }

    private void broken(Served firn, Path data) throws Exception {
        Path points = points(data);
        Path aside = points.resolveSibling("aside");
        Files.move(points, aside);
        Files.writeString(points, "no folder");
        var killing = new AtomicBoolean(true);
        Thread killer =
                Thread.ofPlatform()
                        .start(() -> {
                            while (killing.get()) {
                                killEngine(data);
                                Served.pause(50);
                            }
                        });
        try {
            // Not all at once: what is tried again and again waits ever longer in between.
            var alerts = new TreeSet<String>();
            var checks = new TreeSet<String>();
            for (int i = 0; i < STEPS_MAX; i++) {
                send(firn, 900, 0);
                send(firn, 100, 1_800); // a clock that is wrong
                send(firn, 200, 30 * 86_400); // and one that is refused
                step(firn);
                alerts.addAll(firing(firn));
                checks.addAll(bad(firn));
                if (alerts.containsAll(ALERTS) && checks.containsAll(CHECKS)) {
                    break;
                }
            }
            assertThat(alerts).containsAll(ALERTS);
            assertThat(checks).containsAll(CHECKS);
            assertThat(Served.command("health", "--url", firn.running.url()).exit()).isEqualTo(2);
        } finally {
            killing.set(false);
            killer.join();
            Files.delete(points);
            Files.move(aside, points, StandardCopyOption.ATOMIC_MOVE);
        }
        Files.writeString(
                folder.resolve("week.crt"), TestCertificates.shared().certificate("server"));
    }

    private void mended(Served firn) {
        var alerts = firing(firn);
        for (int i = 0; i < STEPS_MAX && !alerts.equals(Set.of("Watchdog")); i++) {
            send(firn, 600, 0); // of all planes
            step(firn);
            alerts = firing(firn);
        }
        assertThat(alerts).as("the alert that always is, and no other").containsOnly("Watchdog");
        send(firn, 600, 0);
        await("nothing is bad", () -> bad(firn).isEmpty());
        assertThat(Served.command("health", "--url", firn.running.url()).exit()).isZero();
    }
}
