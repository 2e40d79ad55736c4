package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.Sum;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `kill -9` of the whole program while a label is dropped and deltas are added up. The sender
/// repeats each request until it is acknowledged; at the end the running total is the sum of all
/// deltas, as without kills: none forgotten with the state, none added twice by a repetition.
class StatefulKillTest {
    private static final int KILLS = 4;
    private static final long SECOND = 1_000_000_000L;
    private static final Pattern TOTAL = Pattern.compile("(?m)^jobs_total(\\{[^}]*})? (\\S+)$");

    private static final String CONFIG =
            """
            receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:%d"}}}}
            processors:
              attributes: {actions: [{key: pod, action: delete}]}
              deltatocumulative:
            exporters: {firn: , prometheus: {endpoint: "127.0.0.1:%d"}}
            service:
              telemetry: {metrics: {level: none}}
              pipelines:
                metrics: {receivers: [otlp], processors: [attributes, deltatocumulative], exporters: [firn, prometheus]}
            engine: {enabled: false}
            web: {endpoint: "127.0.0.1:0"}
            wal: {cut_interval: 100ms}
            """;

    private final HttpClient client = HttpClient.newHttpClient();
    private final AtomicLong sum = new AtomicLong();
    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicReference<String> trouble = new AtomicReference<>("");

    @Test
    void aRunningTotalOutlivesKills(@TempDir Path folder) throws Exception {
        int otlp = freePort();
        int page = freePort();
        Path config = Files.writeString(folder.resolve("firn.yaml"), CONFIG.formatted(otlp, page));
        var random = new Random(Long.getLong("firn.test.seed", 7));
        Process firn = start(folder, config);
        Thread sender = Thread.ofPlatform().start(() -> send("http://127.0.0.1:" + otlp));
        try {
            for (int kill = 0; kill < KILLS; kill++) {
                long before = sum.get();
                Served.await(() -> sum.get() > before || !trouble.get().isEmpty());
                Served.pause(random.nextInt(700));
                kill(firn);
                firn = start(folder, config);
            }
            long before = sum.get();
            Served.await(() -> sum.get() > before || !trouble.get().isEmpty());
            stop.set(true);
            sender.join();
            assertThat(trouble.get()).isEmpty();
            Served.await(() -> total(page) >= sum.get());
            assertThat(total(page)).isEqualTo(sum.get());
        } finally {
            stop.set(true);
            kill(firn);
            sender.join();
        }
    }

    private static Process start(Path folder, Path config) throws IOException {
        return Served.builder(
                        "serve",
                        "--config",
                        config.toString(),
                        "--data",
                        folder.resolve("data").toString())
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(folder.resolve("firn.log").toFile()))
                .start();
    }

    private static void kill(Process firn) throws InterruptedException {
        assertThat(firn.destroyForcibly().waitFor(30, TimeUnit.SECONDS)).isTrue();
    }

    /// Request after request, each until it is acknowledged; what is summed was.
    private void send(String url) {
        long from = System.currentTimeMillis() * 1_000_000 - 86_400 * SECOND;
        for (int number = 0; !stop.get(); number++) {
            byte[] body = body(from + number * SECOND, number);
            while (!acknowledged(url, body)) {
                if (stop.get() || !trouble.get().isEmpty()) {
                    return;
                }
                Served.pause(20);
            }
            sum.addAndGet(2L * number + 3);
        }
    }

    private boolean acknowledged(String url, byte[] body) {
        try {
            HttpResponse<String> answer = Served.send(url, body);
            if (answer.statusCode() == 200 && answer.body().isEmpty()) {
                return true;
            }
            if (answer.statusCode() != 503) {
                trouble.compareAndSet("", answer.statusCode() + " " + answer.body());
            }
            return false;
        } catch (UncheckedIOException e) {
            return false; // killed, or not yet listening
        }
    }

    /// Deltas of two pods, `number + 1` and `number + 2`.
    private static byte[] body(long start, int number) {
        var deltas =
                Sum.newBuilder()
                        .setIsMonotonic(true)
                        .setAggregationTemporality(
                                AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA);
        for (int pod = 1; pod <= 2; pod++) {
            deltas.addDataPoints(
                    NumberDataPoint.newBuilder()
                            .setStartTimeUnixNano(start)
                            .setTimeUnixNano(start + SECOND)
                            .setAsInt(number + pod)
                            .addAttributes(
                                    KeyValue.newBuilder()
                                            .setKey("pod")
                                            .setValue(
                                                    AnyValue.newBuilder()
                                                            .setStringValue("p" + pod))));
        }
        var request = ExportMetricsServiceRequest.newBuilder();
        request.addResourceMetricsBuilder()
                .addScopeMetricsBuilder()
                .addMetricsBuilder()
                .setName("jobs")
                .setSum(deltas);
        return request.build().toByteArray();
    }

    /// What the page shows; -1 before it shows anything.
    private long total(int page) {
        try {
            Matcher found = TOTAL.matcher(text(page));
            return found.find() ? (long) Double.parseDouble(found.group(2)) : -1;
        } catch (IOException e) {
            return -1;
        }
    }

    private String text(int page) throws IOException {
        try {
            return client.send(
                            HttpRequest.newBuilder(
                                            URI.create("http://127.0.0.1:" + page + "/metrics"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
