package dev.firn.receive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.base.security.Authenticator;
import dev.firn.base.security.BearerTokens;
import dev.firn.base.security.Htpasswd;
import dev.firn.base.security.Pem;
import dev.firn.base.security.Secret;
import dev.firn.base.security.ServerSecurity;
import dev.firn.base.security.TestCertificates;
import dev.firn.base.security.Tls;
import dev.firn.base.security.TlsSettings;
import dev.firn.config.CorsConfig;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Both servers behind TLS and credentials, and pages that may send.
class SecuredServersTest {
    private static final TestCertificates CERTIFICATES = TestCertificates.shared();
    private static final byte[] BODY = ServerFixture.request(1);

    @TempDir private Path folder;

    private final RecordingReceiver receiver = new RecordingReceiver();
    private final Admission admission =
            new Admission(ServerFixture.LIMITS, new OwnMetrics(), Clock.system());
    private @Nullable HttpOtlpServer http;
    private @Nullable GrpcOtlpServer grpc;

    @AfterEach
    void close() {
        if (http != null) {
            http.close();
        }
        if (grpc != null) {
            grpc.close();
        }
        admission.close();
    }

    private int http(ServerSecurity security, Cors cors) {
        http = new HttpOtlpServer(ServerFixture.loopback(0), receiver, admission, security, cors);
        return http.port();
    }

    private int grpc(ServerSecurity security) {
        grpc = new GrpcOtlpServer(ServerFixture.loopback(0), receiver, admission, security);
        return grpc.port();
    }

    private static ServerSecurity tls(TlsSettings settings) {
        return new ServerSecurity(
                Optional.of(Tls.server(settings, Clock.system())), Optional.empty());
    }

    private static ServerSecurity auth(Authenticator authenticator) {
        return new ServerSecurity(Optional.empty(), Optional.of(authenticator));
    }

    private static HttpClient client(TlsSettings settings) {
        Tls tls = Tls.client(settings, Clock.system());
        return HttpClient.newBuilder()
                .sslContext(tls.context())
                .sslParameters(tls.parameters())
                .build();
    }

    private static HttpRequest.Builder post(String scheme, int port) {
        return HttpRequest.newBuilder(URI.create(scheme + "://localhost:" + port + "/v1/metrics"))
                .header("Content-Type", "application/x-protobuf")
                .POST(HttpRequest.BodyPublishers.ofByteArray(BODY));
    }

    private static HttpResponse<byte[]> send(HttpClient client, HttpRequest.Builder request)
            throws Exception {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    /// What the call ends with.
    private static Status call(int port, @Nullable TlsSettings settings, String... header) {
        var builder = NettyChannelBuilder.forAddress("localhost", port);
        if (settings == null) {
            builder.usePlaintext();
        } else {
            Tls tls = Tls.client(settings, Clock.system());
            try {
                builder.sslContext(
                        GrpcSslContexts.configure(
                                        SslContextBuilder.forClient()
                                                .keyManager(tls.keyManager())
                                                .trustManager(tls.trustManager()),
                                        SslProvider.JDK)
                                .build());
            } catch (SSLException e) {
                throw new UncheckedIOException(e);
            }
        }
        ManagedChannel channel = builder.build();
        try {
            var metadata = new Metadata();
            for (int i = 0; i < header.length; i += 2) {
                metadata.put(
                        Metadata.Key.of(header[i], Metadata.ASCII_STRING_MARSHALLER),
                        header[i + 1]);
            }
            Channel with =
                    ClientInterceptors.intercept(
                            channel, MetadataUtils.newAttachHeadersInterceptor(metadata));
            ClientCalls.blockingUnaryCall(with, EXPORT, CallOptions.DEFAULT, BODY);
            return Status.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus();
        } finally {
            channel.shutdownNow();
        }
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

    private static final MethodDescriptor<byte[], byte[]> EXPORT =
            MethodDescriptor.<byte[], byte[]>newBuilder()
                    .setType(MethodDescriptor.MethodType.UNARY)
                    .setFullMethodName(
                            "opentelemetry.proto.collector.metrics.v1.MetricsService/Export")
                    .setRequestMarshaller(new Bytes())
                    .setResponseMarshaller(new Bytes())
                    .build();

    @ParameterizedTest
    @CsvSource({"server", "rsa"})
    void tlsServesWhoTrustsItsAuthority(String certificate) throws Exception {
        ServerSecurity security = tls(CERTIFICATES.settings(certificate, ""));
        int httpPort = http(security, Cors.NONE);
        int grpcPort = grpc(security);

        TlsSettings trusting = CERTIFICATES.settings("", "ca");
        assertThat(send(client(trusting), post("https", httpPort)).statusCode()).isEqualTo(200);
        assertThat(call(grpcPort, trusting).getCode()).isEqualTo(Status.Code.OK);
        assertThat(receiver.requests).hasSize(2);

        TlsSettings mistaken = CERTIFICATES.settings("", "other-ca");
        assertThatThrownBy(() -> send(client(mistaken), post("https", httpPort)))
                .isInstanceOf(IOException.class);
        assertThat(call(grpcPort, mistaken).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(call(grpcPort, null).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThatThrownBy(() -> send(HttpClient.newHttpClient(), post("http", httpPort)))
                .isInstanceOf(IOException.class);
        assertThat(receiver.requests).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({"expired", "elsewhere"})
    void clientsRefuseCertificatesThatDoNotFit(String certificate) {
        ServerSecurity security = tls(CERTIFICATES.settings(certificate, ""));
        int httpPort = http(security, Cors.NONE);
        int grpcPort = grpc(security);
        TlsSettings trusting = CERTIFICATES.settings("", "ca");

        assertThatThrownBy(() -> send(client(trusting), post("https", httpPort)))
                .isInstanceOf(IOException.class);
        assertThat(call(grpcPort, trusting).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    }

    @Test
    void anotherNameOrNoCheckIsWhatTheClientSays() throws Exception {
        int port = http(tls(CERTIFICATES.settings("elsewhere", "")), Cors.NONE);

        var other = CERTIFICATES.settings("", "ca", "elsewhere.example", false);
        assertThat(send(client(other), post("https", port)).statusCode()).isEqualTo(200);
        var wrong = CERTIFICATES.settings("", "ca", "localhost", false);
        assertThatThrownBy(() -> send(client(wrong), post("https", port)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("server_name_override");
        var anything = CERTIFICATES.settings("", "other-ca", "", true);
        assertThat(send(client(anything), post("https", port)).statusCode()).isEqualTo(200);
    }

    @Test
    void mutualTlsServesOnlyItsOwnClients() throws Exception {
        ServerSecurity security = tls(CERTIFICATES.settings("server", "ca"));
        int httpPort = http(security, Cors.NONE);
        int grpcPort = grpc(security);

        TlsSettings known = CERTIFICATES.settings("client", "ca");
        assertThat(send(client(known), post("https", httpPort)).statusCode()).isEqualTo(200);
        assertThat(call(grpcPort, known).getCode()).isEqualTo(Status.Code.OK);

        for (String other : List.of("", "stranger", "expired")) {
            TlsSettings unknown = CERTIFICATES.settings(other, "ca");
            assertThatThrownBy(() -> send(client(unknown), post("https", httpPort)))
                    .as(other)
                    .isInstanceOf(IOException.class);
            assertThat(call(grpcPort, unknown).getCode())
                    .as(other)
                    .isEqualTo(Status.Code.UNAVAILABLE);
        }
        assertThat(receiver.requests).hasSize(2);
    }

    @Test
    void newCertificatesAreServedWithoutARestart() throws Exception {
        Path certificate = folder.resolve("tls.crt");
        Path key = folder.resolve("tls.key");
        Files.writeString(certificate, CERTIFICATES.certificate("server"));
        Files.writeString(key, CERTIFICATES.key("server"));
        var settings =
                new TlsSettings(
                        Optional.of(new Pem.File("tls.cert_file", certificate)),
                        Optional.of(new Pem.File("tls.key_file", key)),
                        Optional.empty(),
                        false,
                        false,
                        "",
                        List.of("TLSv1.3"),
                        List.of(),
                        1);
        int port = http(tls(settings), Cors.NONE);
        assertThat(subject(port)).isEqualTo("CN=server");

        Files.writeString(certificate, CERTIFICATES.certificate("server2")); // not its key yet
        assertThat(subject(port)).isEqualTo("CN=server");
        Files.writeString(key, CERTIFICATES.key("server2"));
        assertThat(subject(port)).isEqualTo("CN=server2");
    }

    private static String subject(int port) throws Exception {
        var response = send(client(CERTIFICATES.settings("", "ca")), post("https", port));
        var peer = (X509Certificate) response.sslSession().orElseThrow().getPeerCertificates()[0];
        return peer.getSubjectX500Principal().getName();
    }

    @Test
    void withoutAValidTokenNothingIsRead() throws Exception {
        var tokens = BearerTokens.of("Authorization", "Bearer", List.of(new Secret("right-token")));
        int httpPort = http(auth(tokens), Cors.NONE);
        int grpcPort = grpc(auth(tokens));
        HttpClient client = HttpClient.newHttpClient();

        var refused = send(client, post("http", httpPort).header("Authorization", "Bearer wrong"));
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.headers().firstValue("WWW-Authenticate")).contains("Bearer");
        assertThat(ServerFixture.StatusProto.parse(refused.body()).code()).isEqualTo(16);
        assertThat(send(client, post("http", httpPort)).statusCode()).isEqualTo(401);
        Status status = call(grpcPort, null, "authorization", "Bearer wrong");
        assertThat(status.getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(status.getDescription()).doesNotContain("wrong");
        assertThat(call(grpcPort, null).getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(receiver.requests).isEmpty();

        var accepted =
                send(client, post("http", httpPort).header("Authorization", "Bearer right-token"));
        assertThat(accepted.statusCode()).isEqualTo(200);
        assertThat(call(grpcPort, null, "authorization", "Bearer right-token").getCode())
                .isEqualTo(Status.Code.OK);
        assertThat(receiver.requests).hasSize(2);
    }

    @Test
    void usersAndPasswordsLetInToo() throws Exception {
        var users =
                new Htpasswd(
                        "htpasswd",
                        null,
                        new Secret(
                                "ann:$2b$04$12IAeEVIEV/F9s0JmTfGb.ZDuEOSo8uBRI/Gmid/P7PNKJg6N2VlO"),
                        Clock.system());
        int httpPort = http(auth(users), Cors.NONE);
        int grpcPort = grpc(auth(users));
        HttpClient client = HttpClient.newHttpClient();

        var refused = send(client, post("http", httpPort));
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.headers().firstValue("WWW-Authenticate").orElseThrow())
                .startsWith("Basic realm=");
        String pair =
                "Basic "
                        + Base64.getEncoder()
                                .encodeToString("ann:geheim".getBytes(StandardCharsets.UTF_8));
        assertThat(send(client, post("http", httpPort).header("Authorization", pair)).statusCode())
                .isEqualTo(200);
        assertThat(call(grpcPort, null, "authorization", pair).getCode()).isEqualTo(Status.Code.OK);
    }

    private static final Cors SHOP =
            new Cors(
                    new CorsConfig(
                            List.of("https://*.shop.example", "http://localhost:3000"),
                            List.of("X-Tenant"),
                            List.of("Retry-After"),
                            600));

    private static HttpRequest.Builder preflight(int port, String origin, String headers) {
        return HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/v1/metrics"))
                .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
                .header("Origin", origin)
                .header("Sec-Fetch-Site", "cross-site")
                .header("Access-Control-Request-Method", "POST")
                .header("Access-Control-Request-Headers", headers);
    }

    @Test
    void allowedPagesMaySend() throws Exception {
        var tokens = BearerTokens.of("Authorization", "Bearer", List.of(new Secret("t")));
        int port = http(auth(tokens), SHOP); // a preflight comes without credentials
        HttpClient client = HttpClient.newHttpClient();

        var asked =
                send(client, preflight(port, "https://eu.shop.example", "content-type, x-tenant"));
        assertThat(asked.statusCode()).isEqualTo(204);
        var headers = asked.headers();
        assertThat(headers.firstValue("Access-Control-Allow-Origin"))
                .contains("https://eu.shop.example");
        assertThat(headers.firstValue("Access-Control-Allow-Methods")).contains("POST");
        assertThat(headers.firstValue("Access-Control-Allow-Headers"))
                .contains("content-type, x-tenant");
        assertThat(headers.firstValue("Access-Control-Max-Age")).contains("600");
        assertThat(String.join(", ", headers.allValues("Vary"))).contains("Origin");

        var sent =
                send(
                        client,
                        post("http", port)
                                .header("Origin", "http://localhost:3000")
                                .header("Sec-Fetch-Site", "cross-site")
                                .header("Authorization", "Bearer t"));
        assertThat(sent.statusCode()).isEqualTo(200);
        assertThat(sent.headers().firstValue("Access-Control-Allow-Origin"))
                .contains("http://localhost:3000");
        assertThat(sent.headers().firstValue("Access-Control-Expose-Headers"))
                .contains("Retry-After");

        var unauthenticated =
                send(client, post("http", port).header("Origin", "http://localhost:3000"));
        assertThat(unauthenticated.statusCode()).isEqualTo(401);
        assertThat(unauthenticated.headers().firstValue("Access-Control-Allow-Origin"))
                .isPresent(); // so that the page can read why
    }

    @Test
    void otherPagesAndHeadersAreNotAllowed() throws Exception {
        int port = http(ServerSecurity.NONE, SHOP);
        HttpClient client = HttpClient.newHttpClient();

        for (String origin :
                List.of("https://shop.example.evil.example", "http://eu.shop.example", "null")) {
            assertThat(send(client, preflight(port, origin, "content-type")).statusCode())
                    .as(origin)
                    .isEqualTo(403);
            assertThat(send(client, post("http", port).header("Origin", origin)).statusCode())
                    .as(origin)
                    .isEqualTo(403);
        }
        var asked = send(client, preflight(port, "https://eu.shop.example", "authorization"));
        assertThat(asked.statusCode()).isEqualTo(204);
        assertThat(asked.headers().firstValue("Access-Control-Allow-Methods")).isEmpty();
        assertThat(receiver.requests).isEmpty();
    }
}
