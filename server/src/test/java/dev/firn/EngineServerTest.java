package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.firn.base.Clock;
import dev.firn.base.InputException;
import dev.firn.base.OwnMetrics;
import dev.firn.base.security.TestCertificates;
import dev.firn.base.security.Tls;
import dev.firn.engine.child.EngineConfig;
import dev.firn.engine.child.EngineLibrary;
import dev.firn.engine.child.EngineProcess;
import dev.firn.engine.child.QueryLimits;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `engine.url`: the engine of another Firn in place of a child.
class EngineServerTest {
    private static final String SECRET = "0123456789abcdef0123456789abcdef";

    @TempDir Path folder;

    private EngineProcess peer(int port) {
        return EngineProcess.start(
                new EngineConfig(
                        EngineLibrary.find(),
                        folder.resolve("peer"),
                        "127.0.0.1",
                        port,
                        SECRET,
                        2L << 30,
                        "otel_metrics",
                        QueryLimits.within(1L << 30)),
                new OwnMetrics());
    }

    private Served firn(String url) {
        return new Served(
                folder.resolve("data"),
                "engine: {url: \"%s\", user: firn, password: %s}".formatted(url, SECRET));
    }

    private static String ask(EngineProcess peer, String sql) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create(peer.url() + "/"))
                                    .POST(HttpRequest.BodyPublishers.ofString(sql))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body()
                    .strip();
        }
    }

    private static String verified(Served firn) {
        return firn.json("/api/firn/v1/lake/verify").get("summary").asString();
    }

    @Test
    void pointsAndViewsAreOnTheServerAndEqualTheLake() throws Exception {
        try (EngineProcess peer = peer(0)) {
            try (Served firn = firn(peer.url())) {
                assertThat(firn.running.listening())
                        .anyMatch(line -> line.startsWith("engine    " + peer.url()));
                firn.sendAll(0, 20);
                firn.assertLakeRows(20 * Served.POINTS);
                assertThat(verified(firn)).startsWith("equal");
                assertThat(ask(peer, "SELECT count() FROM samples")).isEqualTo("2000");
                assertThat(ask(peer, "SELECT count() FROM metrics_local_v2")).isEqualTo("2000");
                assertThat(ask(peer, "SELECT sum(count) FROM rollup_5m_now")).isEqualTo("2000");
                Served.await(() -> firn.sql("SELECT count() FROM lake_points").equals("2000"));
                assertThat(firn.json("/api/firn/v1/info").get("engine_url").asString())
                        .isEqualTo(peer.url());
            }
            try (Served again = firn(peer.url())) {
                again.sendAll(20, 25);
                again.assertLakeRows(25 * Served.POINTS);
                assertThat(verified(again)).startsWith("equal");
            }
            assertThat(ask(peer, "SELECT count(), uniqExact(series_id, time) FROM samples"))
                    .isEqualTo("2500\t2500");
        }
    }

    @Test
    void aServerThatIsAwayAtStartGetsEverythingLater() throws Exception {
        int port;
        try (var free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        try (Served firn = firn("http://127.0.0.1:" + port)) {
            firn.sendAll(0, 10);
            assertThat(firn.get("/ready").statusCode()).isEqualTo(503);
            assertThat(firn.get("/health").body()).contains("does not answer");
            try (EngineProcess peer = peer(port)) {
                Served.await(() -> firn.get("/ready").statusCode() == 200);
                firn.assertLakeRows(10 * Served.POINTS);
                assertThat(verified(firn)).startsWith("equal");
                assertThat(ask(peer, "SELECT count() FROM samples")).isEqualTo("1000");
            }
        }
    }

    @Test
    void aServerThatDiesUnderInsertsHasEachPointOnce() throws Exception {
        try (EngineProcess peer = peer(0);
                Served firn = firn(peer.url())) {
            for (int round = 0; round < 5; round++) {
                firn.sendAll(round * 10, round * 10 + 10);
                ProcessHandle.of(peer.pid()).ifPresent(ProcessHandle::destroyForcibly);
            }
            firn.assertLakeRows(50 * Served.POINTS);
            assertThat(verified(firn)).startsWith("equal");
            assertThat(ask(peer, "SELECT count(), uniqExact(series_id, time) FROM samples"))
                    .isEqualTo("5000\t5000");
        }
    }

    /// A server behind TLS that takes the client's certificate for its password, as ClickHouse
    /// does.
    @Test
    void aCertificateStandsForThePassword() throws Exception {
        TestCertificates certificates = TestCertificates.shared();
        certificates.write(folder, "ca");
        certificates.write(folder, "client");
        try (EngineProcess peer = peer(0);
                HttpClient onward = HttpClient.newHttpClient()) {
            HttpsServer front = front(certificates, peer, onward);
            try (Served firn =
                    new Served(
                            folder.resolve("data"),
                            "engine: {url: \"https://localhost:%d\", user: firn, tls: {ca_file: \"%s\", cert_file: \"%s\", key_file: \"%s\"}}"
                                    .formatted(
                                            front.getAddress().getPort(),
                                            folder.resolve("ca.crt"),
                                            folder.resolve("client.crt"),
                                            folder.resolve("client.key")))) {
                firn.sendAll(0, 5);
                firn.assertLakeRows(5 * Served.POINTS);
                assertThat(verified(firn)).startsWith("equal");
                assertThat(ask(peer, "SELECT count() FROM samples")).isEqualTo("500");
            } finally {
                front.stop(0);
            }
        }
    }

    private static HttpsServer front(
            TestCertificates certificates, EngineProcess peer, HttpClient onward)
            throws IOException {
        Tls tls = Tls.server(certificates.settings("server", "ca"), Clock.system());
        var front = HttpsServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        front.setHttpsConfigurator(
                new HttpsConfigurator(tls.context()) {
                    @Override
                    public void configure(HttpsParameters parameters) {
                        parameters.setSSLParameters(tls.parameters());
                    }
                });
        front.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        front.createContext("/", exchange -> forward(exchange, peer, onward));
        front.start();
        return front;
    }

    private static void forward(HttpExchange exchange, EngineProcess peer, HttpClient onward)
            throws IOException {
        var headers = exchange.getRequestHeaders();
        boolean shown = "on".equals(headers.getFirst("X-ClickHouse-SSL-Certificate-Auth"));
        var request =
                HttpRequest.newBuilder(URI.create(peer.url() + exchange.getRequestURI()))
                        .method(
                                exchange.getRequestMethod(),
                                HttpRequest.BodyPublishers.ofByteArray(
                                        exchange.getRequestBody().readAllBytes()));
        if (shown && headers.getFirst("X-ClickHouse-Key") == null) {
            request.header("X-ClickHouse-User", headers.getFirst("X-ClickHouse-User"));
            request.header("X-ClickHouse-Key", SECRET);
        }
        try {
            var answer = onward.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            answer.headers()
                    .firstValue("X-ClickHouse-Exception-Code")
                    .ifPresent(code ->
                            exchange.getResponseHeaders().set("X-ClickHouse-Exception-Code", code));
            exchange.sendResponseHeaders(
                    answer.statusCode(), answer.body().length == 0 ? -1 : answer.body().length);
            exchange.getResponseBody().write(answer.body());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            exchange.close();
        }
    }

    @Test
    void anOlderServerIsRefusedWithItsVersion() throws IOException {
        HttpServer old = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        old.createContext(
                "/",
                exchange -> {
                    byte[] body = "25.8.2.29\n".getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(200, body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                });
        old.start();
        try {
            assertThatThrownBy(() -> firn("http://127.0.0.1:" + old.getAddress().getPort()))
                    .isInstanceOf(InputException.class)
                    .hasMessageStartingWith(
                            "cannot use the server at engine.url: it is ClickHouse 25.8.2.29, the"
                                    + " oldest supported is 26.7; update it");
        } finally {
            old.stop(0);
        }
    }
}
