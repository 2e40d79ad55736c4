package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.ops.load.Body;
import dev.firn.ops.load.Lane;
import dev.firn.ops.load.LedgerSink;
import dev.firn.ops.load.LoadOptions;
import dev.firn.ops.load.Plane;
import dev.firn.ops.load.Shop;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A whole Firn with points of two environments, and a user who sees one of them.
class HeldServedTest {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final String ANNA = "anna:secret";
    private static final String OTTO = "otto:hidden";

    @TempDir private static Path folder;
    private static Served served;
    private static long now;

    @BeforeAll
    static void start() throws Exception {
        Path passwords = Files.writeString(folder.resolve("htpasswd"), ANNA + "\n" + OTTO + "\n");
        served =
                new Served(
                        folder.resolve("data"),
                        """
                        web:
                          endpoint: 127.0.0.1:0
                          htpasswd_file: %s
                          users:
                            - {name: anna, role: read, environments: [prod]}
                            - {name: otto, role: admin}
                        """
                                .formatted(passwords));
        now = Clock.system().nanos() / LoadOptions.SECOND;
        LoadOptions options =
                LoadOptions.history(3, (now - 1_800) * LoadOptions.SECOND, now * LoadOptions.SECOND)
                        .withPlanes(Plane.parse("prod,dev"))
                        .withRate(20)
                        .withSteps(60 * LoadOptions.SECOND, 60 * LoadOptions.SECOND)
                        .withBodies(200, 1);
        for (Lane lane : new Shop(options).lanes(LedgerSink.none())) {
            while (!lane.ended()) {
                Body body = lane.next();
                assertThat(served.send(body.bytes()).statusCode()).isEqualTo(200);
            }
        }
        Served.await(() -> otto("/api/firn/v1/wal").get("openPoints").asLong() == 0);
        long newest = otto("/api/firn/v1/info").get("newest_cut").asLong();
        Served.await(() -> otto("/api/firn/v1/info").get("engine_cut").asLong() >= newest);
    }

    @AfterAll
    static void stop() throws Exception {
        served.close();
    }

    private static HttpRequest.Builder request(String path, String pair) {
        return HttpRequest.newBuilder(URI.create(served.running.url() + path))
                .header(
                        "Authorization",
                        "Basic " + Base64.getEncoder().encodeToString(pair.getBytes()));
    }

    private static HttpResponse<String> get(String path, String pair) {
        try {
            return CLIENT.send(request(path, pair).build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static tools.jackson.databind.JsonNode otto(String path) {
        return Served.parse(get(path, OTTO).body());
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /// `NOW` stands for the time, `{…}` for what is encoded.
    private static String path(String template) {
        return template.replace("NOW", Long.toString(now))
                .replace("AGO", Long.toString(now - 1_800));
    }

    /// What comes for her is of her environment; for others there is more.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/firn/v1/planes",
                "/api/firn/v1/requests?from=AGO&to=NOW&by=environment",
                "/api/firn/v1/requests?from=AGO&to=NOW&by=environment&over=time",
                "/api/v1/query?time=NOW&query=count+by+(environment)(%7B__name__!%3D%22%22%7D)",
                "/api/v1/query_range?start=AGO&end=NOW&step=60&query=sum+by+(environment)(rate(http_server_request_duration_seconds_count%5B5m%5D))",
                "/api/v1/query_exemplars?start=AGO&end=NOW&query=http_server_request_duration_seconds_bucket",
                "/api/v1/series?match%5B%5D=http_server_request_duration_seconds_count",
                "/api/v1/label/environment/values"
            })
    void theOthersRowsAreNotThere(String template) {
        String hers = get(path(template), ANNA).body();
        assertThat(hers).contains("prod").doesNotContain("\"dev\"", "dev-1", "=dev");
        assertThat(get(path(template), OTTO).body()).contains("prod").contains("dev");
    }

    @ParameterizedTest
    @ValueSource(strings = {"latencies", "exemplars"})
    void whatNamesNoEnvironmentIsOfHers(String route) {
        String path = path("/api/firn/v1/" + route + "?from=AGO&to=NOW");
        String rows = route.equals("latencies") ? "rows" : "exemplars";
        var hers = Served.parse(get(path, ANNA).body()).get(rows);
        assertThat(hers).isNotEmpty();
        assertThat(hers).isEqualTo(otto(path + "&environment=prod").get(rows));
        assertThat(Served.parse(get(path + "&environment=dev", ANNA).body()).get(rows)).isEmpty();
        assertThat(otto(path + "&environment=dev").get(rows)).isNotEmpty();
    }

    /// Whatever she writes, a question sees what the same one held to her environment sees.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "sum(rate(http_server_request_duration_seconds_count{ENV}[10m]))",
                "histogram_quantile(0.9, sum by (le) (rate(http_server_request_duration_seconds_bucket{ENV}[10m])))",
                "count by (__name__) ({__name__=~\".+\", __name__!=\"target_info\", ENV})",
                "sum by (data_plane_id) (count_over_time(shop_http_requests_total{ENV}[20m]))",
                "quantile(0.5, process_memory_usage_bytes{ENV} @ NOW offset 1m)"
            })
    void herQuestionsAreOfHerEnvironment(String template) {
        var hers = result(template.replace("ENV", ""), ANNA);
        assertThat(hers).isNotEmpty();
        assertThat(hers).isEqualTo(result(template.replace("ENV", "environment=\"prod\""), OTTO));
        assertThat(hers).isNotEqualTo(result(template.replace("ENV", ""), OTTO));
        String others = template.replace("ENV", "environment=\"dev\"");
        assertThat(result(others, ANNA)).isEmpty();
        assertThat(result(others, OTTO)).isNotEmpty();
    }

    private static tools.jackson.databind.JsonNode result(String query, String pair) {
        var answer =
                get("/api/v1/query?time=" + now + "&query=" + encoded(path(query)), pair).body();
        assertThat(answer).contains("\"success\"");
        return Served.parse(answer).at("/data/result");
    }

    @Test
    void targetsAndCountsAreHers() {
        String status = "/api/v1/status/tsdb";
        long hers = Served.parse(get(status, ANNA).body()).at("/data/headStats/numSeries").asLong();
        assertThat(hers)
                .isPositive()
                .isLessThan(otto(status).at("/data/headStats/numSeries").asLong());
        assertThat(result("count by (environment) (target_info)", ANNA)).hasSize(1);
        assertThat(result("count(target_info)", ANNA))
                .isNotEqualTo(result("count(target_info)", OTTO));
    }

    @Test
    void theLiveStreamIsOfHerPlanes() throws Exception {
        for (String pair : List.of(ANNA, OTTO)) {
            var answer =
                    CLIENT.send(
                            request("/api/firn/v1/live", pair).build(),
                            HttpResponse.BodyHandlers.ofInputStream());
            try (var lines =
                    new BufferedReader(
                            new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
                String line = lines.readLine();
                while (!line.startsWith("data:")) {
                    line = lines.readLine();
                }
                var event = Served.parse(line.substring(5));
                assertThat(line.contains("\"dev\"")).isEqualTo(pair.equals(OTTO));
                assertThat(event.get("planes").size()).isEqualTo(pair.equals(OTTO) ? 2 : 1);
                assertThat(event.get("figures").isEmpty()).isEqualTo(pair.equals(ANNA));
            }
        }
    }

    @Test
    void whatTellsOfAllIsClosedToHer() throws Exception {
        for (String path :
                List.of(
                        "/metrics",
                        "/health",
                        "/api/firn/v1/slo",
                        "/api/firn/v1/anomalies",
                        "/api/firn/v1/cost",
                        "/api/firn/v1/lake",
                        "/api/firn/v1/info",
                        "/api/v1/rules")) {
            var answer = get(path, ANNA);
            assertThat(answer.statusCode()).as(path).isEqualTo(403);
            assertThat(answer.body()).contains("sees prod only", "tells of all environments");
        }
        var sql =
                CLIENT.send(
                        request("/api/firn/v1/sql", ANNA)
                                .POST(HttpRequest.BodyPublishers.ofString("SELECT 1"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(sql.statusCode()).isEqualTo(403);
        String engine = otto("/api/firn/v1/info").path("engine_url").asString("");
        var direct =
                CLIENT.send(
                        HttpRequest.newBuilder(URI.create(engine + "/?query=SELECT+1"))
                                .header("X-ClickHouse-User", "anna")
                                .header("X-ClickHouse-Key", "secret")
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(direct.body()).contains("AUTHENTICATION_FAILED", "SQL cannot be held to them");
    }

    @Test
    void thePageHearsWhatSheSees() {
        var session = Served.parse(get("/api/firn/v1/session", ANNA).body());
        assertThat(session.get("environments").get(0).asString()).isEqualTo("prod");
        assertThat(otto("/api/firn/v1/session").has("environments")).isFalse();
    }
}
