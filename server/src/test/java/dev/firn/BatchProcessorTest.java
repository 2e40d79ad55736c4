package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.base.Clock;
import dev.firn.base.NioDisk;
import dev.firn.base.OwnMetrics;
import dev.firn.config.ConfigReader;
import dev.firn.model.Batch;
import dev.firn.model.Numbers;
import dev.firn.model.Pipelines;
import dev.firn.model.Series;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import dev.firn.process.state.StateRoom;
import dev.firn.wal.Wal;
import dev.firn.wal.WalOptions;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `batch` as a pipeline's exporters show it: sizes and moments of what is sent on, and that others
/// get their points at once. The clock moves when told to.
class BatchProcessorTest {
    private static final class TestClock implements Clock {
        private final AtomicLong ticks = new AtomicLong();

        @Override
        public long nanos() {
            return 1_760_000_000_000_000_000L + ticks.get();
        }

        @Override
        public long ticks() {
            return ticks.get();
        }

        void advance(Duration by) {
            ticks.addAndGet(by.toNanos());
        }
    }

    /// A pipeline from a configuration to a receiver that writes down what comes.
    private final class Pipeline implements AutoCloseable {
        private final OtlpPeers.Scripted peer =
                new OtlpPeers.Scripted((number, values) -> OtlpPeers.Scripted.Answer.OK);
        private final PipelineRoom room;
        private final Wal wal;
        private final Pipelines fed;
        private long value;

        Pipeline(String batch, String queue) throws InterruptedException {
            var metrics = new OwnMetrics();
            var disk = new NioDisk();
            room =
                    PipelineRoom.prepare(
                            ConfigReader.parse(
                                    Map.of("test.yaml", config(batch, queue)), name -> null),
                            folder,
                            disk,
                            clock,
                            registry,
                            metrics);
            wal =
                    Wal.open(
                            folder,
                            disk,
                            clock,
                            new Random(1),
                            registry,
                            metrics,
                            WalOptions.of(StateRoom.SINK, "lake"));
            room.open(wal);
            fed = room.fedBy("otlp");
        }

        private String config(String batch, String queue) {
            return """
            receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
            processors: {batch: %s}
            exporters:
              otlphttp: {endpoint: "http://127.0.0.1:%d", compression: none, sending_queue: %s}
              prometheus: {endpoint: "127.0.0.1:0"}
            service:
              telemetry: {metrics: {level: none}}
              pipelines:
                metrics: {receivers: [otlp], processors: [batch], exporters: [otlphttp, prometheus]}
            """
                    .formatted(batch, peer.port(), queue);
        }

        /// A request of so many points.
        void take(int points) {
            var batch = new Batch();
            for (int i = 0; i < points; i++) {
                batch.numbers.add(series(), clock.nanos(), 0, 0, Numbers.INT, value++);
            }
            Pipelines.Run run = fed.run(batch);
            assertThat(run.durable().size()).isZero();
            run.stored();
        }

        /// Sizes of all requests once so many points have come.
        List<Integer> sizes(long points) {
            OtlpPeers.await(points + " points", () -> count() >= points);
            return peer.seen().stream().map(List::size).toList();
        }

        long count() {
            return peer.seen().stream().mapToLong(List::size).sum();
        }

        String page() throws Exception {
            String url = room.listening().getFirst().substring("scrape".length()).strip();
            return HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(url)).build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }

        @Override
        public void close() {
            room.close();
            wal.close();
            peer.close();
        }
    }

    @TempDir Path folder;
    private final TestClock clock = new TestClock();
    private final SeriesRegistry registry =
            new SeriesRegistry(SeriesIdentity.SHA_256, clock, 1_000);

    private Series series() {
        return registry.intern(SendingFixture.METRIC, "{}");
    }

    @Test
    void aBatchIsSentWhenItHasItsSizeAndIsSplitAboveItsMaximum() throws Exception {
        try (var pipeline =
                new Pipeline(
                        "{timeout: 1h, send_batch_size: 10, send_batch_max_size: 12}",
                        "{num_consumers: 1}")) {
            pipeline.take(4);
            pipeline.take(4);
            pipeline.take(4);
            assertThat(pipeline.sizes(12)).containsExactly(12);
            pipeline.take(30);
            assertThat(pipeline.sizes(42)).containsExactly(12, 12, 12, 6);
            pipeline.take(7);
            pipeline.take(7);
            assertThat(pipeline.sizes(56)).containsExactly(12, 12, 12, 6, 7, 7);
        }
    }

    @Test
    void aSmallBatchIsSentWhenItsTimeIsOver() throws Exception {
        try (var pipeline =
                new Pipeline("{timeout: 1h, send_batch_size: 100}", "{num_consumers: 1}")) {
            pipeline.take(3);
            clock.advance(Duration.ofMinutes(59));
            pipeline.take(1); // with the three before it: their time is not over
            clock.advance(Duration.ofMinutes(1));
            pipeline.take(1); // the log looks at the clock
            assertThat(pipeline.sizes(4).getFirst()).isBetween(4, 5);
        }
    }

    @Test
    void withoutSizeOrTimeEveryRequestIsSentAtOnce() throws Exception {
        try (var pipeline = new Pipeline("{timeout: 1h, send_batch_size: 0}", "{}")) {
            pipeline.take(3);
            assertThat(pipeline.sizes(3)).containsExactly(3);
            pipeline.take(2);
            assertThat(pipeline.sizes(5)).containsExactly(3, 2);
        }
    }

    @Test
    void theExportersOwnBatchHolds() throws Exception {
        try (var pipeline =
                new Pipeline(
                        "{timeout: 1h, send_batch_size: 1000}",
                        "{num_consumers: 1, batch: {flush_timeout: 1h, min_size: 5, max_size: 6}}")) {
            pipeline.take(2);
            pipeline.take(3);
            assertThat(pipeline.sizes(5)).containsExactly(5);
        }
    }

    @Test
    void otherExportersGetPointsAtOnce() throws Exception {
        try (var pipeline = new Pipeline("{timeout: 1h, send_batch_size: 1000}", "{}")) {
            pipeline.take(8);
            assertThat(pipeline.page()).contains("\nnumbers 7\n");
            assertThat(pipeline.count()).isZero();
        }
    }
}
