package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// What the dashboard asks for, and its files.
class DashboardServedTest {
    private static final long HOUR = 1_790_000_000L / 3_600 * 3_600;
    private static final String NASTY = "'); DROP TABLE series; -- \\";

    @TempDir static Path folder;
    private static Served served;

    @BeforeAll
    static void start() throws Exception {
        served = new Served(folder.resolve("data"), "");
        assertThat(served.json("/api/firn/v1/planes").get("planes")).isEmpty();
        send(HOUR + 60, "prod", "shop", "200", 30, 10);
        send(HOUR + 60, "prod", "shop", "503", 5, 0);
        send(HOUR + 660, "prod", "shop", "200", 0, 15);
        send(HOUR + 660, "qa", NASTY, "200", 1, 0);
        Served.await(() -> served.sql("SELECT count() FROM histograms").equals("4"));
    }

    @AfterAll
    @Timeout(180)
    static void stop() throws Exception {
        try (Stream<String> listening = live()) {
            Iterator<String> lines = listening.iterator();
            lines.next();
            served.close();
            lines.forEachRemaining(line -> {}); // a stream that broke off throws
        }
    }

    /// Requests of a minute: so many within 0.1 s, so many within 1 s.
    private static void send(
            long time, String environment, String service, String status, int fast, int slow)
            throws Exception {
        String body =
                """
                {"resourceMetrics":[{"resource":{"attributes":[
                  {"key":"service.name","value":{"stringValue":"%s"}},
                  {"key":"data_plane_id","value":{"stringValue":"p1"}},
                  {"key":"deployment.environment.name","value":{"stringValue":"%s"}}]},
                 "scopeMetrics":[{"metrics":[{"name":"http.server.request.duration","unit":"s",
                  "histogram":{"aggregationTemporality":1,"dataPoints":[{
                   "startTimeUnixNano":"%d","timeUnixNano":"%d","count":"%d","sum":%s,
                   "bucketCounts":["%d","%d","0"],"explicitBounds":[0.1,1.0],
                   "exemplars":[{"timeUnixNano":"%d","asDouble":0.%d,
                    "traceId":"%032x","spanId":"00000000000000aa"}],
                   "attributes":[{"key":"http.route","value":{"stringValue":"/buy"}},
                    {"key":"http.response.status_code","value":{"intValue":"%s"}}]}]}}]}]}]}
                """
                        .formatted(
                                service.replace("\\", "\\\\"),
                                environment,
                                (time - 60) * 1_000_000_000,
                                time * 1_000_000_000,
                                fast + slow,
                                fast * 0.05 + slow * 0.5,
                                fast,
                                slow,
                                time * 1_000_000_000,
                                fast + slow,
                                time + fast,
                                status);
        HttpResponse<String> answer =
                HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(
                                                URI.create(
                                                        served.running.otlpHttpUrl()
                                                                + "/v1/metrics"))
                                        .header("Content-Type", "application/json")
                                        .POST(HttpRequest.BodyPublishers.ofString(body))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private static JsonNode requests(long seconds, String more) {
        return served.json(
                "/api/firn/v1/requests?from=%d&to=%d%s".formatted(HOUR, HOUR + seconds, more));
    }

    @Test
    void requestsAreCountedByLabel() {
        JsonNode answer = requests(7_200, "&by=environment,http_status_code");
        assertThat(answer.get("rows").toString())
                .startsWith("[[\"prod\",\"200\",55,0,14.0,")
                .contains("[\"prod\",\"503\",5,5,0.25,", "[\"qa\",\"200\",1,0,0.05,");
        assertThat(answer.get("resolution").asInt()).isEqualTo(300);
    }

    @Test
    void quantilesAreOfAllRequestsTogether() {
        JsonNode row = requests(3_600, "&environment=prod").get("rows").get(0);
        assertThat(row.get(1).asInt()).isEqualTo(60);
        assertThat(row.get(2).asInt()).isEqualTo(5);
        assertThat(row.get(4).asDouble()).isBetween(0.05, 0.1);
        assertThat(row.get(5).asDouble()).isBetween(0.5, 1.0);
    }

    @Test
    void theRangeDecidesTheResolution() {
        assertThat(requests(3_600, "").get("resolution").asInt()).isEqualTo(10);
        assertThat(requests(3 * 86_400, "").get("resolution").asInt()).isEqualTo(3_600);
        assertThat(requests(400 * 86_400, "").get("resolution").asInt()).isEqualTo(86_400);
        for (long seconds : new long[] {3_600, 7_200, 3 * 86_400, 400 * 86_400}) {
            assertThat(requests(seconds, "&environment=prod").get("rows").get(0).get(1).asInt())
                    .isEqualTo(60);
        }
    }

    @Test
    void windowsCarryTheirStart() {
        for (boolean fine : new boolean[] {false, true}) {
            JsonNode rows =
                    requests(fine ? 3_600 : 7_200, "&over=time&environment=prod").get("rows");
            assertThat(rows.size()).isEqualTo(2);
            assertThat(rows.get(0).get(0).asLong()).isEqualTo(HOUR + (fine ? 60 : 0));
            assertThat(rows.get(1).get(0).asLong()).isEqualTo(HOUR + (fine ? 660 : 600));
            assertThat(rows.get(1).get(2).asInt()).isEqualTo(15);
        }
    }

    @Test
    void storedWindowsAreEqualOnceTheyAreStored() {
        Served.await(() ->
                served.sql(
                                "SELECT sum(increase) FROM rollup_5m FINAL JOIN series"
                                        + " USING (metric_id, series_id) WHERE environment"
                                        + " = 'prod'")
                        .equals("60"));
        assertThat(requests(7_200, "&environment=prod&windows=stored").get("rows"))
                .isEqualTo(requests(7_200, "&environment=prod").get("rows"));
    }

    /// Forty within 0.1 s and twenty-five within 1 s, spread evenly over their buckets.
    @Test
    void latenciesAreSpreadOverTheirBuckets() {
        var expected = new TreeMap<Integer, Long>();
        for (int place = 0; place < 10; place++) {
            expected.merge(halfOctave(0.1 * (place + 0.5) / 10), spread(35, place), Long::sum);
            for (int slow : new int[] {10, 15}) {
                expected.merge(
                        halfOctave(0.1 + 0.9 * (place + 0.5) / 10), spread(slow, place), Long::sum);
            }
        }
        expected.values().removeIf(count -> count == 0);
        var found = new TreeMap<Integer, Long>();
        JsonNode answer =
                served.json(
                        "/api/firn/v1/latencies?from=%d&to=%d&environment=prod"
                                .formatted(HOUR, HOUR + 7_200));
        for (JsonNode row : answer.get("rows")) {
            assertThat(row.get(0).asLong()).isIn(HOUR, HOUR + 600);
            found.merge(row.get(1).asInt(), row.get(2).asLong(), Long::sum);
        }
        assertThat(found).isEqualTo(expected);
        assertThat(served.sql(answer.get("sql").asString()).lines())
                .hasSameSizeAs(answer.get("rows"));
    }

    private static int halfOctave(double seconds) {
        return (int) Math.floor(2 * Math.log(seconds) / Math.log(2));
    }

    private static long spread(int count, int place) {
        return count * (place + 1L) / 10 - (long) count * place / 10;
    }

    @Test
    @Timeout(180)
    void asOfAMomentAPointThatCameLaterIsNotThereYet() throws Exception {
        send(HOUR + 60, "slow", "shop", "200", 3, 0);
        Served.await(() -> slow(asOf(Instant.now())) == 3);
        Instant then = Instant.now();
        send(HOUR + 120, "slow", "shop", "200", 4, 0);
        Served.await(() -> slow(asOf(Instant.now())) == 7);
        assertThat(slow(asOf(then))).isEqualTo(3);
        assertThat(slow("")).isEqualTo(7);
        JsonNode before = requests(3_600, asOf(Instant.EPOCH));
        assertThat(before.get("rows")).isEmpty();
        assertThat(before.get("as_of").get("snapshot").isNull()).isTrue();
        JsonNode told = requests(3_600, asOf(then)).get("as_of");
        assertThat(told.get("committed").asLong()).isLessThanOrEqualTo(then.getEpochSecond());
        assertThat(
                        served.json("/api/firn/v1/planes?as_of=" + then)
                                .get("planes")
                                .valueStream()
                                .map(plane -> plane.get("environment").asString()))
                .contains("slow");
        assertThat(served.sql("SELECT count() FROM system.databases WHERE name LIKE '%_q_%'"))
                .isEqualTo("0");
    }

    private static long slow(String more) {
        JsonNode rows = requests(3_600, "&environment=slow" + more).get("rows");
        return rows.isEmpty() ? 0 : rows.get(0).get(1).asLong();
    }

    private static String asOf(Instant moment) {
        return "&as_of=" + moment;
    }

    @Test
    void asOfNowTheLakeAnswersAsTheEngine() {
        for (String environment : new String[] {"prod", "qa"}) {
            Served.await(() ->
                    requests(7_200, "&environment=" + environment + asOf(Instant.now()))
                                    .get("rows")
                                    .size()
                            == 1);
        }
        for (long seconds : new long[] {3_600, 7_200, 3 * 86_400, 400 * 86_400}) {
            for (String of :
                    new String[] {
                        "&environment=prod", "&by=service_name,http_status_code&environment=qa"
                    }) {
                String more = of + "&over=time";
                assertThat(requests(seconds, more + asOf(Instant.now())).get("rows"))
                        .isEqualTo(requests(seconds, more).get("rows"));
            }
        }
        String latencies =
                "/api/firn/v1/latencies?from=%d&to=%d&environment=prod"
                        .formatted(HOUR, HOUR + 7_200);
        assertThat(served.json(latencies + asOf(Instant.now())).get("rows"))
                .isEqualTo(served.json(latencies).get("rows"));
    }

    @Test
    void exemplarsLeadToTheSlowestRequests() {
        JsonNode answer =
                served.json(
                        "/api/firn/v1/exemplars?from=%d&to=%d&environment=prod"
                                .formatted(HOUR, HOUR + 3_600));
        JsonNode exemplars = answer.get("exemplars");
        assertThat(exemplars.valueStream().map(one -> one.get("seconds").asDouble()))
                .containsExactly(0.5, 0.4, 0.15);
        assertThat(exemplars.get(1).get("trace_id").asString())
                .isEqualTo("%032x".formatted(HOUR + 90));
        assertThat(exemplars.get(1).get("http_status_code").asString()).isEqualTo("200");
        assertThat(served.sql(answer.get("sql").asString()).lines()).hasSize(3);
        assertThat(
                        served.json(
                                        "/api/firn/v1/exemplars?http_route=%2Fnone&from="
                                                + HOUR
                                                + "&to="
                                                + (HOUR + 3_600))
                                .get("exemplars"))
                .isEmpty();
    }

    @Test
    void aLabelsValueIsNoStatement() {
        String value = java.net.URLEncoder.encode(NASTY, StandardCharsets.UTF_8);
        JsonNode answer = requests(3_600, "&by=service_name&service_name=" + value);
        assertThat(answer.get("rows").size()).isEqualTo(1);
        assertThat(answer.get("rows").get(0).get(0).asString()).isEqualTo(NASTY);
    }

    @Test
    void theStatementGivesTheSameToItsReader() {
        JsonNode answer = requests(3_600, "&environment=prod");
        assertThat(served.sql(answer.get("sql").asString())).startsWith("prod\t60\t5\t14.25\t");
    }

    @Test
    void whatCannotBeAskedIsSaid() {
        String path = "/api/firn/v1/requests?";
        for (String wrong :
                new String[] {
                    "by=fingerprint", "by=environment,environment", "from=9&to=8", "from=x", "to=-1"
                }) {
            HttpResponse<String> answer = served.get(path + wrong);
            assertThat(answer.statusCode()).as(wrong).isEqualTo(400);
            assertThat(answer.body()).startsWith("cannot ");
        }
    }

    @Test
    void planesTellTheirNewestPoint() {
        for (JsonNode plane : served.json("/api/firn/v1/planes").get("planes")) {
            if (plane.get("environment").asString().equals("prod")) {
                assertThat(plane.get("newest").asLong()).isEqualTo(HOUR + 660);
                assertThat(plane.get("services").asInt()).isEqualTo(1);
                return;
            }
        }
        throw new AssertionError("no plane of prod");
    }

    /// In the units of a rollup: what is live becomes history without a step.
    @Test
    @Timeout(180)
    void liveTellsWhatComesWithoutBeingAskedAgain() throws Exception {
        try (Stream<String> lines = live()) {
            Iterator<JsonNode> events =
                    lines.filter(line -> line.startsWith("data: "))
                            .map(line -> Served.parse(line.substring(6)))
                            .iterator();
            JsonNode first = events.next();
            assertThat(first.get("whole").asBoolean()).isTrue();
            assertThat(first.get("planes").toString()).contains("[\"prod\",\"p1\"," + (HOUR + 660));
            long now = System.currentTimeMillis() / 1_000;
            send(now, "live", "shop", "200", 3, 4);
            send(now, "live", "shop", "500", 2, 0);
            long requests = 0;
            long errors = 0;
            boolean plane = false;
            while (requests < 9 || !plane) {
                JsonNode event = events.next();
                assertThat(event.get("whole").asBoolean()).isFalse();
                plane |= event.get("planes").toString().contains("[\"live\",\"p1\"," + now);
                for (JsonNode window : event.get("windows")) {
                    assertThat(window.get(0).asLong()).isEqualTo(now / 10 * 10);
                    assertThat(window.get(1).asString()).isEqualTo("live");
                    requests = window.get(3).asLong();
                    errors = window.get(4).asLong();
                }
            }
            assertThat(List.of(requests, errors)).containsExactly(9L, 2L);
            JsonNode rows =
                    served.json(
                                    "/api/firn/v1/requests?over=time&environment=live&from=%d&to=%d"
                                            .formatted(now - 300, now + 10))
                            .get("rows");
            assertThat(rows.toString()).startsWith("[[%d,\"live\",9,2,".formatted(now / 10 * 10));
        }
    }

    private static Stream<String> live() throws Exception {
        return listen(HttpClient.newHttpClient()).body();
    }

    private static HttpResponse<Stream<String>> listen(HttpClient client) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create(served.running.url() + "/api/firn/v1/live"))
                        .build(),
                HttpResponse.BodyHandlers.ofLines());
    }

    @Test
    @Timeout(180)
    void thereAreNotEndlesslyManyStreams() throws Exception {
        awaitNoStreams(); // of the tests before
        try (var client = HttpClient.newHttpClient()) {
            HttpResponse<Stream<String>> answer = listen(client);
            for (int open = 1; open < 100; open++) {
                assertThat(answer.statusCode()).as("%d are open", open).isEqualTo(200);
                answer = listen(client);
            }
            assertThat(answer.statusCode()).isEqualTo(200);
            HttpResponse<Stream<String>> more = listen(client);
            assertThat(more.statusCode()).isEqualTo(503);
            assertThat(more.body()).first().asString().startsWith("cannot open one more stream");
            client.shutdownNow();
        }
        awaitNoStreams();
        assertThat(served.get("/metrics").body()).contains("\nfirn_web_live_refused_total 1");
    }

    private static void awaitNoStreams() {
        Served.await(() -> served.get("/metrics").body().contains("\nfirn_web_live_streams 0"));
    }

    @Test
    void whatHappenedIsKeptAndFoundByTimeAndLabel() {
        String path = "/api/firn/v1/annotations";
        HttpResponse<String> made =
                served.post(
                        path,
                        """
                        {"kind":"deployment","text":"shop <1.4>","labels":{"environment":"prod"},
                         "from":"2026-01-01T10:00:00Z"}\
                        """);
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        served.post(
                path,
                """
                {"kind":"incident","text":"down","from":"2026-01-01T11:00:00Z","to":"2026-01-01T12:00:00Z"}\
                """);
        assertThat(texts("")).containsExactly("down", "shop <1.4>");
        assertThat(texts("?from=2026-01-01T10:00:00Z&to=2026-01-01T10:59:59Z"))
                .containsExactly("shop <1.4>");
        assertThat(texts("?from=2026-01-01T11:30:00Z")).containsExactly("down");
        assertThat(texts("?matchers=environment%3D~%22qa%7C%22")).containsExactly("down");
        for (String wrong :
                new String[] {
                    "",
                    "[]",
                    "{}",
                    "{\"text\":\"x\",\"kind\":\"party\"}",
                    "{\"text\":\"x\",\"from\":\"noon\"}",
                    "{\"text\":\"x\",\"labels\":{\"a b\":\"\"}}",
                    "{\"text\":\"x\",\"from\":\"2026-01-01T11:00:00Z\",\"to\":\"2026-01-01T10:00:00Z\"}"
                }) {
            assertThat(served.post(path, wrong).statusCode()).as(wrong).isEqualTo(400);
        }
        for (JsonNode one : served.json(path).get("annotations")) {
            String id = one.get("id").asString();
            assertThat(served.delete(path + "/" + id).statusCode()).isEqualTo(204);
            assertThat(served.delete(path + "/" + id).statusCode()).isEqualTo(404);
        }
        assertThat(texts("")).isEmpty();
    }

    @Test
    void viewsAndSettingsAreKept() {
        String path = "/api/firn/v1/views";
        for (String address : new String[] {"/?range=1h", "/services?range=24h&env=prod"}) {
            HttpResponse<String> saved =
                    served.post(
                            path, "{\"name\":\"on <call>\",\"address\":\"%s\"}".formatted(address));
            assertThat(saved.statusCode()).as(saved.body()).isEqualTo(204);
        }
        assertThat(served.json(path).get("views").toString())
                .isEqualTo(
                        "[{\"name\":\"on <call>\",\"address\":\"/services?range=24h&env=prod\"}]");
        for (String wrong :
                new String[] {
                    "{\"name\":\"x\"}",
                    "{\"name\":\"\",\"address\":\"/\"}",
                    "{\"name\":\"x\",\"address\":\"//elsewhere.example\"}",
                    "{\"name\":\"x\",\"address\":\"javascript:alert(1)\"}"
                }) {
            assertThat(served.post(path, wrong).statusCode()).as(wrong).isEqualTo(400);
        }
        assertThat(served.delete(path + "?name=on+%3Ccall%3E").statusCode()).isEqualTo(204);
        assertThat(served.delete(path + "?name=on+%3Ccall%3E").statusCode()).isEqualTo(404);
        assertThat(served.json(path).get("views")).isEmpty();

        String settings = "/api/firn/v1/settings";
        assertThat(served.json(settings).toString())
                .isEqualTo("{\"theme\":\"auto\",\"time_zone\":\"utc\",\"trace_link\":\"\"}");
        assertThat(served.post(settings, "{\"theme\":\"dark\"}").body())
                .startsWith("{\"theme\":\"dark\",\"time_zone\":\"utc\"");
        String link = "{\"trace_link\":\"https://traces.example/{trace_id}\"}";
        assertThat(served.post(settings, link).body()).contains(link.substring(1));
        for (String wrong : new String[] {"javascript:{trace_id}", "https://traces.example/"}) {
            assertThat(served.post(settings, "{\"trace_link\":\"" + wrong + "\"}").statusCode())
                    .isEqualTo(400);
        }
        assertThat(served.post(settings, "{\"theme\":\"pink\"}").statusCode()).isEqualTo(400);
        assertThat(served.post(settings, "{\"colour\":\"dark\"}").statusCode()).isEqualTo(400);
    }

    private static List<String> texts(String question) {
        return served.json("/api/firn/v1/annotations" + question)
                .get("annotations")
                .valueStream()
                .map(one -> one.get("text").asString())
                .toList();
    }

    @Test
    void pagesAreServedAndNothingElse() throws Exception {
        assumeTrue(
                DashboardServedTest.class.getResource("/dev/firn/web/page/files/index.html")
                        != null,
                "Maven runs without ./firn, which builds the dashboard");
        HttpResponse<String> page = served.get("/services");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
                .contains("default-src 'none'", "script-src 'self'")
                .doesNotContain("unsafe");
        assertThat(page.headers().firstValue("Cache-Control")).contains("no-cache");
        Matcher script = Pattern.compile("src=\"(/assets/[^\"]+\\.js)\"").matcher(page.body());
        assertThat(script.find()).isTrue();
        HttpResponse<String> asset = served.get(script.group(1));
        assertThat(asset.headers().firstValue("Cache-Control").orElse("")).contains("immutable");
        assertThat(asset.headers().firstValue("Content-Type").orElse(""))
                .startsWith("text/javascript");
        for (String nothing :
                new String[] {
                    "/nowhere",
                    "/assets/none.js",
                    "/assets/..%2Findex.html",
                    "/assets/%2e%2e/%2e%2e/version.properties",
                    "/assets/..%5Cindex.html",
                    "/index.html"
                }) {
            assertThat(served.get(nothing).statusCode()).as(nothing).isEqualTo(404);
        }
        assertThat(served.post("/", "").statusCode()).isEqualTo(404);
        revalidated(page);
    }

    private static void revalidated(HttpResponse<String> page) throws Exception {
        String tag = page.headers().firstValue("ETag").orElseThrow();
        var client = HttpClient.newHttpClient();
        URI root = URI.create(served.running.url() + "/");
        var again = HttpRequest.newBuilder(root).header("If-None-Match", tag).GET().build();
        assertThat(client.send(again, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(304);
        var head = HttpRequest.newBuilder(root).HEAD().build();
        HttpResponse<String> headed = client.send(head, HttpResponse.BodyHandlers.ofString());
        assertThat(headed.statusCode()).isEqualTo(200);
        assertThat(headed.body()).isEmpty();
    }
}
