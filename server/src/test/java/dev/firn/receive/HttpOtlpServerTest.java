package dev.firn.receive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.WorldException;
import dev.firn.model.Intake;
import dev.firn.receive.ServerFixture.StatusProto;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HttpOtlpServerTest {
    private static final String PROTOBUF = "application/x-protobuf";
    private static final String JSON = "application/json";

    private final ServerFixture fixture = new ServerFixture();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @AfterEach
    void close() {
        client.close();
        fixture.close();
    }

    private HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + fixture.http.port() + path));
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private HttpResponse<byte[]> post(String type, String encoding, byte[] body) throws Exception {
        return send(
                to("/v1/metrics")
                        .header("Content-Type", type)
                        .header("Content-Encoding", encoding)
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body)));
    }

    private static String type(HttpResponse<byte[]> response) {
        return response.headers().firstValue("Content-Type").orElse("");
    }

    private static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    @Test
    void everyEncodingDeliversTheSameBytes() throws Exception {
        byte[] body = ServerFixture.request(1000);
        assertThat(post(PROTOBUF, "identity", body).statusCode()).isEqualTo(200);
        assertThat(post(PROTOBUF, "gzip", ServerFixture.gzip(body)).statusCode()).isEqualTo(200);
        assertThat(post(PROTOBUF, "ZSTD", ServerFixture.zstd(body)).statusCode()).isEqualTo(200);
        assertThat(fixture.receiver.requests).hasSize(3);
        for (var request : fixture.receiver.requests) {
            assertThat(request.body()).isEqualTo(body);
            assertThat(request.format()).isEqualTo(Receiver.Format.PROTOBUF);
            assertThat(request.sender()).isEqualTo("127.0.0.1");
        }
        fixture.awaitIdle();
        assertThat(fixture.page()).contains("firn_receive_http_requests_total{code=\"200\"} 3.0");
    }

    @Test
    void fullSuccessIsAnEmptyAnswerOfTheRequestsType() throws Exception {
        var protobuf = post(PROTOBUF + "; charset=utf-8", "identity", new byte[0]);
        assertThat(protobuf.statusCode()).isEqualTo(200);
        assertThat(type(protobuf)).isEqualTo(PROTOBUF);
        assertThat(protobuf.body()).isEmpty();
        var json =
                post(
                        "Application/JSON;charset=UTF-8",
                        "identity",
                        "{}".getBytes(StandardCharsets.UTF_8));
        assertThat(json.statusCode()).isEqualTo(200);
        assertThat(type(json)).isEqualTo(JSON);
        assertThat(text(json)).isEqualTo("{}");
        assertThat(fixture.receiver.requests.get(1).format()).isEqualTo(Receiver.Format.JSON);
    }

    @Test
    void refusedPointsArePartialSuccess() throws Exception {
        fixture.receiver.script = n -> new Intake.Answer(3, "time is \"0\"");
        var protobuf = post(PROTOBUF, "identity", ServerFixture.request(5));
        assertThat(protobuf.statusCode()).isEqualTo(200);
        var partial = ExportMetricsServiceResponse.parseFrom(protobuf.body()).getPartialSuccess();
        assertThat(partial.getRejectedDataPoints()).isEqualTo(3);
        assertThat(partial.getErrorMessage()).isEqualTo("time is \"0\"");
        assertThat(text(post(JSON, "identity", new byte[] {'{', '}'})))
                .isEqualTo(
                        "{\"partialSuccess\":{\"rejectedDataPoints\":\"3\",\"errorMessage\":\"time is"
                                + " \\\"0\\\"\"}}");
        fixture.receiver.script = n -> new Intake.Answer(0, "stored late");
        var warning = post(PROTOBUF, "identity", ServerFixture.request(5));
        assertThat(ExportMetricsServiceResponse.parseFrom(warning.body()).getPartialSuccess())
                .satisfies(p -> assertThat(p.getRejectedDataPoints()).isZero())
                .satisfies(p -> assertThat(p.getErrorMessage()).isEqualTo("stored late"));
    }

    @Test
    void malformedBodiesAre400WithAStatus() throws Exception {
        fixture.receiver.script =
                n -> {
                    throw new Receiver.MalformedBody("no varint at byte 3");
                };
        var protobuf = post(PROTOBUF, "identity", new byte[] {1, 2, 3});
        assertThat(protobuf.statusCode()).isEqualTo(400);
        assertThat(type(protobuf)).isEqualTo(PROTOBUF);
        var status = StatusProto.parse(protobuf.body());
        assertThat(status.code()).isEqualTo(3);
        assertThat(status.message()).contains("no varint at byte 3");
        assertThat(status.detailTypes())
                .containsExactly("type.googleapis.com/google.rpc.BadRequest");
        var json = post(JSON, "identity", new byte[] {'x'});
        assertThat(json.statusCode()).isEqualTo(400);
        assertThat(type(json)).isEqualTo(JSON);
        assertThat(text(json)).contains("\"code\":3").contains("no varint at byte 3");
    }

    @Test
    void overloadsSayWhenToRetry() throws Exception {
        fixture.receiver.script =
                n -> {
                    throw new Intake.Overloaded(
                            n == 0
                                    ? Intake.Overloaded.Cause.UNAVAILABLE
                                    : Intake.Overloaded.Cause.EXHAUSTED,
                            7,
                            "the disk is full");
                };
        var unavailable = post(PROTOBUF, "identity", ServerFixture.request(1));
        assertThat(unavailable.statusCode()).isEqualTo(503);
        assertThat(unavailable.headers().firstValue("Retry-After")).contains("7");
        var status = StatusProto.parse(unavailable.body());
        assertThat(status.code()).isEqualTo(14);
        assertThat(status.detailTypes())
                .containsExactly("type.googleapis.com/google.rpc.RetryInfo");
        var exhausted = post(JSON, "identity", new byte[] {'{', '}'});
        assertThat(exhausted.statusCode()).isEqualTo(429);
        assertThat(exhausted.headers().firstValue("Retry-After")).contains("7");
        assertThat(text(exhausted)).contains("\"retryDelay\":\"7s\"");
    }

    @Test
    void bugsAreAnsweredAsRetryableAndNever500() throws Exception {
        fixture.receiver.script =
                n -> {
                    if (n == 0) {
                        throw new IllegalStateException("a secret of the inside");
                    }
                    throw new StackOverflowError();
                };
        for (int i = 0; i < 2; i++) {
            var response = post(PROTOBUF, "identity", ServerFixture.request(1));
            assertThat(response.statusCode()).isEqualTo(503);
            assertThat(response.headers().firstValue("Retry-After")).contains("2");
            assertThat(text(response)).doesNotContain("secret");
        }
        assertThat(fixture.page()).contains("firn_receive_failures_total 2.0");
    }

    @Test
    void longMessagesAreCut() throws Exception {
        fixture.receiver.script = n -> new Intake.Answer(1, "ü".repeat(100_000));
        var response = post(PROTOBUF, "identity", ServerFixture.request(1));
        assertThat(response.body().length).isLessThan(1024);
        assertThat(
                        ExportMetricsServiceResponse.parseFrom(response.body())
                                .getPartialSuccess()
                                .getErrorMessage())
                .endsWith("…");
    }

    @Test
    void otherPathsMethodsAndTypesAreRefused() throws Exception {
        var body = HttpRequest.BodyPublishers.ofByteArray(ServerFixture.request(10));
        for (String path : List.of("/v1/traces", "/v1/logs", "/", "/v1/metrics/")) {
            var response = send(to(path).header("Content-Type", PROTOBUF).POST(body));
            assertThat(response.statusCode()).as(path).isEqualTo(404);
            assertThat(StatusProto.parse(response.body()).message())
                    .contains("Firn keeps metrics only");
        }
        var get = send(to("/v1/metrics").GET());
        assertThat(get.statusCode()).isEqualTo(405);
        assertThat(get.headers().firstValue("Allow")).contains("POST");
        for (String type : List.of("text/plain", "application/grpc")) {
            var response = send(to("/v1/metrics").header("Content-Type", type).POST(body));
            assertThat(response.statusCode()).isEqualTo(415);
            assertThat(text(response)).contains(type);
        }
        assertThat(send(to("/v1/metrics").POST(body)).statusCode()).isEqualTo(415);
        var encoding = post(PROTOBUF, "br", ServerFixture.request(1));
        assertThat(encoding.statusCode()).isEqualTo(415);
        assertThat(encoding.headers().firstValue("Accept-Encoding"))
                .contains("gzip, zstd, identity");
        assertThat(StatusProto.parse(encoding.body()).message()).contains("\"br\"");
        assertThat(fixture.receiver.requests).isEmpty();
    }

    @Test
    void chunkedBodiesAreWhole() throws Exception {
        byte[] body = ServerFixture.request(5_000);
        var response =
                send(
                        to("/v1/metrics")
                                .header("Content-Type", PROTOBUF)
                                .POST(
                                        HttpRequest.BodyPublishers.ofInputStream(
                                                () -> new ByteArrayInputStream(body))));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(fixture.receiver.requests.getFirst().body()).isEqualTo(body);
    }

    @Test
    void brokenAndExplodingBodiesAreRefused() throws Exception {
        byte[] gzip = ServerFixture.gzip(ServerFixture.request(100));
        var truncated = post(PROTOBUF, "gzip", Arrays.copyOf(gzip, gzip.length - 9));
        assertThat(truncated.statusCode()).isEqualTo(400);
        assertThat(StatusProto.parse(truncated.body()).message()).contains("ends early");
        assertThat(post(PROTOBUF, "gzip", ServerFixture.request(1)).statusCode()).isEqualTo(400);
        assertThat(post(PROTOBUF, "zstd", gzip).statusCode()).isEqualTo(400);
        byte[] zeros = new byte[64 << 20];
        var bomb = post(PROTOBUF, "gzip", ServerFixture.gzip(zeros));
        assertThat(bomb.statusCode()).isEqualTo(413);
        assertThat(StatusProto.parse(bomb.body()).message()).contains("limits.request_bytes_max");
        assertThat(post(PROTOBUF, "zstd", ServerFixture.zstd(zeros)).statusCode()).isEqualTo(413);
        assertThat(fixture.receiver.requests).isEmpty();
        fixture.awaitIdle();
        assertThat(fixture.page()).contains("firn_receive_refused_total{limit=\"body_bytes\"} 2.0");
    }

    @Test
    void oversizeBodiesGetAnAnswer() throws Exception {
        byte[] large = new byte[ServerFixture.BODY_MAX + 1];
        assertThat(post(PROTOBUF, "identity", large).statusCode()).isEqualTo(413);
        var chunked =
                send(
                        to("/v1/metrics")
                                .header("Content-Type", PROTOBUF)
                                .POST(
                                        HttpRequest.BodyPublishers.ofInputStream(
                                                () -> new ByteArrayInputStream(large))));
        assertThat(chunked.statusCode()).isEqualTo(413);
        // far above: answered by the head alone
        assertThat(raw(head("Content-Length: 99999999999\r\n").getBytes(StandardCharsets.US_ASCII)))
                .startsWith("HTTP/1.1 413")
                .contains("max_request_body_size");
        assertThat(
                        raw(
                                (head("Transfer-Encoding: chunked\r\n") + "7fffffff\r\n")
                                        .getBytes(StandardCharsets.US_ASCII)))
                .startsWith("HTTP/1.1 413");
        // the largest that is allowed
        byte[] largest = new byte[ServerFixture.BODY_MAX];
        assertThat(post(PROTOBUF, "identity", largest).statusCode()).isEqualTo(200);
        fixture.awaitIdle();
    }

    @Test
    void malformedFramingIs400WithAStatus() throws Exception {
        assertThat(
                        raw(
                                (head("Transfer-Encoding: chunked\r\n") + "zz\r\n")
                                        .getBytes(StandardCharsets.US_ASCII)))
                .startsWith("HTTP/1.1 400")
                .contains("malformed");
        assertThat(
                        raw(
                                "POST /v1/metrics HTTP/1.1\r\nbad header\r\n\r\n"
                                        .getBytes(StandardCharsets.US_ASCII)))
                .startsWith("HTTP/1.1 400");
        fixture.awaitIdle();
    }

    private static String head(String lengths) {
        return "POST /v1/metrics HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                + PROTOBUF
                + "\r\n"
                + lengths
                + "\r\n";
    }

    /// Sends and reads until the server closes the connection.
    private String raw(byte[] bytes) throws IOException {
        return raw(fixture.http.port(), bytes);
    }

    private static String raw(int port, byte[] bytes) throws IOException {
        try (var socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(bytes);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private static String readHead(InputStream in) throws IOException {
        var text = new StringBuilder();
        while (text.indexOf("\r\n\r\n") < 0) {
            int read = in.read();
            if (read < 0) {
                break;
            }
            text.append((char) read);
        }
        return text.toString();
    }

    @Test
    void connectionsAreKeptAndExpectedContinuesAreSent() throws Exception {
        byte[] body = ServerFixture.request(3);
        try (var socket = new Socket("127.0.0.1", fixture.http.port())) {
            socket.setSoTimeout(20_000);
            var out = socket.getOutputStream();
            for (int i = 0; i < 3; i++) {
                out.write(
                        head("Content-Length: " + body.length + "\r\nExpect: 100-continue\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
                assertThat(readHead(socket.getInputStream())).startsWith("HTTP/1.1 100");
                out.write(body);
                String head = readHead(socket.getInputStream());
                assertThat(head).startsWith("HTTP/1.1 200");
                assertThat(head.toLowerCase(Locale.ROOT)).contains("content-length: 0");
            }
            assertThat(fixture.receiver.requests).hasSize(3);
            out.write(
                    head("Content-Length: 1500000\r\nExpect: 100-continue\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            // refused without ever asking for the body
            assertThat(readHead(socket.getInputStream())).startsWith("HTTP/1.1 413");
        }
    }

    @Test
    void aConnectionIsClosedWhenTheSenderAsksForIt() throws Exception {
        byte[] close = head("Connection: close\r\n").getBytes(StandardCharsets.US_ASCII);
        assertThat(raw(close)).startsWith("HTTP/1.1 200");
    }

    @Test
    void aSenderThatGoesAwayLeavesNothingBehind() throws Exception {
        try (var socket = new Socket("127.0.0.1", fixture.http.port())) {
            socket.getOutputStream()
                    .write(
                            (head("Content-Length: 500000\r\n") + "some bytes")
                                    .getBytes(StandardCharsets.US_ASCII));
            ServerFixture.await(() -> !fixture.page().contains("firn_receive_inflight_bytes 0.0"));
            assertThat(fixture.page()).contains("firn_receive_inflight_requests 0.0");
        }
        ServerFixture.await(() ->
                fixture.page().contains("firn_receive_http_requests_total{code=\"aborted\"} 1.0"));
        fixture.awaitIdle();
        assertThat(fixture.receiver.requests).isEmpty();
    }

    @Test
    void aBodyThatComesTooSlowlyIsBrokenOff() throws Exception {
        var limits =
                new ServerLimits(
                        ServerFixture.BODY_MAX, 1 << 19, 4 << 20, 64L << 20, 32, 64, 50, 5_000, 2);
        try (var slow = new ServerFixture(limits);
                var socket = new Socket("127.0.0.1", slow.http.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write(
                            (head("Content-Length: 500000\r\n") + "x")
                                    .getBytes(StandardCharsets.US_ASCII));
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
            slow.awaitIdle();
            assertThat(slow.page())
                    .contains("firn_receive_refused_total{limit=\"body_timeout\"} 1.0");
        }
    }

    @Test
    void limitsOfConcurrencyAndMemoryRefuseWithRetry() throws Exception {
        var limits = new ServerLimits(1 << 20, 1 << 19, 1 << 20, 4L << 20, 1, 64, 20_000, 5_000, 9);
        try (var small = new ServerFixture(limits)) {
            var uri = URI.create("http://127.0.0.1:" + small.http.port() + "/v1/metrics");
            var request =
                    HttpRequest.newBuilder(uri)
                            .header("Content-Type", PROTOBUF)
                            .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[1 << 20]))
                            .build();
            small.admission.enter();
            var busy = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
            small.admission.leave();
            assertThat(busy.statusCode()).isEqualTo(429);
            assertThat(busy.headers().firstValue("Retry-After")).contains("9");
            assertThat(StatusProto.parse(busy.body()).message()).contains("limits.requests_max");
            try (Body held = small.admission.buffers().open()) {
                held.ensure(3 << 20);
                var full = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
                assertThat(full.statusCode()).isEqualTo(429);
                assertThat(StatusProto.parse(full.body()).message())
                        .contains("limits.inflight_bytes_max");
            }
            assertThat(client.send(request, HttpResponse.BodyHandlers.ofByteArray()).statusCode())
                    .isEqualTo(200);
            assertThat(small.page())
                    .contains("firn_receive_refused_total{limit=\"inflight_bytes\"} 1.0")
                    .contains("firn_receive_refused_total{limit=\"concurrent_requests\"} 1.0");
        }
    }

    @Test
    void eachReceiverHasItsOwnLimitForBodies() throws Exception {
        int points = 10;
        while (ServerFixture.request(points).length <= 5_000) { // a little too large is read
            points += 10;
        }
        byte[] body = ServerFixture.request(points);
        try (var small =
                new HttpOtlpServer(
                        ServerFixture.loopback(0),
                        fixture.receiver,
                        fixture.admission.withHttpBodies(4_096))) {
            var request =
                    HttpRequest.newBuilder(
                                    URI.create("http://127.0.0.1:" + small.port() + "/v1/metrics"))
                            .header("Content-Type", PROTOBUF);
            var refused =
                    client.send(
                            request.POST(HttpRequest.BodyPublishers.ofByteArray(body)).build(),
                            HttpResponse.BodyHandlers.ofByteArray());
            assertThat(refused.statusCode()).isEqualTo(413);
            assertThat(StatusProto.parse(refused.body()).message()).contains("4096");
        }
        assertThat(
                        send(to("/v1/metrics")
                                        .header("Content-Type", PROTOBUF)
                                        .POST(HttpRequest.BodyPublishers.ofByteArray(body)))
                                .statusCode())
                .isEqualTo(200);
    }

    @Test
    void webPagesAreRefused() throws Exception {
        byte[] body = ServerFixture.request(1);
        for (String[] header :
                new String[][] {
                    {"Origin", "http://evil.example"},
                    {"Origin", "null"},
                    {"Sec-Fetch-Site", "cross-site"}
                }) {
            var response =
                    send(
                            to("/v1/metrics")
                                    .header("Content-Type", PROTOBUF)
                                    .header(header[0], header[1])
                                    .POST(HttpRequest.BodyPublishers.ofByteArray(body)));
            assertThat(response.statusCode()).as(header[0]).isEqualTo(403);
            assertThat(StatusProto.parse(response.body()).code()).isEqualTo(7);
        }
        assertThat(fixture.receiver.requests).isEmpty();
    }

    @Test
    void onLoopbackOnlyItsOwnNamesAreHosts() throws Exception {
        for (String host : List.of("evil.example", "evil.example:4318", "127.0.0.1.evil.example")) {
            assertThat(raw(named(host))).as(host).startsWith("HTTP/1.1 403").contains(host);
        }
        for (String host : List.of("localhost", "LocalHost:4318", "127.0.0.1:1", "[::1]:4318")) {
            assertThat(raw(named(host))).as(host).startsWith("HTTP/1.1 200");
        }
        try (var open =
                new HttpOtlpServer(
                        new java.net.InetSocketAddress("0.0.0.0", 0),
                        fixture.receiver,
                        fixture.admission)) {
            assertThat(raw(open.port(), named("firn.example:4318"))).startsWith("HTTP/1.1 200");
        }
    }

    private static byte[] named(String host) {
        return head("Connection: close\r\nContent-Length: 0\r\n")
                .replace("Host: localhost", "Host: " + host)
                .getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void closeLetsRequestsInFlightFinish() throws Exception {
        var inside = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        fixture.receiver.script =
                n -> {
                    inside.countDown();
                    try {
                        go.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return Intake.Answer.OK;
                };
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                var idle = new Socket("127.0.0.1", fixture.http.port())) {
            var answer = threads.submit(() -> post(PROTOBUF, "identity", ServerFixture.request(1)));
            inside.await();
            int port = fixture.http.port();
            var closing = threads.submit(fixture.http::close);
            ServerFixture.await(() -> !accepts(port));
            assertThat(closing.isDone()).isFalse();
            go.countDown();
            assertThat(answer.get().statusCode()).isEqualTo(200);
            closing.get();
            assertThat(idle.getInputStream().read()).isEqualTo(-1);
        }
    }

    private static boolean accepts(int port) {
        try (var probe = new Socket("127.0.0.1", port)) {
            return probe.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void aPortInUseIsNamed() {
        var taken = ServerFixture.loopback(fixture.http.port());
        assertThatThrownBy(() -> new HttpOtlpServer(taken, fixture.receiver, fixture.admission))
                .isInstanceOf(WorldException.class)
                .hasMessageContaining("localhost:" + taken.getPort())
                .hasMessageContaining("in use")
                .hasMessageContaining("receivers.otlp.protocols.http.endpoint");
    }

    @Test
    void manySendersAtOnceAreAllServed() throws Exception {
        var bodies = new ArrayList<byte[]>();
        for (int i = 1; i <= 16; i++) {
            bodies.add(ServerFixture.request(i * 50));
        }
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var answers = new ArrayList<java.util.concurrent.Future<HttpResponse<byte[]>>>();
            for (int round = 0; round < 20; round++) {
                for (byte[] body : bodies) {
                    answers.add(
                            threads.submit(() -> post(PROTOBUF, "gzip", ServerFixture.gzip(body))));
                }
            }
            int served = 0;
            for (var answer : answers) {
                int status = answer.get().statusCode();
                assertThat(status).isIn(200, 429);
                served += status == 200 ? 1 : 0;
            }
            assertThat(fixture.receiver.requests).hasSize(served);
        }
        for (var request : fixture.receiver.requests) {
            assertThat(bodies).anySatisfy(body -> assertThat(request.body()).isEqualTo(body));
        }
        fixture.awaitIdle();
    }
}
