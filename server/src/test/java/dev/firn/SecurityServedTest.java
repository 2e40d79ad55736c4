package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.engine.child.EngineLibrary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A whole Firn with users: its web server and its engine know the same ones.
class SecurityServedTest {
    private static final String TOKEN = "Bearer 0123456789abcdef0123456789abcdef";
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @TempDir private static Path folder;
    private static Served served;

    @BeforeAll
    static void start() throws Exception {
        Path passwords =
                Files.writeString(folder.resolve("htpasswd"), "anna:secret\notto:hidden\n");
        Path token = Files.writeString(folder.resolve("token"), TOKEN.substring(7) + "\n");
        served =
                new Served(
                        folder.resolve("data"),
                        """
                        engine: {endpoint: "127.0.0.1:0", library: "%s", queries_per_user: 2}
                        web:
                          endpoint: 127.0.0.1:0
                          remote_write: true
                          htpasswd_file: %s
                          users:
                            - {name: anna, role: read}
                            - {name: otto, role: admin}
                            - {name: sender, role: ingest, token_file: %s}
                        """
                                .formatted(EngineLibrary.find(), passwords, token));
    }

    @AfterAll
    static void stop() throws Exception {
        served.close();
    }

    private static String basic(String pair) {
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes());
    }

    private static HttpResponse<String> post(
            String url, String body, String header, String value, String... more) throws Exception {
        var request =
                HttpRequest.newBuilder(URI.create(url))
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .header(header, value);
        if (more.length > 0) {
            request.headers(more);
        }
        return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> get(String path, String authorization) throws Exception {
        return CLIENT.send(
                HttpRequest.newBuilder(URI.create(served.running.url() + path))
                        .header("Authorization", authorization)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static String engine() throws Exception {
        return Served.parse(get("/api/firn/v1/info", basic("anna:secret")).body())
                .path("engine_url")
                .asString("");
    }

    @Test
    void aReaderAsksByTheWebServer() throws Exception {
        String sql = served.running.url() + "/api/firn/v1/sql";
        assertThat(served.post("/api/firn/v1/sql", "SELECT 1").statusCode()).isEqualTo(401);
        var answer = post(sql, "SELECT 40 + 2 AS n", "Authorization", basic("anna:secret"));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("n\n42\n");
        assertThat(post(sql, "SELECT 1", "Authorization", TOKEN).statusCode()).isEqualTo(403);
        assertThat(served.get("/ready").statusCode()).isIn(200, 503);
        assertThat(served.get("/health").statusCode()).isEqualTo(401);
    }

    @Test
    void theEngineKnowsTheSameUsers() throws Exception {
        String engine = engine() + "/?";
        String one = "SELECT 40 + 2";
        var nobody = post(engine, one, "X-Firn-Source", "test");
        assertThat(nobody.body()).contains("AUTHENTICATION_FAILED", "without saying who it is");
        assertThat(post(engine, one, "Authorization", basic("anna:secret")).body())
                .isEqualTo("42\n");
        assertThat(
                        post(engine, one, "X-ClickHouse-User", "anna", "X-ClickHouse-Key", "secret")
                                .body())
                .isEqualTo("42\n");
        assertThat(post(engine + "user=anna&password=secret", one, "X-Firn-Source", "test").body())
                .isEqualTo("42\n");
        assertThat(post(engine, one, "Authorization", basic("anna:wrong")).body())
                .contains("AUTHENTICATION_FAILED");
        assertThat(post(engine, one, "Authorization", TOKEN).body())
                .contains("AUTHENTICATION_FAILED", "may send points, not read");
        assertThat(
                        post(
                                        engine,
                                        "TRUNCATE TABLE otel_metrics.samples",
                                        "Authorization",
                                        basic("anna:secret"))
                                .statusCode())
                .isGreaterThanOrEqualTo(400);
    }

    /// Until there is a place.
    private static String patiently(String engine, String statement) throws Exception {
        String answer;
        do {
            answer = post(engine, statement, "Authorization", basic("anna:secret")).body();
        } while (answer.contains("(engine.queries_per_user)"));
        return answer;
    }

    @Test
    void aUserHasSoManyQueriesAtOnce() throws Exception {
        String engine = engine() + "/?";
        String slow = "SELECT sleep(3)";
        try (var askers = Executors.newVirtualThreadPerTaskExecutor()) {
            var held = new ArrayList<Future<String>>();
            for (int i = 0; i < 2; i++) {
                held.add(askers.submit(() -> patiently(engine, slow)));
            }
            String answer = "";
            while (!answer.contains("(engine.queries_per_user)")) {
                assertThat(held).as("queries that run").anyMatch(one -> !one.isDone());
                answer = post(engine, "SELECT 1", "Authorization", basic("anna:secret")).body();
            }
            assertThat(post(engine, "SELECT 1", "Authorization", basic("otto:hidden")).body())
                    .isEqualTo("1\n");
            for (Future<String> one : held) {
                assertThat(one.get()).isEqualTo("0\n");
            }
        }
    }

    @Test
    void theAdministratorsActsAreInTheLog() throws Exception {
        String silence =
                "/api/firn/v1/alerts/silence?matchers=rule%3D%22x%22&minutes=1&comment=test";
        assertThat(
                        post(
                                        served.running.url() + silence,
                                        "",
                                        "Authorization",
                                        basic("anna:secret"))
                                .statusCode())
                .isEqualTo(403);
        post(served.running.url() + silence, "", "Authorization", basic("otto:hidden"));
        awaitInLog("\"user\":\"otto\"", "POST /api/firn/v1/alerts/silence?matchers=");
        assertThat(get("/api/firn/v1/audit", basic("otto:hidden")).body())
                .contains("\"user\":\"otto\"", "POST /api/firn/v1/alerts/silence?matchers=");
    }

    /// An entry is written after the answer.
    private static void awaitInLog(String... parts) {
        Served.await(() ->
                log().lines()
                        .anyMatch(line -> Stream.of(parts).allMatch(part -> line.contains(part))));
    }

    private static String log() {
        try {
            return Files.readString(served.data.resolve("state/audit.jsonl"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void theSecretsAreNowhere() throws Exception {
        String info = get("/api/firn/v1/info", basic("otto:hidden")).body();
        String metrics = get("/metrics", basic("otto:hidden")).body();
        assertThat(info + metrics + log()).doesNotContain("hidden", "secret\"", TOKEN.substring(7));
        long children = 0;
        for (ProcessHandle child : ProcessHandle.current().children().toList()) {
            Path process = Path.of("/proc/" + child.pid());
            if (Files.isDirectory(process)) {
                assertThat(Files.readString(process.resolve("cmdline")))
                        .doesNotContain("hidden", "secret", TOKEN.substring(7));
                assertThat(Files.readString(process.resolve("environ")))
                        .doesNotContain("hidden", TOKEN.substring(7));
                children++;
            }
        }
        assertThat(children).as("the engine, at least").isPositive();
    }

    /// Where they do not belong, either.
    @Test
    void secretsOfAQuestionAreNotInTheLog() throws Exception {
        String act =
                "/api/firn/v1/alerts/silence?matchers=rule%3D%22masked%22&minutes=1&comment=test"
                        + "&password=hidden&token="
                        + TOKEN.substring(7);
        post(served.running.url() + act, "", "Authorization", basic("otto:hidden"));
        awaitInLog("\"user\":\"otto\"", "matchers=rule%3D%22masked%22");
        assertThat(log() + get("/api/firn/v1/audit", basic("otto:hidden")).body())
                .doesNotContain("hidden", TOKEN.substring(7));
    }
}
