package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.firn.base.security.TestCertificates;
import dev.firn.engine.child.EngineLibrary;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Faults of a Firn that is served, as its health and the shipped rules tell of them, and how both
/// fall silent when the faults are mended. Hours pass by a clock that is moved on.
class FaultsServedTest {

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
                    "FirnRollupLag",
                    "FirnSeriesLimitNear",
                    "S3UploadsFailing");

    /// Told when nothing comes.
    private static final Set<String> SILENCE = Set.of("DataFreshnessIssue", "FirnDataPlaneSilent");

    /// Of ShortagesServedTest.
    static final Set<String> SHORTAGES =
            Set.of(
                    "HighBufferUsage",
                    "FirnBufferFullSoon",
                    "FirnDiskFullSoon",
                    "FirnSmallFilesGrow",
                    "SlowQueries");

    /// Of OldLogServedTest.
    private static final String OLD_LOG = "FirnSinkStopped";

    private static final String QUARANTINE = "FirnQuarantine"; // QuarantineRetryTest

    /// By a real Prometheus in interop/rules: who evaluates here is up, and the third always fires.
    private static final Set<String> OUTSIDE = Set.of("FirnDown", "S3UploaderDown", "Watchdog");

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
                    "rollup_lag",
                    "certificate exporters.prometheus.tls.cert_file");

    /// Of ShortagesServedTest, OldLogServedTest and QuarantineRetryTest; and what only tells.
    private static final Set<String> CHECKS_ELSEWHERE =
            Set.of(
                    "disk",
                    "wal_buffer",
                    "slow_queries",
                    "log",
                    "receivers",
                    "lake_uploader",
                    "engine_sink",
                    "quarantine",
                    "uploads");

    @TempDir private Path folder;
    private final Watched.Moved clock = new Watched.Moved();

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
        """
                        .formatted(folder, told, exported, EngineLibrary.find())
                + Watched.QUIETLY;
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
        known.addAll(SHORTAGES);
        known.addAll(OUTSIDE);
        known.add(OLD_LOG);
        known.add(QUARANTINE);
        assertThat(known).isEqualTo(shipped);
    }

    @Test
    void faultsAreToldAndWhenTheyAreMendedNothingIs() throws Exception {
        TestCertificates.shared().write(folder, "week");
        int told = freePort();
        int exported = freePort();
        Path data = folder.resolve("data");
        try (var firn = new Watched(data, config(told, exported), clock)) {
            firn.send(100, 0);
            Watched.points(data);
            var untried = new TreeSet<String>(firn.states().keySet());
            untried.removeIf(id -> id.startsWith("freshness "));
            untried.removeAll(CHECKS);
            untried.removeAll(CHECKS_ELSEWHERE);
            assertThat(untried).as("checks without a case").isEmpty();
            silence(firn);
            broken(firn, data);
            try (var _ = closing(taking(told));
                    var _ = closing(taking(exported))) {
                firn.assertMended(() -> firn.send(600, 0)); // of all planes
            }
        }
    }

    private static AutoCloseable closing(HttpServer server) {
        return () -> server.stop(0);
    }

    private void silence(Watched firn) {
        var before = firn.states();
        String plane =
                before.keySet().stream()
                        .filter(id -> id.startsWith("freshness "))
                        .findFirst()
                        .orElseThrow();
        assertThat(before.get(plane)).isEqualTo("ok");
        assertThat(firn.firing()).doesNotContainAnyElementsOf(SILENCE);
        for (int i = 0; i < 36; i++) {
            firn.step();
        }
        assertThat(firn.states()).containsEntry(plane, "critical");
        assertThat(firn.firing()).containsAll(SILENCE);
        firn.send(100, 0);
        Served.await(() -> firn.states().get(plane).equals("ok"));
        Watched.await(
                "points that are new",
                () -> {
                    firn.send(100, 0);
                    firn.step();
                    return java.util.Collections.disjoint(firn.firing(), SILENCE);
                });
    }

    private void broken(Watched firn, Path data) throws Exception {
        Path points = Watched.points(data);
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
            firn.assertTold(
                    ALERTS,
                    CHECKS,
                    () -> {
                        firn.send(900, 0);
                        firn.send(100, 1_800); // a clock that is wrong
                        firn.send(200, 30 * 86_400); // and one that is refused
                    });
            assertThat(firn.exitOfHealth()).isEqualTo(2);
        } finally {
            killing.set(false);
            killer.join();
            Files.delete(points);
            Files.move(aside, points, StandardCopyOption.ATOMIC_MOVE);
        }
        Files.writeString(
                folder.resolve("week.crt"), TestCertificates.shared().certificate("server"));
    }
}
