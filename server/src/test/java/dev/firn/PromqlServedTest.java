package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Prometheus' API of a running Firn, over points that came in as OTLP.
class PromqlServedTest {
    @TempDir static Path data;
    private static Served firn;

    /// Full minutes, the last one a while ago.
    private static final long NOW = System.currentTimeMillis() / 60_000 * 60_000 - 60_000;

    private static final int MINUTES = 10;

    @BeforeAll
    static void start() {
        firn = new Served(data, "");
        var metrics = new ArrayList<String>();
        metrics.add(sum("http.server.requests", "{request}", 2, point(i -> 60.0 * i)));
        metrics.add(sum("jobs.done", "", 1, point(i -> 60.0)));
        metrics.add(
                "{\"name\":\"queue.size\",\"unit\":\"By\",\"gauge\":{\"dataPoints\":["
                        + point(i -> i % 3)
                        + "]}}");
        metrics.add(histogram());
        metrics.add(exponential());
        metrics.add(summary());
        send(metrics);
        send(metrics.subList(2, 3)); // the same points once more, in another cut
        Served.await(() ->
                count("queue_size_bytes") == 1
                        && count("rpc_duration_seconds_bucket") == 4
                        && count("latency_seconds") == 1
                        && count("gc_pause_seconds") == 2
                        && count("jobs_done_total") == 1
                        && count("http_server_requests_total") == 1);
    }

    @AfterAll
    static void stop() {
        firn.close();
    }

    private interface Value {
        double at(int minute);
    }

    private static String times(int i) {
        long nanos = (NOW - (MINUTES - i) * 60_000L) * 1_000_000;
        return "\"startTimeUnixNano\":\""
                + (NOW - 3_600_000L) * 1_000_000
                + "\",\"timeUnixNano\":\""
                + nanos
                + "\"";
    }

    private static final String ATTRIBUTES =
            "\"attributes\":[{\"key\":\"http.route\",\"value\":{\"stringValue\":\"/a\"}}]";

    private static String point(Value value) {
        var points = new ArrayList<String>();
        for (int i = 0; i <= MINUTES; i++) {
            points.add("{" + times(i) + ",\"asDouble\":" + value.at(i) + "," + ATTRIBUTES + "}");
        }
        return String.join(",", points);
    }

    private static String sum(String name, String unit, int temporality, String points) {
        return "{\"name\":\""
                + name
                + "\",\"unit\":\""
                + unit
                + "\",\"description\":\"What "
                + name
                + " is\",\"sum\":{\"isMonotonic\":true,\"aggregationTemporality\":"
                + temporality
                + ",\"dataPoints\":["
                + points
                + "]}}";
    }

    private static String histogram() {
        var points = new ArrayList<String>();
        for (int i = 0; i <= MINUTES; i++) {
            points.add(
                    "{"
                            + times(i)
                            + ",\"count\":\""
                            + 10 * i
                            + "\",\"sum\":"
                            + 2.5 * i
                            + ",\"explicitBounds\":[0.1,1,10],\"bucketCounts\":[\""
                            + 5 * i
                            + "\",\""
                            + 3 * i
                            + "\",\""
                            + 2 * i
                            + "\",\"0\"],\"exemplars\":[{\"timeUnixNano\":\""
                            + NOW * 1_000_000
                            + "\",\"asDouble\":0.5,\"traceId\":\"4bf92f3577b34da6a3ce929d0e0e4736\","
                            + "\"spanId\":\"00f067aa0ba902b7\"}],"
                            + ATTRIBUTES
                            + "}");
        }
        return "{\"name\":\"rpc.duration\",\"unit\":\"s\",\"histogram\":{\"aggregationTemporality\":2,\"dataPoints\":["
                + String.join(",", points)
                + "]}}";
    }

    private static String exponential() {
        var points = new ArrayList<String>();
        for (int i = 0; i <= MINUTES; i++) {
            points.add(
                    "{"
                            + times(i)
                            + ",\"count\":\""
                            + 7 * i
                            + "\",\"sum\":"
                            + 3 * i
                            + ",\"scale\":0,\"zeroCount\":\""
                            + i
                            + "\",\"positive\":{\"offset\":1,\"bucketCounts\":[\""
                            + 2 * i
                            + "\",\""
                            + 4 * i
                            + "\"]},"
                            + ATTRIBUTES
                            + "}");
        }
        return "{\"name\":\"latency\",\"unit\":\"s\",\"exponentialHistogram\":{\"aggregationTemporality\":2,\"dataPoints\":["
                + String.join(",", points)
                + "]}}";
    }

    private static String summary() {
        var points = new ArrayList<String>();
        for (int i = 0; i <= MINUTES; i++) {
            points.add(
                    "{"
                            + times(i)
                            + ",\"count\":\""
                            + i
                            + "\",\"sum\":"
                            + i
                            + ",\"quantileValues\":[{\"quantile\":0.5,\"value\":"
                            + i
                            + "},{\"quantile\":0.99,\"value\":"
                            + 2 * i
                            + "}],"
                            + ATTRIBUTES
                            + "}");
        }
        return "{\"name\":\"gc.pause\",\"unit\":\"s\",\"summary\":{\"dataPoints\":["
                + String.join(",", points)
                + "]}}";
    }

    private static void send(List<String> metrics) {
        String body =
                "{\"resourceMetrics\":[{\"resource\":{\"attributes\":["
                        + "{\"key\":\"service.name\",\"value\":{\"stringValue\":\"shop\"}},"
                        + "{\"key\":\"service.instance.id\",\"value\":{\"stringValue\":\"i1\"}},"
                        + "{\"key\":\"deployment.environment.name\",\"value\":{\"stringValue\":\"prod\"}},"
                        + "{\"key\":\"host.name\",\"value\":{\"stringValue\":\"h1\"}}]},"
                        + "\"scopeMetrics\":[{\"scope\":{\"name\":\"lib\",\"version\":\"1\"},\"metrics\":["
                        + String.join(",", metrics)
                        + "]}]}]}";
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(firn.running.otlpHttpUrl() + "/v1/metrics"))
                        .header("Content-Type", "application/json")
                        .header("X-Firn-Source", "test")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build();
        assertThat(exchange(request).statusCode()).isEqualTo(200);
    }

    private static HttpResponse<byte[]> exchange(HttpRequest request) {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static JsonNode instant(String query) {
        return firn.json("/api/v1/query?time=" + NOW / 1000 + "&query=" + encode(query))
                .get("data");
    }

    private static int count(String query) {
        return instant(query).get("result").size();
    }

    private static double value(String query) {
        JsonNode result = instant(query).get("result");
        assertThat(result).as(query).hasSize(1);
        return Double.parseDouble(result.get(0).get("value").get(1).asString(""));
    }

    private static Map<String, String> labels(JsonNode metric) {
        var labels = new TreeMap<String, String>();
        metric.properties().forEach(one -> labels.put(one.getKey(), one.getValue().asString("")));
        return labels;
    }

    @Test
    void labelsAreThoseOfThePageAndThePromotedColumns() {
        JsonNode metric = instant("http_server_requests_total").get("result").get(0).get("metric");
        assertThat(labels(metric))
                .isEqualTo(
                        Map.of(
                                "__name__", "http_server_requests_total",
                                "http_route", "/a",
                                "job", "shop",
                                "instance", "i1",
                                "service_name", "shop",
                                "environment", "prod",
                                "otel_scope_name", "lib",
                                "otel_scope_version", "1"));
        assertThat(count("http_server_requests_total{environment=\"prod\",job=~\"sh.+\"}"))
                .isEqualTo(1);
        assertThat(count("http_server_requests_total{job!=\"shop\"}")).isZero();
        assertThat(count("{\"http.server.requests\"}")).isEqualTo(1);
        assertThat(count("nothing_of_this_name")).isZero();
    }

    @Test
    void numbersOfEveryKindComeOut() {
        assertThat(value("http_server_requests_total")).isEqualTo(600);
        assertThat(value("rate(http_server_requests_total[5m])")).isEqualTo(1);
        assertThat(value("queue_size_bytes")).isEqualTo(1);
        assertThat(value("count_over_time(queue_size_bytes[10m1s])")).isEqualTo(11);
        assertThat(value("sum_over_time(queue_size_bytes[10m1s])")).isEqualTo(10);
    }

    @Test
    void deltasAddUp() {
        assertThat(value("jobs_done_total")).isEqualTo(660);
        assertThat(value("jobs_done_total offset 5m")).isEqualTo(360);
        assertThat(value("rate(jobs_done_total[5m])")).isEqualTo(1);
        assertThat(value("resets(jobs_done_total[10m])")).isZero();
    }

    @Test
    void histogramsAreClassicOrByTheirOwnNameNative() {
        assertThat(value("rpc_duration_seconds_count")).isEqualTo(100);
        assertThat(value("rpc_duration_seconds_sum")).isEqualTo(25);
        assertThat(value("rpc_duration_seconds_bucket{le=\"0.1\"}")).isEqualTo(50);
        assertThat(value("rpc_duration_seconds_bucket{le=\"1.0\"}")).isEqualTo(80);
        assertThat(value("rpc_duration_seconds_bucket{le=\"+Inf\"}")).isEqualTo(100);
        double quantile = 0.1 + 0.9 * (65 - 50) / 30;
        assertThat(value("histogram_quantile(0.65, rate(rpc_duration_seconds_bucket[5m]))"))
                .isCloseTo(quantile, org.assertj.core.data.Offset.offset(1e-12));
        assertThat(value("histogram_quantile(0.65, rate({\"rpc.duration\"}[5m]))"))
                .isCloseTo(quantile, org.assertj.core.data.Offset.offset(1e-12));
        JsonNode exponential = instant("latency_seconds").get("result").get(0).get("histogram");
        assertThat(exponential.get(1).toString())
                .isEqualTo(
                        "{\"count\":\"70\",\"sum\":\"30\",\"buckets\":[[3,\"-1e-128\",\"1e-128\",\"10\"],"
                                + "[0,\"2\",\"4\",\"20\"],[0,\"4\",\"8\",\"40\"]]}");
        assertThat(value("gc_pause_seconds{quantile=\"0.99\"}")).isEqualTo(20);
        assertThat(value("gc_pause_seconds_sum")).isEqualTo(10);
    }

    @Test
    void resourcesAreJoinedByInfo() {
        assertThat(labels(instant("target_info").get("result").get(0).get("metric")))
                .containsEntry("host_name", "h1")
                .containsEntry("job", "shop")
                .containsEntry("instance", "i1");
        assertThat(value("queue_size_bytes * on(job, instance) group_left(host_name) target_info"))
                .isEqualTo(1);
    }

    @Test
    void rangesHaveAValueAStep() {
        JsonNode data =
                firn.json(
                                "/api/v1/query_range?query=http_server_requests_total&start="
                                        + (NOW / 1000 - 120)
                                        + "&end="
                                        + NOW / 1000
                                        + "&step=1m&stats=all")
                        .get("data");
        assertThat(data.get("resultType").asString("")).isEqualTo("matrix");
        assertThat(data.get("result").get(0).get("values").toString())
                .isEqualTo(
                        "[[%d,\"480\"],[%d,\"540\"],[%d,\"600\"]]"
                                .formatted(NOW / 1000 - 120, NOW / 1000 - 60, NOW / 1000));
        assertThat(data.get("stats").get("samples").get("totalQueryableSamples").asInt())
                .isEqualTo(7);
    }

    @Test
    void catalogsTellWhatThereIs() {
        String match = "match%5B%5D=" + encode("{job=\"shop\"}");
        assertThat(firn.json("/api/v1/label/__name__/values").get("data").toString())
                .contains("\"jobs_done_total\"", "\"rpc_duration_seconds_bucket\"");
        assertThat(firn.json("/api/v1/label/le/values?" + match).get("data").toString())
                .isEqualTo("[\"+Inf\",\"0.1\",\"1.0\",\"10.0\"]");
        assertThat(firn.json("/api/v1/labels?" + match).get("data").toString())
                .contains("\"http_route\"", "\"le\"", "\"quantile\"", "\"__name__\"");
        assertThat(firn.json("/api/v1/series?match%5B%5D=rpc_duration_seconds_bucket").get("data"))
                .hasSize(4);
        assertThat(
                        firn.json("/api/v1/series?limit=2&match%5B%5D=rpc_duration_seconds_bucket")
                                .get("warnings")
                                .toString())
                .contains("truncated");
        assertThat(firn.json("/api/v1/metadata?metric=jobs_done_total").get("data").toString())
                .isEqualTo(
                        "{\"jobs_done_total\":[{\"type\":\"counter\",\"help\":\"What jobs.done is\",\"unit\":\"\"}]}");
        assertThat(
                        firn.json("/api/v1/status/tsdb")
                                .get("data")
                                .get("headStats")
                                .get("numSeries")
                                .asInt())
                .isEqualTo(6);
        for (String path :
                List.of(
                        "status/buildinfo",
                        "status/flags",
                        "status/runtimeinfo",
                        "targets",
                        "rules",
                        "alerts",
                        "query_exemplars?query=up")) {
            assertThat(firn.json("/api/v1/" + path).get("status").asString(""))
                    .isEqualTo("success");
        }
    }

    @Test
    void exemplarsStandInTheirBucket() {
        JsonNode found =
                firn.json(
                                "/api/v1/query_exemplars?query="
                                        + encode("rate(rpc_duration_seconds_bucket[5m])"))
                        .get("data");
        assertThat(found).hasSize(1);
        assertThat(labels(found.get(0).get("seriesLabels")))
                .containsEntry("__name__", "rpc_duration_seconds_bucket")
                .containsEntry("le", "1.0");
        JsonNode exemplar = found.get(0).get("exemplars").get(0);
        assertThat(labels(exemplar.get("labels")))
                .isEqualTo(
                        Map.of(
                                "trace_id", "4bf92f3577b34da6a3ce929d0e0e4736",
                                "span_id", "00f067aa0ba902b7"));
        assertThat(exemplar.get("value").asString("")).isEqualTo("0.5");
        assertThat(exemplar.get("timestamp").asLong()).isEqualTo(NOW / 1000);
    }

    @Test
    void expressionsAreFormattedAndParsed() {
        assertThat(
                        firn.json("/api/v1/format_query?query=" + encode("sum(x)by(a)"))
                                .get("data")
                                .asString(""))
                .isEqualTo("sum by (a) (x)");
        assertThat(
                        firn.json("/api/v1/parse_query?query=" + encode("-x offset 1m"))
                                .get("status")
                                .asString(""))
                .isEqualTo("success");
    }

    @Test
    void mistakesHavePrometheusShape() {
        assertThat(failure("query?query=" + encode("sum(")))
                .startsWith(
                        "400 {\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"invalid parameter \\\"query\\\": 1:")
                .contains("parse error");
        assertThat(failure("query_range?query=up&start=2&end=1&step=1"))
                .isEqualTo(
                        "400 {\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"invalid parameter \\\"end\\\": end timestamp must not be before start time\"}");
        assertThat(failure("query_range?query=up&start=0&end=100000&step=1"))
                .contains("exceeded maximum resolution of 11,000 points per timeseries");
        assertThat(failure("query_range?query=" + encode("up[5m]") + "&start=0&end=1&step=1"))
                .startsWith("400 ")
                .contains("invalid expression type \\\"range vector\\\" for range query");
        assertThat(failure("series")).contains("no match[] parameter provided");
        assertThat(
                        failure(
                                "query?query="
                                        + encode(
                                                "label_replace(queue_size_bytes,\"a\",\"$1\",\"job\",\"(\")")
                                        + "&time="
                                        + NOW / 1000))
                .startsWith("422 {\"status\":\"error\",\"errorType\":\"execution\"");
        assertThat(failure("query?query=up&time=yesterday"))
                .contains("cannot parse \\\"yesterday\\\" to a valid timestamp");
    }

    private static String failure(String path) {
        HttpResponse<String> answer = firn.get("/api/v1/" + path);
        return answer.statusCode() + " " + answer.body();
    }

    @Test
    void formsAndGzipAreUnderstood() throws IOException {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(firn.running.url() + "/api/v1/query"))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .header("Accept-Encoding", "gzip")
                        .POST(
                                HttpRequest.BodyPublishers.ofString(
                                        "query="
                                                + encode("queue_size_bytes + 1")
                                                + "&time="
                                                + NOW / 1000))
                        .build();
        HttpResponse<byte[]> answer = exchange(request);
        assertThat(answer.headers().firstValue("Content-Encoding")).hasValue("gzip");
        try (InputStream in =
                new GZIPInputStream(new java.io.ByteArrayInputStream(answer.body()))) {
            JsonNode data = Served.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            assertThat(data.get("data").get("result").get(0).get("value").get(1).asString(""))
                    .isEqualTo("2");
        }
    }

    @Test
    void theCommandPrintsWhatTheApiSays() {
        Served.Ran ran =
                Served.command(
                        "query",
                        "--url",
                        firn.running.url(),
                        "--at",
                        java.time.Instant.ofEpochMilli(NOW).toString(),
                        "--range",
                        "2m",
                        "--step",
                        "1m",
                        "--format",
                        "csv",
                        "sum(http_server_requests_total)");
        assertThat(ran.err()).isEmpty();
        assertThat(ran.out().lines().map(line -> line.substring(line.lastIndexOf(',') + 1)))
                .containsExactly("value", "480", "540", "600");
        Served.Ran wrong = Served.command("query", "--url", firn.running.url(), "sum(");
        assertThat(wrong.exit()).isEqualTo(2);
        assertThat(wrong.err()).contains("parse error");
    }
}
