package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.ByteWriter;
import io.airlift.compress.v3.snappy.SnappyJavaCompressor;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A Firn in a Prometheus' place: what is written to it by remote write, and its rules over that.
class PrometheusServedTest {
    @TempDir static Path folder;
    private static final long NOW = System.currentTimeMillis();
    private static Served firn;

    @BeforeAll
    static void start() throws IOException {
        Path rules =
                Files.writeString(
                        folder.resolve("rules.yml"),
                        """
                        groups:
                          - name: served
                            interval: 1s
                            rules:
                              - record: job:queue:max
                                expr: max by (job) (queue)
                                labels: {kind: recorded}
                              - alert: QueueLong
                                expr: queue > 10
                                labels: {severity: page}
                                annotations: {summary: '{{ $labels.instance }}: {{ $value }}'}
                        """);
        firn =
                new Served(
                        folder.resolve("data"),
                        """
                        web: {endpoint: "127.0.0.1:0", remote_write: true}
                        rules: {files: ["%s"]}
                        """
                                .formatted(rules));
    }

    @AfterAll
    static void stop() {
        firn.close();
    }

    private static ByteWriter message(ByteWriter to, int field, ByteWriter content) {
        return to.u8(field << 3 | 2)
                .varint(content.size())
                .bytes(content.array(), 0, content.size());
    }

    private static ByteWriter empty() {
        return new ByteWriter(64);
    }

    private static byte[] first(Map<String, String> labels, double value, long time) {
        ByteWriter series = empty();
        labels.forEach((name, text) ->
                message(
                        series,
                        1,
                        empty().u8(1 << 3 | 2).string(name).u8(2 << 3 | 2).string(text)));
        message(series, 2, empty().u8(1 << 3 | 1).f64(value).u8(2 << 3).varint(time));
        return message(empty(), 1, series).toBytes();
    }

    private static byte[] second(double value, long time, String... symbols) {
        ByteWriter request = empty();
        ByteWriter references = empty();
        request.u8(4 << 3 | 2).string("");
        for (int i = 0; i < symbols.length; i++) {
            request.u8(4 << 3 | 2).string(symbols[i]);
            references.varint(i + 1);
        }
        ByteWriter series = message(empty(), 1, references);
        message(
                series,
                2,
                empty().u8(1 << 3 | 1)
                        .f64(value)
                        .u8(2 << 3)
                        .varint(time)
                        .u8(3 << 3)
                        .varint(time - 60_000));
        return message(request, 5, series).toBytes();
    }

    private static byte[] snappy(byte[] plain) {
        var compressor = new SnappyJavaCompressor();
        byte[] out = new byte[compressor.maxCompressedLength(plain.length)];
        int length = compressor.compress(plain, 0, plain.length, out, 0, out.length);
        return Arrays.copyOf(out, length);
    }

    private static HttpResponse<String> write(byte[] body, String type) {
        try {
            return HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(firn.running.url() + "/api/v1/write"))
                                    .header("Content-Type", type)
                                    .header("Content-Encoding", "snappy")
                                    .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static final String FIRST = "application/x-protobuf";
    private static final String SECOND =
            "application/x-protobuf;proto=io.prometheus.write.v2.Request";

    private static JsonNode query(String query) {
        return firn.json("/api/v1/query?query=" + URLEncoder.encode(query, StandardCharsets.UTF_8))
                .get("data")
                .get("result");
    }

    private static String written(HttpResponse<?> answer, String what) {
        return answer.headers()
                .firstValue("X-Prometheus-Remote-Write-" + what + "-Written")
                .orElse("");
    }

    @Test
    void writtenSamplesAreAskedForRecordedAndAlertedOf() {
        HttpResponse<String> answer =
                write(
                        snappy(
                                first(
                                        Map.of("__name__", "queue", "job", "a", "instance", "i"),
                                        12,
                                        NOW)),
                        FIRST);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(204);
        assertThat(written(answer, "Samples")).isEqualTo("1");
        Served.await(() -> query("job:queue:max").size() == 1);
        JsonNode recorded = query("job:queue:max").get(0);
        assertThat(recorded.get("metric").get("job").asString("")).isEqualTo("a");
        assertThat(recorded.get("metric").get("kind").asString("")).isEqualTo("recorded");
        assertThat(recorded.get("value").get(1).asString("")).isEqualTo("12");
        assertThat(query("queue").get(0).get("metric").get("instance").asString("")).isEqualTo("i");
        JsonNode group =
                firn.json("/api/v1/rules?rule_group%5B%5D=served").get("data").get("groups");
        assertThat(group).hasSize(1);
        JsonNode alerting = group.get(0).get("rules").get(1);
        assertThat(alerting.get("state").asString("")).isEqualTo("firing");
        assertThat(alerting.get("health").asString("")).isEqualTo("ok");
        assertThat(alerting.get("alerts").get(0).get("value").asString("")).isEqualTo("1.2e+01");
        assertThat(firn.json("/api/v1/rules?type=record").toString())
                .contains("job:queue:max")
                .doesNotContain("Watchdog");
        Served.await(() ->
                firn.json("/api/v1/alerts").toString().contains("\"alertname\":\"QueueLong\""));
        Served.await(() -> firn.get("/api/firn/v1/alerts?state=firing").body().contains("i: 12"));
        assertThat(firn.get("/api/v1/rules?type=other").statusCode()).isEqualTo(400);
    }

    @Test
    void secondVersionCarriesStartsAndCounts() {
        HttpResponse<String> answer =
                write(snappy(second(30, NOW, "__name__", "done_total", "job", "b")), SECOND);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(204);
        assertThat(written(answer, "Samples")).isEqualTo("1");
        assertThat(written(answer, "Histograms")).isEqualTo("0");
        Served.await(() -> query("done_total").size() == 1);
        assertThat(
                        firn.sql(
                                "SELECT start_time = time - 60 FROM otel_metrics.samples WHERE"
                                        + " series_id IN (SELECT series_id FROM"
                                        + " otel_metrics.series WHERE metric_name ="
                                        + " 'done_total')"))
                .isEqualTo("1");
    }

    @Test
    void partOfARequestIsStoredAndTheRestNotSentAgain() {
        HttpResponse<String> answer =
                write(snappy(first(Map.of("__name__", "queue", "job", "c"), 1, 0)), FIRST);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(written(answer, "Samples")).isEqualTo("0");
        assertThat(answer.body()).contains("refused 1 points");
        assertThat(write(new byte[] {5, 1, 2, 3, 4}, FIRST).statusCode()).isEqualTo(400);
        assertThat(write(snappy(new byte[] {1, 2, 3}), FIRST).statusCode()).isEqualTo(400);
        assertThat(write(snappy(new byte[0]), "application/json").statusCode()).isEqualTo(415);
    }
}
