package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `kill -9` of the whole program while a label is dropped, deltas are added up, and cumulatives
/// are taken apart and put together again. The sender repeats each request until it is
/// acknowledged; at the end each running total is what was counted, as without kills: nothing
/// forgotten with the state, nothing added twice by a repetition. So it is for a pipeline that the
/// log does not keep.
///
/// Every metric counts `number + pod` in request `number`:
/// - `jobs`, `waits`: deltas, of two pods; a sum and a histogram;
/// - `visits`, `reads`: the same, cumulative;
/// - `late`: cumulative, of one pod; of a second, too, from some time between kills on;
/// - `moved`: cumulative, of one pod; from that time on of another, and no more of the first.
class StatefulKillTest {
    private static final int KILLS = 4;
    private static final long SECOND = 1_000_000_000L;
    private static final String CONFIG =
            """
            receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:%d"}}}}
            processors:
              attributes: {actions: [{key: pod, action: delete}]}
              cumulativetodelta: {initial_value: keep}
              deltatocumulative:
            exporters:
              firn:
              prometheus: {endpoint: "127.0.0.1:%d"}
              prometheus/twice: {endpoint: "127.0.0.1:%d"}
            service:
              telemetry: {metrics: {level: none}}
              pipelines:
                metrics: {receivers: [otlp], processors: [attributes, deltatocumulative], exporters: [firn, prometheus]}
                metrics/twice:
                  receivers: [otlp]
                  processors: [attributes, cumulativetodelta, deltatocumulative]
                  exporters: [prometheus/twice]
            engine: {enabled: false}
            web: {endpoint: "127.0.0.1:0"}
            wal: {cut_interval: 100ms}
            """;

    /// What was acknowledged.
    ///
    /// @param both of two pods
    /// @param first of the first
    /// @param join the first request of the second pod of `late` and `moved`; none yet if it is
    ///   larger than any
    private record Counted(long both, long first, long join, long second, long until) {
        private static final Counted NOTHING = new Counted(0, 0, Long.MAX_VALUE, 0, 0);

        Counted and(int number, boolean second) {
            long more = second ? number + 2 : 0;
            return new Counted(
                    both + 2L * number + 3,
                    first + number + 1,
                    second ? Math.min(join, number) : join,
                    this.second + more,
                    until + (second ? 0 : number + 1));
        }

        /// By name of the sample.
        Map<String, Long> samples() {
            var all = new LinkedHashMap<String, Long>();
            for (String sum : List.of("jobs", "visits")) {
                all.put(sum + "_total(?:\\{[^}]*})?", both);
            }
            for (String histogram : List.of("waits", "reads")) {
                all.put(histogram + "_count(?:\\{[^}]*})?", both);
                all.put(histogram + "_sum(?:\\{[^}]*})?", both);
                all.put(histogram + "_bucket\\{[^}]*le=\"10(?:\\.0)?\"[^}]*}", both);
            }
            all.put("late_total(?:\\{[^}]*})?", first + second);
            all.put("moved_total(?:\\{[^}]*})?", until + second);
            return all;
        }
    }

    private final HttpClient client = HttpClient.newHttpClient();
    private final AtomicReference<Counted> counted = new AtomicReference<>(Counted.NOTHING);
    private final AtomicBoolean second = new AtomicBoolean();
    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicReference<String> trouble = new AtomicReference<>("");

    @Test
    void runningTotalsOutliveKills(@TempDir Path folder) throws Exception {
        int otlp = freePort();
        int page = freePort();
        int twice = freePort();
        Path config =
                Files.writeString(folder.resolve("firn.yaml"), CONFIG.formatted(otlp, page, twice));
        var random = new Random(Long.getLong("firn.test.seed", 7));
        Process firn = start(folder, config);
        Thread sender = Thread.ofPlatform().start(() -> send("http://127.0.0.1:" + otlp));
        try {
            for (int kill = 0; kill < KILLS; kill++) {
                awaitMore();
                Served.pause(random.nextInt(700));
                kill(firn);
                second.set(kill >= 1); // what comes next meets a process that never saw the first
                firn = start(folder, config);
            }
            awaitMore();
            stop.set(true);
            sender.join();
            assertThat(trouble.get()).isEmpty();
            Counted all = counted.get();
            assertThat(all.second).isPositive();
            for (int port : new int[] {page, twice}) {
                Served.await(() -> shown(port, all).size() == all.samples().size());
                assertThat(shown(port, all)).isEqualTo(all.samples());
            }
        } finally {
            stop.set(true);
            kill(firn);
            sender.join();
        }
    }

    private void awaitMore() {
        Counted before = counted.get();
        Served.await(() -> !counted.get().equals(before) || !trouble.get().isEmpty());
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

    /// Request after request, each until it is acknowledged; what is counted was.
    private void send(String url) {
        long from = System.currentTimeMillis() * 1_000_000 - 86_400 * SECOND;
        for (int number = 0; !stop.get(); number++) {
            boolean both = second.get();
            Counted with = counted.get().and(number, both);
            byte[] body = body(from, number, with, both);
            while (!acknowledged(url, body)) {
                if (stop.get() || !trouble.get().isEmpty()) {
                    return;
                }
                Served.pause(20);
            }
            counted.set(with);
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

    private static byte[] body(long from, int number, Counted with, boolean second) {
        long time = from + (number + 1) * SECOND;
        var delta = AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA;
        var cumulative = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE;
        var request = ExportMetricsServiceRequest.newBuilder();
        var scope = request.addResourceMetricsBuilder().addScopeMetricsBuilder();
        for (int pod = 1; pod <= 2; pod++) {
            long all = with.first + (pod - 1) * (number + 1L);
            long last = time - SECOND;
            scope.addMetrics(sum("jobs", delta, point(pod, last, time, number + pod)));
            scope.addMetrics(histogram("waits", delta, pod, last, time, number + pod));
            scope.addMetrics(sum("visits", cumulative, point(pod, from, time, all)));
            scope.addMetrics(histogram("reads", cumulative, pod, from, time, all));
        }
        scope.addMetrics(sum("late", cumulative, point(1, from, time, with.first)));
        if (second) {
            var point = point(2, from + with.join * SECOND, time, with.second);
            scope.addMetrics(sum("late", cumulative, point));
            scope.addMetrics(sum("moved", cumulative, point));
        } else {
            scope.addMetrics(sum("moved", cumulative, point(1, from, time, with.until)));
        }
        return request.build().toByteArray();
    }

    private static Metric sum(
            String name, AggregationTemporality temporality, NumberDataPoint point) {
        return Metric.newBuilder()
                .setName(name)
                .setSum(
                        Sum.newBuilder()
                                .setIsMonotonic(true)
                                .setAggregationTemporality(temporality)
                                .addDataPoints(point))
                .build();
    }

    private static NumberDataPoint point(int pod, long start, long time, long value) {
        return NumberDataPoint.newBuilder()
                .setStartTimeUnixNano(start)
                .setTimeUnixNano(time)
                .setAsInt(value)
                .addAttributes(pod(pod))
                .build();
    }

    /// Events of one second each.
    private static Metric histogram(
            String name,
            AggregationTemporality temporality,
            int pod,
            long start,
            long time,
            long count) {
        return Metric.newBuilder()
                .setName(name)
                .setHistogram(
                        Histogram.newBuilder()
                                .setAggregationTemporality(temporality)
                                .addDataPoints(
                                        HistogramDataPoint.newBuilder()
                                                .setStartTimeUnixNano(start)
                                                .setTimeUnixNano(time)
                                                .setCount(count)
                                                .setSum(count)
                                                .addExplicitBounds(10)
                                                .addBucketCounts(count)
                                                .addBucketCounts(0)
                                                .addAttributes(pod(pod))))
                .build();
    }

    private static KeyValue pod(int pod) {
        return KeyValue.newBuilder()
                .setKey("pod")
                .setValue(AnyValue.newBuilder().setStringValue("p" + pod))
                .build();
    }

    /// What the page shows of these samples.
    private Map<String, Long> shown(int page, Counted all) {
        var shown = new LinkedHashMap<String, Long>();
        try {
            String text = text(page);
            for (String sample : all.samples().keySet()) {
                Matcher found = Pattern.compile("(?m)^" + sample + " (\\S+)").matcher(text);
                if (found.find()) {
                    shown.put(sample, (long) Double.parseDouble(found.group(1)));
                }
            }
        } catch (IOException e) {
            return shown; // not there yet
        }
        return shown;
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
