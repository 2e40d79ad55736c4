package dev.firn.receive;

import com.github.luben.zstd.Zstd;
import com.google.protobuf.ByteString;
import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.zip.GZIPOutputStream;

/// Both servers on free ports of the loopback, with small limits.
final class ServerFixture implements AutoCloseable {
    static final int BODY_MAX = 1 << 20;
    static final int DECOMPRESSED_MAX = 4 << 20;
    static final ServerLimits LIMITS =
            new ServerLimits(
                    BODY_MAX, 1 << 19, DECOMPRESSED_MAX, 64L << 20, 32, 512, 20_000, 5_000, 2);

    final OwnMetrics metrics = new OwnMetrics();
    final RecordingReceiver receiver = new RecordingReceiver();
    final Admission admission;
    final HttpOtlpServer http;
    final GrpcOtlpServer grpc;

    ServerFixture() {
        this(LIMITS);
    }

    ServerFixture(ServerLimits limits) {
        admission = new Admission(limits, metrics, Clock.system());
        http = new HttpOtlpServer(loopback(0), receiver, admission);
        grpc = new GrpcOtlpServer(loopback(0), receiver, admission);
    }

    static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    String page() {
        return new String(metrics.page(), StandardCharsets.UTF_8);
    }

    /// Places and buffers are all given back.
    void awaitIdle() {
        await(() ->
                page().contains("firn_receive_inflight_requests 0.0")
                        && page().contains("firn_receive_inflight_bytes 0.0"));
    }

    static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("the condition did not come true in time");
            }
            Thread.onSpinWait();
            Thread.yield();
        }
    }

    static byte[] request(int points) {
        var gauge = Gauge.newBuilder();
        for (int i = 0; i < points; i++) {
            gauge.addDataPoints(
                    NumberDataPoint.newBuilder()
                            .setTimeUnixNano(1_700_000_000_000_000_000L + i)
                            .setAsDouble(i * 0.37)
                            .addAttributes(
                                    KeyValue.newBuilder()
                                            .setKey("http.route")
                                            .setValue(
                                                    AnyValue.newBuilder()
                                                            .setStringValue("/items/" + i))));
        }
        return ExportMetricsServiceRequest.newBuilder()
                .addResourceMetrics(
                        ResourceMetrics.newBuilder()
                                .addScopeMetrics(
                                        ScopeMetrics.newBuilder()
                                                .addMetrics(
                                                        Metric.newBuilder()
                                                                .setName("queue.length")
                                                                .setGauge(gauge))))
                .build()
                .toByteArray();
    }

    static byte[] gzip(byte[] plain) {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(plain);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    static byte[] zstd(byte[] plain) {
        return Zstd.compress(plain);
    }

    /// A `google.rpc.Status`, parsed without its generated class.
    record StatusProto(int code, String message, java.util.List<String> detailTypes) {
        static StatusProto parse(byte[] bytes) {
            try {
                var fields = com.google.protobuf.UnknownFieldSet.parseFrom(bytes);
                var types = new java.util.ArrayList<String>();
                for (ByteString any : fields.getField(3).getLengthDelimitedList()) {
                    var detail = com.google.protobuf.Any.parseFrom(any);
                    types.add(detail.getTypeUrl());
                }
                return new StatusProto(
                        fields.getField(1).getVarintList().getFirst().intValue(),
                        fields.getField(2).getLengthDelimitedList().getFirst().toStringUtf8(),
                        types);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public void close() {
        http.close();
        grpc.close();
        admission.close();
    }
}
