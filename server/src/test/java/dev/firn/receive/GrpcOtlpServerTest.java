package dev.firn.receive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.WorldException;
import dev.firn.model.Intake;
import dev.firn.receive.ServerFixture.StatusProto;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Compressor;
import io.grpc.CompressorRegistry;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GrpcOtlpServerTest {
    private static final String EXPORT =
            "opentelemetry.proto.collector.metrics.v1.MetricsService/Export";

    private final ServerFixture fixture = new ServerFixture();
    private final ManagedChannel channel =
            channel(fixture.grpc.port(), "gzip", ServerFixture::gzip);

    @AfterEach
    void close() {
        channel.shutdownNow();
        fixture.close();
    }

    /// A client whose compression named `encoding` is `compress`, however wrong.
    private static ManagedChannel channel(
            int port, String encoding, UnaryOperator<byte[]> compress) {
        var registry = CompressorRegistry.newEmptyInstance();
        registry.register(new WholeMessage(encoding, compress));
        return NettyChannelBuilder.forAddress("127.0.0.1", port)
                .usePlaintext()
                .compressorRegistry(registry)
                .build();
    }

    private record WholeMessage(String encoding, UnaryOperator<byte[]> compress)
            implements Compressor {
        @Override
        public String getMessageEncoding() {
            return encoding;
        }

        @Override
        public OutputStream compress(OutputStream to) {
            return new ByteArrayOutputStream() {
                @Override
                public void close() throws IOException {
                    to.write(compress.apply(toByteArray()));
                    to.close();
                }
            };
        }
    }

    private static MethodDescriptor<byte[], byte[]> method(String name) {
        return method(name, MethodDescriptor.MethodType.UNARY);
    }

    private static MethodDescriptor<byte[], byte[]> method(
            String name, MethodDescriptor.MethodType type) {
        return MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(type)
                .setFullMethodName(name)
                .setRequestMarshaller(new Bytes())
                .setResponseMarshaller(new Bytes())
                .build();
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static byte[] call(
            ManagedChannel channel, String name, @Nullable String compression, byte[] body) {
        var options = CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS);
        if (compression != null) {
            options = options.withCompression(compression);
        }
        return ClientCalls.blockingUnaryCall(channel, method(name), options, body);
    }

    private static StatusRuntimeException failure(
            ManagedChannel channel, String name, @Nullable String compression, byte[] body) {
        try {
            call(channel, name, compression, body);
        } catch (StatusRuntimeException e) {
            return e;
        }
        throw new AssertionError("the call succeeded");
    }

    private StatusRuntimeException failure(byte[] body) {
        return failure(channel, EXPORT, null, body);
    }

    private static Status.Code code(StatusRuntimeException failure) {
        return failure.getStatus().getCode();
    }

    private static StatusProto details(StatusRuntimeException failure) {
        Metadata trailers = failure.getTrailers();
        byte[] bytes = trailers == null ? null : trailers.get(GrpcExport.STATUS_DETAILS);
        if (bytes == null) {
            throw new AssertionError("no details in " + failure);
        }
        return StatusProto.parse(bytes);
    }

    @Test
    void everyEncodingDeliversTheSameBytes() {
        byte[] body = ServerFixture.request(1000);
        assertThat(call(channel, EXPORT, null, body)).isEmpty();
        assertThat(call(channel, EXPORT, "gzip", body)).isEmpty();
        var zstd = channel(fixture.grpc.port(), "zstd", ServerFixture::zstd);
        assertThat(call(zstd, EXPORT, "zstd", body)).isEmpty();
        zstd.shutdownNow();
        assertThat(fixture.receiver.requests).hasSize(3);
        for (var request : fixture.receiver.requests) {
            assertThat(request.body()).isEqualTo(body);
            assertThat(request.sender()).isEqualTo("127.0.0.1");
        }
        assertThat(call(channel, EXPORT, null, new byte[0])).isEmpty();
        assertThat(fixture.receiver.requests.get(3).body()).isEmpty();
        fixture.awaitIdle();
        assertThat(fixture.page()).contains("firn_receive_grpc_requests_total{code=\"OK\"} 4.0");
    }

    @Test
    void refusedPointsArePartialSuccess() throws Exception {
        fixture.receiver.script = n -> new Intake.Answer(300, "no time");
        byte[] answer = call(channel, EXPORT, null, ServerFixture.request(400));
        var partial = ExportMetricsServiceResponse.parseFrom(answer).getPartialSuccess();
        assertThat(partial.getRejectedDataPoints()).isEqualTo(300);
        assertThat(partial.getErrorMessage()).isEqualTo("no time");
    }

    @Test
    void failuresHaveTheirCodesAndDetails() {
        fixture.receiver.script =
                n -> {
                    throw switch (n) {
                        case 0 -> new Receiver.MalformedBody("no varint at byte 3");
                        case 1 ->
                                new Intake.Overloaded(
                                        Intake.Overloaded.Cause.UNAVAILABLE, 7, "the disk is full");
                        case 2 ->
                                new Intake.Overloaded(
                                        Intake.Overloaded.Cause.EXHAUSTED, 7, "memory is short");
                        default -> new IllegalStateException("a secret of the inside");
                    };
                };
        byte[] body = ServerFixture.request(1);
        var malformed = failure(body);
        assertThat(code(malformed)).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(malformed).hasMessageContaining("no varint at byte 3");
        assertThat(details(malformed).detailTypes())
                .containsExactly("type.googleapis.com/google.rpc.BadRequest");
        var unavailable = failure(body);
        assertThat(code(unavailable)).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(details(unavailable).code()).isEqualTo(14);
        assertThat(details(unavailable).detailTypes())
                .containsExactly("type.googleapis.com/google.rpc.RetryInfo");
        var exhausted = failure(body);
        assertThat(code(exhausted)).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(details(exhausted).detailTypes())
                .containsExactly("type.googleapis.com/google.rpc.RetryInfo");
        var bug = failure(body);
        assertThat(code(bug)).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(bug.getMessage()).doesNotContain("secret");
        fixture.awaitIdle();
    }

    @Test
    void brokenExplodingAndUnknownEncodingsAreRefused() {
        byte[] body = ServerFixture.request(100);
        var truncated =
                channel(
                        fixture.grpc.port(),
                        "gzip",
                        plain -> Arrays.copyOf(ServerFixture.gzip(plain), 60));
        assertThat(code(failure(truncated, EXPORT, "gzip", body)))
                .isEqualTo(Status.Code.INVALID_ARGUMENT);
        truncated.shutdownNow();
        var garbage = channel(fixture.grpc.port(), "gzip", plain -> plain);
        assertThat(code(failure(garbage, EXPORT, "gzip", body)))
                .isEqualTo(Status.Code.INVALID_ARGUMENT);
        garbage.shutdownNow();
        var bomb =
                channel(
                        fixture.grpc.port(),
                        "gzip",
                        plain -> ServerFixture.gzip(new byte[64 << 20]));
        assertThat(failure(bomb, EXPORT, "gzip", body))
                .satisfies(e -> assertThat(code(e)).isEqualTo(Status.Code.INVALID_ARGUMENT))
                .hasMessageContaining("max_recv_msg_size_mib");
        bomb.shutdownNow();
        var unknown = channel(fixture.grpc.port(), "br", plain -> plain);
        assertThat(code(failure(unknown, EXPORT, "br", body))).isEqualTo(Status.Code.UNIMPLEMENTED);
        unknown.shutdownNow();
        assertThat(fixture.receiver.requests).isEmpty();
        fixture.awaitIdle();
    }

    @Test
    void oversizeMessagesAreRefusedAndCounted() {
        int most = ServerFixture.LIMITS.grpcMessageBytesMax();
        assertThat(call(channel, EXPORT, null, new byte[most])).isEmpty();
        assertThat(failure(new byte[most + 2]))
                .satisfies(e -> assertThat(code(e)).isEqualTo(Status.Code.RESOURCE_EXHAUSTED))
                .hasMessageContaining("exceeds maximum size");
        assertThat(failure(new byte[most + 1]))
                .satisfies(e -> assertThat(code(e)).isEqualTo(Status.Code.INVALID_ARGUMENT))
                .hasMessageContaining("max_recv_msg_size_mib");
        ServerFixture.await(() ->
                fixture.page().contains("firn_receive_refused_total{limit=\"body_bytes\"} 2.0"));
        fixture.awaitIdle();
    }

    /// A gzip stream of exactly `size` bytes: its header holds a name of the length it takes.
    private static byte[] gzipOf(int size, byte[] plain) {
        byte[] gzip = ServerFixture.gzip(plain);
        byte[] padded = new byte[size];
        java.util.Arrays.fill(padded, (byte) 'n');
        System.arraycopy(gzip, 0, padded, 0, 10);
        padded[3] = 8;
        System.arraycopy(gzip, 10, padded, size - gzip.length + 10, gzip.length - 10);
        padded[size - gzip.length + 9] = 0;
        return padded;
    }

    @Test
    void compressedMessagesUpToTheLimitAreTakenAndLargerOnesLeaveNothingBehind() {
        int most = ServerFixture.LIMITS.grpcMessageBytesMax();
        byte[] body = ServerFixture.request(1);
        var whole = channel(fixture.grpc.port(), "gzip", plain -> gzipOf(most, plain));
        assertThat(call(whole, EXPORT, "gzip", body)).isEmpty();
        assertThat(fixture.receiver.requests.getFirst().body()).isEqualTo(body);
        whole.shutdownNow();
        for (int more = 1; more <= 2; more++) {
            int size = most + more;
            var larger = channel(fixture.grpc.port(), "gzip", plain -> gzipOf(size, plain));
            for (int i = 0; i < 5; i++) {
                assertThat(code(failure(larger, EXPORT, "gzip", body)))
                        .isIn(Status.Code.INVALID_ARGUMENT, Status.Code.RESOURCE_EXHAUSTED);
            }
            larger.shutdownNow();
        }
        fixture.awaitIdle();
    }

    @Test
    void aCallWhoseMessageIsNotWholeHoldsNoPlace() throws Exception {
        var limits = new ServerLimits(1 << 20, 1 << 20, 1 << 20, 8L << 20, 2, 64, 20_000, 5_000, 9);
        try (var small = new ServerFixture(limits)) {
            var client = channel(small.grpc.port(), "gzip", ServerFixture::gzip);
            var slow = open(client, new LinkedBlockingQueue<>());
            slow.sendMessage(ServerFixture.request(3));
            small.admission.enter(); // one place is left
            // on the same connection, so that the slow call has begun before this one
            assertThat(call(client, EXPORT, null, ServerFixture.request(1))).isEmpty();
            small.admission.leave();
            slow.cancel("enough", null);
            small.awaitIdle();
            client.shutdownNow();
        }
    }

    @Test
    void otherSignalsAreToldThatOnlyMetricsAreKept() {
        var traces =
                failure(
                        channel,
                        "opentelemetry.proto.collector.trace.v1.TraceService/Export",
                        null,
                        new byte[3]);
        assertThat(code(traces)).isEqualTo(Status.Code.UNIMPLEMENTED);
        assertThat(traces).hasMessageContaining("Firn keeps metrics only");
        assertThat(code(failure(channel, "some.other.Service/Call", null, new byte[3])))
                .isEqualTo(Status.Code.UNIMPLEMENTED);
    }

    @Test
    void limitsOfConcurrencyAndMemoryRefuseWithRetry() {
        var limits = new ServerLimits(1 << 20, 1 << 20, 1 << 20, 4L << 20, 1, 64, 20_000, 5_000, 9);
        try (var small = new ServerFixture(limits)) {
            var client = channel(small.grpc.port(), "gzip", ServerFixture::gzip);
            byte[] body = new byte[1 << 20];
            small.admission.enter();
            var busy = failure(client, EXPORT, null, body);
            small.admission.leave();
            assertThat(code(busy)).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            assertThat(details(busy).detailTypes())
                    .containsExactly("type.googleapis.com/google.rpc.RetryInfo");
            try (Body held = small.admission.buffers().open()) {
                held.ensure(3 << 20);
                var full = failure(client, EXPORT, null, body);
                assertThat(code(full)).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
                assertThat(full).hasMessageContaining("limits.inflight_bytes_max");
                assertThat(details(full).detailTypes())
                        .containsExactly("type.googleapis.com/google.rpc.RetryInfo");
            }
            assertThat(call(client, EXPORT, null, body)).isEmpty();
            client.shutdownNow();
        }
    }

    /// A call of which the test decides what is sent; its outcome arrives in the queue.
    private static ClientCall<byte[], byte[]> open(
            ManagedChannel channel, LinkedBlockingQueue<Status> outcome) {
        ClientCall<byte[], byte[]> call =
                channel.newCall(
                        // grpc's client holds a unary call back until it is whole
                        method(EXPORT, MethodDescriptor.MethodType.CLIENT_STREAMING),
                        CallOptions.DEFAULT);
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        outcome.add(status);
                    }
                },
                new Metadata());
        call.request(2);
        return call;
    }

    @Test
    void aMessageThatNeverComesEndsTheCall() throws Exception {
        var limits = new ServerLimits(1 << 20, 1 << 20, 1 << 20, 8L << 20, 4, 64, 50, 5_000, 2);
        try (var slow = new ServerFixture(limits)) {
            var client = channel(slow.grpc.port(), "gzip", ServerFixture::gzip);
            var outcome = new LinkedBlockingQueue<Status>();
            open(client, outcome);
            Status status = outcome.poll(20, TimeUnit.SECONDS);
            assertThat(status).isNotNull();
            assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(status.getDescription()).contains("limits.body_timeout");
            slow.awaitIdle();
            client.shutdownNow();
        }
    }

    @Test
    void noMessageOrACancelledCallLeavesNothingBehind() throws Exception {
        var outcome = new LinkedBlockingQueue<Status>();
        open(channel, outcome).halfClose();
        Status none = outcome.poll(20, TimeUnit.SECONDS);
        assertThat(none).isNotNull();
        assertThat(none.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        var cancelled = open(channel, outcome);
        cancelled.sendMessage(ServerFixture.request(100));
        // on the same connection, so that the call to be cancelled has begun before this one
        assertThat(call(channel, EXPORT, null, ServerFixture.request(1))).isEmpty();
        cancelled.cancel("changed my mind", null);
        fixture.awaitIdle();
        assertThat(fixture.receiver.requests).hasSize(1);
        ServerFixture.await(
                () -> fixture.page().contains("grpc_requests_total{code=\"CANCELLED\"} 1.0"));
    }

    @Test
    void closeLetsCallsInFlightFinish() throws Exception {
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
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var answer =
                    threads.submit(() -> call(channel, EXPORT, "gzip", ServerFixture.request(9)));
            inside.await();
            Future<?> closing = threads.submit(fixture.grpc::close);
            var late = channel(fixture.grpc.port(), "gzip", ServerFixture::gzip);
            ServerFixture.await(() -> {
                late.resetConnectBackoff();
                var outcome = new LinkedBlockingQueue<Status>();
                open(late, outcome).halfClose();
                try {
                    return outcome.take().getCode() == Status.Code.UNAVAILABLE;
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThat(closing.isDone()).isFalse();
            go.countDown();
            assertThat(answer.get()).isEmpty();
            closing.get();
            late.shutdownNow();
        }
    }

    @Test
    void aPortInUseIsNamed() {
        var taken = ServerFixture.loopback(fixture.grpc.port());
        assertThatThrownBy(() -> new GrpcOtlpServer(taken, fixture.receiver, fixture.admission))
                .isInstanceOf(WorldException.class)
                .hasMessageContaining("localhost:" + taken.getPort())
                .hasMessageContaining("in use")
                .hasMessageContaining("receivers.otlp.protocols.grpc.endpoint");
    }

    @Test
    void manyCallsAtOnceAreAllAnswered() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var answers = new ArrayList<Future<Boolean>>();
            for (int i = 0; i < 300; i++) {
                byte[] body = ServerFixture.request(1 + i);
                answers.add(threads.submit(() -> served(body)));
            }
            int served = 0;
            for (var answer : answers) {
                served += answer.get() ? 1 : 0;
            }
            assertThat(served).isPositive();
            assertThat(fixture.receiver.requests).hasSize(served);
        }
        fixture.awaitIdle();
    }

    private boolean served(byte[] body) {
        try {
            call(channel, EXPORT, "gzip", body);
            return true;
        } catch (StatusRuntimeException e) {
            assertThat(code(e)).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            return false;
        }
    }
}
