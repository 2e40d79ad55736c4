package dev.firn;

import static dev.firn.SendingFixture.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.OtlpPeers.Servers;
import dev.firn.base.ByteWriter;
import dev.firn.base.Clock;
import dev.firn.base.InputException;
import dev.firn.base.OwnMetrics;
import dev.firn.base.security.BearerTokens;
import dev.firn.base.security.Secret;
import dev.firn.base.security.ServerSecurity;
import dev.firn.base.security.TestCertificates;
import dev.firn.base.security.Tls;
import dev.firn.config.AuthExtensionConfig;
import dev.firn.config.BasicAuthConfig;
import dev.firn.config.BearerTokenAuthConfig;
import dev.firn.config.ClientConfig;
import dev.firn.config.RetryConfig;
import dev.firn.model.Exporter;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The otlp exporter against Firn's own server and against one that fails as told; TLS and
/// credentials of both exporters.
class OtlpGrpcExporterTest {
    private static final String SENT = "otelcol_exporter_sent_metric_points";
    private static final String FAILED = "otelcol_exporter_send_failed_metric_points";
    private static final TestCertificates CERTIFICATES = TestCertificates.shared();

    @TempDir private Path data;
    private SendingFixture fixture;

    @BeforeEach
    void open() {
        fixture = new SendingFixture(data);
    }

    private void awaitSent(long points) {
        OtlpPeers.await(points + " points sent", () -> fixture.metric(SENT) >= points);
    }

    /// Ends calls as told; null is OK.
    private static final class Scripted implements AutoCloseable {
        final List<List<Long>> requests = Collections.synchronizedList(new ArrayList<>());
        private final Server server;

        Scripted(BiFunction<Integer, List<Long>, @Nullable StatusRuntimeException> script)
                throws IOException {
            var bytes =
                    new MethodDescriptor.Marshaller<byte[]>() {
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
                    };
            String service = "opentelemetry.proto.collector.metrics.v1.MetricsService";
            var method =
                    MethodDescriptor.<byte[], byte[]>newBuilder()
                            .setType(MethodDescriptor.MethodType.UNARY)
                            .setFullMethodName(service + "/Export")
                            .setRequestMarshaller(bytes)
                            .setResponseMarshaller(bytes)
                            .build();
            server =
                    NettyServerBuilder.forAddress(
                                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                            .addService(
                                    ServerServiceDefinition.builder(service)
                                            .addMethod(
                                                    method,
                                                    ServerCalls.asyncUnaryCall(
                                                            (request, answer) -> {
                                                                List<Long> values =
                                                                        OtlpPeers.values(request);
                                                                int number;
                                                                synchronized (requests) {
                                                                    number = requests.size();
                                                                    requests.add(values);
                                                                }
                                                                var end =
                                                                        script.apply(
                                                                                number, values);
                                                                if (end != null) {
                                                                    answer.onError(end);
                                                                } else {
                                                                    answer.onNext(new byte[0]);
                                                                    answer.onCompleted();
                                                                }
                                                            }))
                                            .build())
                            .build()
                            .start();
        }

        int port() {
            return server.getPort();
        }

        @Override
        public void close() {
            server.shutdownNow();
        }
    }

    private static StatusRuntimeException end(Status.Code code) {
        return code.toStatus().withDescription("as told").asRuntimeException();
    }

    /// With RetryInfo of 1 ms, as bytes of google.rpc.Status.
    private static StatusRuntimeException withRetryInfo(Status.Code code) {
        var delay = new ByteWriter(16).u8(2 << 3).varint(1_000_000);
        var info = new ByteWriter(16).u8(1 << 3 | 2).varint(delay.size()).bytes(delay.toBytes());
        var any =
                new ByteWriter(64)
                        .u8(1 << 3 | 2)
                        .string("type.googleapis.com/google.rpc.RetryInfo")
                        .u8(2 << 3 | 2)
                        .varint(info.size())
                        .bytes(info.toBytes());
        var status =
                new ByteWriter(128)
                        .u8(1 << 3)
                        .varint(code.value())
                        .u8(3 << 3 | 2)
                        .varint(any.size())
                        .bytes(any.toBytes());
        var trailers = new Metadata();
        trailers.put(
                Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER),
                status.toBytes());
        return code.toStatus().asRuntimeException(trailers);
    }

    @ParameterizedTest
    @EnumSource(ClientConfig.Compression.class)
    void everyCompressionArrives(ClientConfig.Compression compression) {
        fixture.compression = compression;
        try (var servers = new Servers(ServerSecurity.NONE);
                Exporter exporter = fixture.grpc(servers.grpc.port())) {
            exporter.export(fixture.batch(0, 100));
            exporter.export(fixture.batch(100, 200));
            awaitSent(200);
            assertThat(servers.values()).containsExactly(numbers(0, 200));
        }
    }

    @Test
    void whatMayBeRetriedIsUntilItIsTaken() throws Exception {
        Status.Code[] codes = {
            Status.Code.CANCELLED,
            Status.Code.DEADLINE_EXCEEDED,
            Status.Code.ABORTED,
            Status.Code.OUT_OF_RANGE,
            Status.Code.UNAVAILABLE,
            Status.Code.DATA_LOSS
        };
        try (var peer =
                        new Scripted((number, values) ->
                                number < codes.length
                                        ? end(codes[number])
                                        : number == codes.length
                                                ? withRetryInfo(Status.Code.RESOURCE_EXHAUSTED)
                                                : null);
                Exporter exporter = fixture.grpc(peer.port())) {
            exporter.export(fixture.batch(0, 10));
            awaitSent(10);
            assertThat(peer.requests).hasSize(codes.length + 2);
            assertThat(fixture.metric(FAILED)).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Status.Code.class,
            names = {
                "RESOURCE_EXHAUSTED",
                "INVALID_ARGUMENT",
                "INTERNAL",
                "UNKNOWN",
                "UNIMPLEMENTED",
                "PERMISSION_DENIED",
                "UNAUTHENTICATED"
            })
    void whatIsRefusedForGoodIsDropped(Status.Code code) throws Exception {
        try (var peer = new Scripted((number, values) -> number == 0 ? end(code) : null);
                Exporter exporter = fixture.grpc(peer.port())) {
            exporter.export(fixture.batch(0, 10));
            exporter.export(fixture.batch(10, 15));
            awaitSent(5);
            assertThat(peer.requests).hasSize(2);
            assertThat(fixture.metric(FAILED)).isEqualTo(10);
        }
    }

    private Exporter open(boolean grpc, Servers servers) {
        return grpc ? fixture.grpc(servers.grpc.port()) : fixture.http(servers.http.port());
    }

    private static ServerSecurity mutualTls() {
        return new ServerSecurity(
                Optional.of(Tls.server(CERTIFICATES.settings("server", "ca"), Clock.system())),
                Optional.empty());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void mutualTlsWorks(boolean grpc) {
        fixture.tls = Optional.of(CERTIFICATES.settings("client", "ca"));
        try (var servers = new Servers(mutualTls());
                Exporter exporter = open(grpc, servers)) {
            exporter.export(fixture.batch(0, 10));
            awaitSent(10);
            assertThat(servers.values()).containsExactly(numbers(0, 10));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void pointsStayQueuedWhileCertificatesAreWrong(boolean grpc) {
        try (var servers = new Servers(mutualTls())) {
            fixture.tls = Optional.of(CERTIFICATES.settings("client", "other-ca"));
            try (Exporter exporter = open(grpc, servers)) {
                exporter.export(fixture.batch(0, 10));
                OtlpPeers.await("a retry", () -> retried() > 0);
            }
            fixture.metrics = new OwnMetrics();
            fixture.tls = Optional.of(CERTIFICATES.settings("stranger", "ca"));
            try (Exporter exporter = open(grpc, servers)) {
                OtlpPeers.await("a retry", () -> retried() > 0);
            }
            assertThat(servers.requests).isEmpty();
            fixture.metrics = new OwnMetrics();
            fixture.tls = Optional.of(CERTIFICATES.settings("client", "ca"));
            try (Exporter exporter = open(grpc, servers)) {
                awaitSent(10);
            }
            assertThat(servers.values()).containsExactly(numbers(0, 10));
        }
    }

    private double retried() {
        String page = new String(fixture.metrics.page(), java.nio.charset.StandardCharsets.UTF_8);
        var line =
                java.util.regex.Pattern.compile(
                                "firn_export_requests_total\\{[^}]*outcome=\"retried\"} (\\S+)")
                        .matcher(page);
        return line.find() ? Double.parseDouble(line.group(1)) : 0;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void credentialsAreSent(boolean grpc) {
        var tokens = BearerTokens.of("Authorization", "Bearer", List.of(new Secret("right")));
        Map<String, AuthExtensionConfig> right =
                Map.of(
                        "bearertokenauth",
                        new BearerTokenAuthConfig(
                                "extensions.bearertokenauth",
                                "Authorization",
                                "Bearer",
                                List.of(new Secret("right")),
                                ""));
        try (var servers = new Servers(new ServerSecurity(Optional.empty(), Optional.of(tokens)))) {
            fixture.extensions = right;
            try (Exporter exporter = open(grpc, servers)) {
                exporter.export(fixture.batch(0, 10));
                awaitSent(10);
            }
            fixture.extensions = Map.of();
            try (Exporter exporter = open(grpc, servers)) {
                exporter.export(fixture.batch(10, 20));
                OtlpPeers.await("a refusal", () -> fixture.metric(FAILED) == 10);
            }
            assertThat(servers.values()).containsExactly(numbers(0, 10));
        }
    }

    @Test
    void anExtensionForListenersHasNothingToSend() {
        fixture.extensions =
                Map.of(
                        "basicauth",
                        new BasicAuthConfig(
                                "extensions.basicauth",
                                Optional.of(
                                        new BasicAuthConfig.Users("", new Secret("ann:geheim"))),
                                Optional.empty()));
        assertThatThrownBy(() -> fixture.http(1))
                .isInstanceOf(InputException.class)
                .hasMessageContainingAll("basicauth", "service.extensions");
    }

    @Test
    void aServerThatIsNotThereIsTriedAgain() throws Exception {
        fixture.retry = new RetryConfig(true, SendingFixture.MILLI, 0.5, 1.5, 50_000_000, 0);
        try (Exporter exporter = closedPort()) {
            exporter.export(fixture.batch(0, 10));
            OtlpPeers.await("a retry", () -> retried() > 0);
            assertThat(fixture.metric(FAILED)).isZero();
        }
    }

    private Exporter closedPort() throws IOException {
        try (var socket = new java.net.ServerSocket(0)) {
            return fixture.grpc(socket.getLocalPort());
        }
    }
}
