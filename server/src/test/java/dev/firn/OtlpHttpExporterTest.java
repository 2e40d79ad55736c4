package dev.firn;

import static dev.firn.SendingFixture.numbers;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.OtlpPeers.Scripted;
import dev.firn.OtlpPeers.Scripted.Answer;
import dev.firn.OtlpPeers.Servers;
import dev.firn.base.security.ServerSecurity;
import dev.firn.config.ClientConfig;
import dev.firn.config.RetryConfig;
import dev.firn.config.SendingQueueConfig;
import dev.firn.model.Exporter;
import dev.firn.receive.Receiver;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The otlphttp exporter against Firn's own server and against one that fails as told; its queue
/// across restarts and kills.
class OtlpHttpExporterTest {
    private static final String SENT = "otelcol_exporter_sent_metric_points";
    private static final String FAILED = "otelcol_exporter_send_failed_metric_points";
    private static final String NOT_QUEUED = "otelcol_exporter_enqueue_failed_metric_points";

    @TempDir private Path data;
    private SendingFixture fixture;

    @BeforeEach
    void open() {
        fixture = new SendingFixture(data);
    }

    private static List<Long> all(List<List<Long>> requests) {
        return requests.stream().flatMap(List::stream).toList();
    }

    private void awaitSent(long points) {
        OtlpPeers.await(points + " points sent", () -> fixture.metric(SENT) >= points);
    }

    @ParameterizedTest
    @CsvSource({
        "GZIP, false",
        "ZSTD, false",
        "NONE, false",
        "GZIP, true",
        "ZSTD, true",
        "NONE, true"
    })
    void everyEncodingArrives(ClientConfig.Compression compression, boolean json) {
        fixture.compression = compression;
        fixture.json = json;
        try (var servers = new Servers(ServerSecurity.NONE);
                Exporter exporter = fixture.http(servers.http.port())) {
            exporter.export(fixture.batch(0, 100));
            awaitSent(100);

            assertThat(servers.requests).hasSize(1);
            var request = servers.requests.getFirst();
            assertThat(request.format())
                    .isEqualTo(json ? Receiver.Format.JSON : Receiver.Format.PROTOBUF);
            if (!json) {
                assertThat(servers.values()).containsExactly(numbers(0, 100));
            }
            assertThat(fixture.metric(FAILED)).isZero();
            OtlpPeers.await(
                    "an empty queue", () -> fixture.metric("otelcol_exporter_queue_size") == 0);
            assertThat(fixture.metric("otelcol_exporter_queue_capacity")).isEqualTo(1_000);
        }
    }

    @Test
    void oneConsumerKeepsTheOrder() {
        try (var peer = new Scripted((number, values) -> Answer.OK);
                Exporter exporter = fixture.http(peer.port())) {
            for (int i = 0; i < 50; i++) {
                exporter.export(fixture.batch(10L * i, 10L * i + 10));
            }
            awaitSent(500);
            assertThat(all(peer.seen())).containsExactly(numbers(0, 500));
        }
    }

    @Test
    void whatMayBeRetriedIsUntilItIsTaken() {
        fixture.timeoutNanos = 300 * SendingFixture.MILLI;
        var slow = new CountDownLatch(1);
        try (var peer =
                        new Scripted((number, values) ->
                                switch (number) {
                                    case 0 -> Answer.of(503, "Retry-After", "0");
                                    case 1 -> Answer.of(429);
                                    case 2 -> Answer.of(502);
                                    case 3 -> Answer.of(504);
                                    case 4 -> Answer.of(0);
                                    case 5 -> {
                                        slow.await();
                                        yield Answer.of(0);
                                    }
                                    default -> Answer.OK;
                                });
                Exporter exporter = fixture.http(peer.port())) {
            exporter.export(fixture.batch(0, 10));
            exporter.export(fixture.batch(10, 20));
            awaitSent(20);
            slow.countDown();

            List<List<Long>> seen = peer.seen();
            for (int i = 0; i < 7; i++) {
                assertThat(seen.get(i)).as("attempt " + i).containsExactly(numbers(0, 10));
            }
            assertThat(seen.get(7)).containsExactly(numbers(10, 20));
            assertThat(seen).hasSize(8);
            assertThat(fixture.metric(FAILED)).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 404, 413, 500, 301})
    void whatIsRefusedForGoodIsDroppedAndCounted(int status) {
        try (var peer =
                        new Scripted(
                                (number, values) -> number == 0 ? Answer.of(status) : Answer.OK);
                Exporter exporter = fixture.http(peer.port())) {
            exporter.export(fixture.batch(0, 10));
            exporter.export(fixture.batch(10, 15));
            awaitSent(5);

            assertThat(peer.seen()).hasSize(2);
            assertThat(fixture.metric(FAILED)).isEqualTo(10);
        }
    }

    @Test
    void partialSuccessIsNoReasonToSendAgain() {
        byte[] partial = {10, 7, 8, 3, 18, 3, 'b', 'a', 'd'};
        try (var peer =
                        new Scripted((number, values) ->
                                new Answer(
                                        200, partial, "Content-Type", "application/x-protobuf"));
                Exporter exporter = fixture.http(peer.port())) {
            exporter.export(fixture.batch(0, 10));
            awaitSent(7);

            assertThat(peer.seen()).hasSize(1);
            assertThat(fixture.metric(FAILED)).isEqualTo(3);
        }
    }

    @Test
    void aRequestIsGivenUpWhenItsTimeIsOver() {
        fixture.retry = new RetryConfig(true, 1, 0, 1, 1, 5_000 * SendingFixture.MILLI);
        // the other side asks for more time than there is
        try (var peer =
                        new Scripted((number, values) ->
                                number == 0 ? Answer.of(503, "Retry-After", "60") : Answer.OK);
                Exporter exporter = fixture.http(peer.port())) {
            exporter.export(fixture.batch(0, 10));
            exporter.export(fixture.batch(10, 20));
            awaitSent(10);
            assertThat(all(peer.seen())).containsExactly(numbers(0, 20));
            assertThat(fixture.metric(FAILED)).isEqualTo(10);
        }
    }

    @Test
    void withoutRetriesAFailureDrops() {
        fixture.retry = new RetryConfig(false, 1, 0, 1, 1, 0);
        try (var peer = new Scripted((number, values) -> number == 0 ? Answer.of(503) : Answer.OK);
                Exporter exporter = fixture.http(peer.port())) {
            exporter.export(fixture.batch(0, 10));
            exporter.export(fixture.batch(10, 20));
            awaitSent(10);
            assertThat(fixture.metric(FAILED)).isEqualTo(10);
        }
    }

    @Test
    void largeBatchesAreDividedAndSmallOnesShareARequest() {
        fixture.queue =
                new SendingQueueConfig(
                        true,
                        1,
                        2_000,
                        SendingQueueConfig.Sizer.ITEMS,
                        false,
                        60_000 * SendingFixture.MILLI,
                        1_050,
                        400,
                        4 << 20);
        try (var peer = new Scripted((number, values) -> Answer.OK);
                Exporter exporter = fixture.http(peer.port())) {
            for (int i = 0; i < 10; i++) {
                exporter.export(fixture.batch(5L * i, 5L * i + 5));
            }
            exporter.export(fixture.batch(50, 1_050)); // the cut is full
            awaitSent(1_050);

            assertThat(peer.seen().stream().map(List::size)).containsExactly(50, 400, 400, 200);
            assertThat(all(peer.seen())).containsExactly(numbers(0, 1_050));
        }
    }

    @Test
    void requestsStayBelowTheBytesThatReceiversTake() {
        fixture.queue =
                new SendingQueueConfig(
                        true,
                        1,
                        1_000,
                        SendingQueueConfig.Sizer.REQUESTS,
                        false,
                        SendingFixture.MILLI,
                        1,
                        8_192,
                        2_000);
        try (var peer = new Scripted((number, values) -> Answer.OK);
                Exporter exporter = fixture.http(peer.port())) {
            exporter.export(fixture.batch(0, 1_000));
            awaitSent(1_000);

            assertThat(peer.seen()).hasSizeGreaterThan(10);
            assertThat(all(peer.seen())).containsExactly(numbers(0, 1_000));
        }
    }

    @Test
    void aFullQueueDropsTheNewest() throws Exception {
        fixture.queue = SendingFixture.queue(1, 3, 1, 1_000);
        var go = new CountDownLatch(1);
        try (var peer =
                        new Scripted((number, values) -> {
                            go.await();
                            return Answer.OK;
                        });
                Exporter exporter = fixture.http(peer.port())) {
            for (int i = 0; i < 5; i++) {
                exporter.export(fixture.batch(10L * i, 10L * i + 10));
            }
            assertThat(fixture.metric(NOT_QUEUED)).isEqualTo(20);
            assertThat(fixture.metric("otelcol_exporter_queue_size")).isEqualTo(3);
            go.countDown();
            awaitSent(30);
            assertThat(all(peer.seen())).containsExactly(numbers(0, 30));

            OtlpPeers.await(
                    "an empty queue", () -> fixture.metric("otelcol_exporter_queue_size") == 0);
            exporter.export(fixture.batch(50, 60)); // there is room again
            awaitSent(40);
        }
    }

    @Test
    void whatIsQueuedOutlivesTheProcess() throws Exception {
        int nobody;
        try (var socket = new ServerSocket(0)) {
            nobody = socket.getLocalPort();
        }
        try (Exporter exporter = fixture.http(nobody)) {
            for (int i = 0; i < 20; i++) {
                exporter.export(fixture.batch(10L * i, 10L * i + 10));
            }
        }
        fixture.metrics = new dev.firn.base.OwnMetrics();
        try (var peer = new Scripted((number, values) -> Answer.OK);
                Exporter exporter = fixture.http(peer.port())) {
            awaitSent(200);
            assertThat(all(peer.seen())).containsExactly(numbers(0, 200));
            OtlpPeers.await(
                    "an empty queue", () -> fixture.metric("otelcol_exporter_queue_size") == 0);
        }
        fixture.metrics = new dev.firn.base.OwnMetrics();
        try (var peer = new Scripted((number, values) -> Answer.OK);
                Exporter exporter = fixture.http(peer.port())) {
            exporter.export(fixture.batch(200, 201)); // nothing comes twice
            awaitSent(1);
            assertThat(all(peer.seen())).containsExactly(200L);
        }
    }

    /// The directory is copied as a kill leaves it, while requests have no answer.
    @ParameterizedTest
    @CsvSource({"1, 7", "4, 7", "4, 0"})
    void afterAKillOnlyRequestsWithoutAnAnswerAreSentAgain(
            int consumers, int hanging, @TempDir Path killed) throws Exception {
        fixture.queue = // cuts of three batches, each a request
                new SendingQueueConfig(
                        true,
                        consumers,
                        1_000,
                        SendingQueueConfig.Sizer.REQUESTS,
                        false,
                        60_000 * SendingFixture.MILLI,
                        30,
                        10,
                        4 << 20);
        var go = new CountDownLatch(1);
        var answered = new ArrayList<Long>();
        try (var peer =
                        new Scripted((number, values) -> {
                            if (values.contains(10L * hanging)) {
                                go.await();
                            }
                            synchronized (answered) {
                                answered.addAll(values);
                            }
                            return Answer.OK;
                        });
                Exporter exporter = fixture.http(peer.port())) {
            for (int i = 0; i < 21; i++) {
                exporter.export(fixture.batch(10L * i, 10L * i + 10));
            }
            long most = consumers == 1 ? 10L * hanging : 200;
            OtlpPeers.await("all but what hangs", () -> fixture.metric(SENT) == most);
            awaitCheckpoint(most);
            SendingFixture.copy(data, killed);
            go.countDown();
        }
        List<Long> before;
        synchronized (answered) {
            before = List.copyOf(answered);
        }
        fixture.metrics = new dev.firn.base.OwnMetrics();
        try (var peer = new Scripted((number, values) -> Answer.OK);
                Exporter exporter = fixture.http(killed, peer.port())) {
            long left = 210 - fixtureSent(consumers, hanging);
            awaitSent(left);
            OtlpPeers.await(
                    "an empty queue", () -> fixture.metric("otelcol_exporter_queue_size") == 0);
            List<Long> again = all(peer.seen());
            assertThat(again)
                    .hasSize((int) left)
                    .contains(numbers(10L * hanging, 10L * hanging + 10));
            if (consumers == 1) {
                assertThat(again).containsExactly(numbers(10L * hanging, 210));
            }
            assertThat(before).isNotEmpty();
        }
    }

    private static long fixtureSent(int consumers, int hanging) {
        return consumers == 1 ? 10L * hanging : 200;
    }

    /// The counter moves before the checkpoint does.
    private void awaitCheckpoint(long sent) throws Exception {
        Path file = data.resolve("queue/otlphttp%2Fx/wal/checkpoint/send.json").toAbsolutePath();
        OtlpPeers.await(
                "a checkpoint of " + sent,
                () -> {
                    try {
                        return sentBy(java.nio.file.Files.readString(file)) == sent;
                    } catch (java.io.IOException e) {
                        return sent == 0;
                    }
                });
    }

    /// Points that a checkpoint notes as sent, each batch having 10 and each cut 30.
    private static long sentBy(String json) {
        var sequence = java.util.regex.Pattern.compile("\"sequence\"\\s*:\\s*(\\d+)").matcher(json);
        if (!sequence.find()) {
            return 0;
        }
        long parts =
                java.util.regex.Pattern.compile("\\d+\\.\\d+-\\d+\\.\\d+")
                        .matcher(json)
                        .results()
                        .count();
        return 30 * Long.parseLong(sequence.group(1)) + 10 * parts;
    }

    @Test
    void withoutAQueueWhatCannotBeSentIsDropped() {
        SendingQueueConfig on = SendingFixture.QUEUE;
        fixture.queue =
                new SendingQueueConfig(
                        false, 1, 1, on.sizer(), false, on.flushNanos(), 1, 1_000, on.bytesMax());
        var go = new CountDownLatch(1);
        try (var peer =
                        new Scripted((number, values) -> {
                            go.await();
                            return Answer.OK;
                        });
                Exporter exporter = fixture.http(peer.port())) {
            for (int i = 0; i < 40; i++) {
                exporter.export(fixture.batch(10L * i, 10L * i + 10));
            }
            assertThat(fixture.metric(NOT_QUEUED)).isEqualTo(80);
            go.countDown();
            awaitSent(320);
            assertThat(all(peer.seen())).containsExactlyInAnyOrder(numbers(0, 320));
            assertThat(data.resolve("queue")).doesNotExist();
        }
    }
}
