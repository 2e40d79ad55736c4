package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.firn.cli.Starter;
import dev.firn.config.ConfigReader;
import dev.firn.engine.child.EngineLibrary;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A whole Firn in this process on free ports, and its clients. The lake commits when it is
/// verified and at the end, never by itself.
final class TestFirn implements AutoCloseable {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final String PLACES =
            """
            receivers:
              otlp:
                protocols:
                  grpc: {endpoint: '127.0.0.1:0'}
                  http: {endpoint: '127.0.0.1:0'}
            lake: {commit_interval: 1d}
            engine: {endpoint: '127.0.0.1:0', library: '%s'}
            web: {endpoint: '127.0.0.1:0'}
            wal: {cut_interval: 100ms}
            """;

    private static final MethodDescriptor<byte[], byte[]> EXPORT =
            MethodDescriptor.<byte[], byte[]>newBuilder()
                    .setType(MethodDescriptor.MethodType.UNARY)
                    .setFullMethodName(
                            "opentelemetry.proto.collector.metrics.v1.MetricsService/Export")
                    .setRequestMarshaller(new Bytes())
                    .setResponseMarshaller(new Bytes())
                    .build();

    private final Starter.Running running;
    private final HttpClient http = HttpClient.newHttpClient();
    private final ManagedChannel channel;

    /// What receivers, JSON or not, say about a request.
    record Answer(long rejected, String message) {}

    /// Starts it.
    ///
    /// @param more YAML that wins over the defaults
    static TestFirn start(Path data, String more) {
        var texts = new LinkedHashMap<String, String>();
        texts.put("default.yaml", ConfigReader.defaultText());
        texts.put("places.yaml", PLACES.formatted(EngineLibrary.find()));
        texts.put("test.yaml", more);
        return new TestFirn(Serving.start(ConfigReader.parse(texts, name -> null), data));
    }

    private TestFirn(Starter.Running running) {
        this.running = running;
        this.channel = NettyChannelBuilder.forTarget(grpcAddress()).usePlaintext().build();
    }

    /// Base URL of OTLP/HTTP.
    String otlpHttpUrl() {
        return running.otlpHttpUrl();
    }

    /// `host:port` of OTLP/gRPC.
    String grpcAddress() {
        return running.listening().stream()
                .filter(line -> line.startsWith("OTLP gRPC "))
                .findFirst()
                .orElseThrow()
                .substring("OTLP gRPC ".length());
    }

    Answer postProtobuf(ExportMetricsServiceRequest request) {
        return answer(post("application/x-protobuf", request.toByteArray()));
    }

    Answer postJson(String json) {
        JsonNode answer =
                MAPPER.readTree(post("application/json", json.getBytes(StandardCharsets.UTF_8)));
        JsonNode partial = answer.path("partialSuccess");
        return new Answer(
                partial.path("rejectedDataPoints").asLong(0),
                partial.path("errorMessage").asString(""));
    }

    Answer callGrpc(ExportMetricsServiceRequest request) {
        byte[] answer =
                ClientCalls.blockingUnaryCall(
                        channel, EXPORT, CallOptions.DEFAULT, request.toByteArray());
        return answer(answer);
    }

    private static Answer answer(byte[] response) {
        try {
            return answer(ExportMetricsServiceResponse.parseFrom(response));
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
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

    private static Answer answer(ExportMetricsServiceResponse response) {
        return new Answer(
                response.getPartialSuccess().getRejectedDataPoints(),
                response.getPartialSuccess().getErrorMessage());
    }

    private byte[] post(String type, byte[] body) {
        return send(
                HttpRequest.newBuilder(URI.create(otlpHttpUrl() + "/v1/metrics"))
                        .header("Content-Type", type)
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                        .build());
    }

    /// Rows of a statement by the web interface, as an outside reader.
    List<JsonNode> sql(String statement) {
        byte[] answer =
                send(
                        HttpRequest.newBuilder(
                                        URI.create(
                                                running.url()
                                                        + "/api/firn/v1/sql?format=JSONEachRow"))
                                .POST(HttpRequest.BodyPublishers.ofString(statement))
                                .build());
        return new String(answer, StandardCharsets.UTF_8)
                .lines()
                .map(line -> (JsonNode) MAPPER.readTree(line))
                .toList();
    }

    /// Lets lake and engine take in what was acknowledged, and holds if they are equal.
    JsonNode verify() {
        JsonNode verified = MAPPER.readTree(get("/api/firn/v1/lake/verify"));
        assertThat(verified.get("differences")).as("%s", verified).isEmpty();
        assertThat(verified.get("summary").asString()).startsWith("equal");
        return verified;
    }

    /// A metric's value; the whole name with labels.
    double metric(String name) {
        return new String(get("/metrics"), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElse(0);
    }

    JsonNode json(String path) {
        return MAPPER.readTree(get(path));
    }

    /// Also when it is critical, which its status says, too.
    JsonNode health() {
        return MAPPER.readTree(
                answer(HttpRequest.newBuilder(URI.create(running.url() + "/health")).build())
                        .body());
    }

    private byte[] get(String path) {
        return send(HttpRequest.newBuilder(URI.create(running.url() + path)).build());
    }

    private byte[] send(HttpRequest request) {
        HttpResponse<byte[]> answer = answer(request);
        assertThat(answer.statusCode())
                .as("%s: %s", request, new String(answer.body(), StandardCharsets.UTF_8))
                .isEqualTo(200);
        return answer.body();
    }

    private HttpResponse<byte[]> answer(HttpRequest request) {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
        http.shutdownNow();
        running.close();
    }
}
