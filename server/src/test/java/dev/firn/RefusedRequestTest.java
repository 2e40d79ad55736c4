package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.Clock;
import dev.firn.base.NioDisk;
import dev.firn.base.OwnMetrics;
import dev.firn.config.Config;
import dev.firn.config.ConfigReader;
import dev.firn.model.Intake;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import dev.firn.process.state.StateRoom;
import dev.firn.receive.DecodingReceiver;
import dev.firn.receive.ReceiveLimits;
import dev.firn.receive.Receiver;
import dev.firn.receive.SeriesCache;
import dev.firn.wal.Wal;
import dev.firn.wal.WalOptions;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What was refused and sent again, or answered without the sender's hearing it and sent again,
/// counts once on the exporter's page: deltas would show any trace of it.
class RefusedRequestTest {
    private static final long SECOND = 1_000_000_000L;
    private static final int REQUESTS = 200;

    private static final String CONFIG =
            """
            receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
            processors: {deltatocumulative: }
            exporters:
              prometheus: {endpoint: "127.0.0.1:0"}
              prometheus/converted: {endpoint: "127.0.0.1:0"}
              firn:
            service:
              telemetry: {metrics: {level: none}}
              pipelines:
                metrics: {receivers: [otlp], exporters: [prometheus, firn]}
                metrics/converted:
                  receivers: [otlp]
                  processors: [deltatocumulative]
                  exporters: [prometheus/converted]
            """;

    /// What becomes of an attempt.
    private enum Attempt {
        /// Refused before it was decoded, as a log that has stopped does.
        REFUSED_UNREAD,
        /// Refused after the pipelines ran, as a full queue and a full disk do.
        REFUSED_DECODED,
        TAKEN
    }

    @TempDir Path folder;
    private final SeriesRegistry registry =
            new SeriesRegistry(SeriesIdentity.SHA_256, Clock.system(), 1_000);
    private Attempt now = Attempt.TAKEN;

    private Intake refusing(Wal wal) {
        return (key, decoder) ->
                switch (now) {
                    case TAKEN -> wal.accept(key, decoder);
                    case REFUSED_UNREAD -> throw refusal();
                    case REFUSED_DECODED -> {
                        assertThat(decoder.decode().batch().size()).isPositive();
                        throw refusal();
                    }
                };
    }

    private static Intake.Overloaded refusal() {
        return new Intake.Overloaded(Intake.Overloaded.Cause.UNAVAILABLE, 1, "for this test");
    }

    @Test
    void aRefusedRequestThatComesAgainCountsOnce() throws Exception {
        Config config = ConfigReader.parse(Map.of("test.yaml", CONFIG), name -> null);
        var metrics = new OwnMetrics();
        var disk = new NioDisk();
        var random = new Random(7);
        try (PipelineRoom pipelines =
                PipelineRoom.prepare(config, folder, disk, Clock.system(), registry, metrics)) {
            try (Wal wal =
                    Wal.open(
                            folder,
                            disk,
                            Clock.system(),
                            random,
                            registry,
                            metrics,
                            WalOptions.of(StateRoom.SINK, "lake"))) {
                pipelines.open(wal);
                var receiver =
                        new DecodingReceiver(
                                        refusing(wal),
                                        new SeriesCache(random, 1 << 20),
                                        registry,
                                        ReceiveLimits.defaults(),
                                        Clock.system(),
                                        metrics)
                                .of("otlp", "http", pipelines.fedBy("otlp"));
                var sent = new Totals();
                for (int number = 0; number < REQUESTS; number++) {
                    send(receiver, request(number, random, sent), random);
                }
                for (String page : pages(pipelines)) {
                    assertThat(number(page, "refused_requests_total")).isEqualTo(sent.requests);
                    assertThat(number(page, "refused_seconds_count")).isEqualTo(sent.count);
                    assertThat(number(page, "refused_seconds_sum")).isEqualTo(sent.sum);
                }
                String own = new String(metrics.page(), StandardCharsets.UTF_8);
                assertThat(number(own, "otelcol_receiver_accepted_metric_points"))
                        .isEqualTo(2.0 * REQUESTS);
                assertThat(number(own, "otelcol_receiver_refused_metric_points")).isPositive();
            }
        }
    }

    /// Until it is taken, and now and then once more: its sender did not hear the answer.
    private void send(DecodingReceiver receiver, byte[] body, Random random) {
        now = Attempt.values()[random.nextInt(Attempt.values().length)];
        while (now != Attempt.TAKEN) {
            assertThatThrownBy(() -> receive(receiver, body)).isInstanceOf(Intake.Overloaded.class);
            now = Attempt.values()[random.nextInt(Attempt.values().length)];
        }
        for (int times = 1 + random.nextInt(2); times > 0; times--) {
            receive(receiver, body);
        }
    }

    private static void receive(DecodingReceiver receiver, byte[] body) {
        receiver.receive(Receiver.Format.JSON, body, body.length, "test");
    }

    private static final class Totals {
        private long requests;
        private long count;
        private double sum;
    }

    /// A delta of a counter and of a histogram.
    private static byte[] request(int number, Random random, Totals sent) {
        long requests = random.nextInt(5);
        long count = random.nextInt(5);
        sent.requests += requests;
        sent.count += count;
        sent.sum += count * 0.25;
        long start = Clock.system().nanos() / SECOND * SECOND + number * SECOND;
        String times =
                "\"startTimeUnixNano\": \"%d\", \"timeUnixNano\": \"%d\""
                        .formatted(start, start + SECOND);
        return """
        {"resourceMetrics": [{"scopeMetrics": [{"metrics": [
          {"name": "refused.requests", "sum": {"aggregationTemporality": 1, "isMonotonic": true,
            "dataPoints": [{%s, "asInt": "%d"}]}},
          {"name": "refused.seconds", "histogram": {"aggregationTemporality": 1,
            "dataPoints": [{%s, "count": "%d", "sum": %s, "bucketCounts": ["%d", "0"],
              "explicitBounds": [1.0]}]}}
        ]}]}]}\
        """
                .formatted(times, requests, times, count, count * 0.25, count)
                .getBytes(StandardCharsets.UTF_8);
    }

    private static List<String> pages(PipelineRoom pipelines) throws Exception {
        var found = new ArrayList<String>();
        for (String line : pipelines.listening()) {
            URI uri = URI.create(line.substring("scrape".length()).strip());
            found.add(
                    HttpClient.newHttpClient()
                            .send(
                                    HttpRequest.newBuilder(uri).build(),
                                    HttpResponse.BodyHandlers.ofString())
                            .body());
        }
        assertThat(found).hasSize(2);
        return found;
    }

    /// Of the only sample of this name.
    private static double number(String page, String name) {
        List<String> lines =
                page.lines()
                        .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                        .toList();
        assertThat(lines).as(page).hasSize(1);
        return Double.parseDouble(lines.getFirst().substring(lines.getFirst().lastIndexOf(' ')));
    }
}
