package dev.firn.bench;

import dev.firn.base.ByteWriter;
import dev.firn.base.Clock;
import dev.firn.model.Batch;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import dev.firn.receive.OtlpProtobufDecoder;
import dev.firn.receive.ReceiveLimits;
import dev.firn.receive.SeriesCache;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// Points per second of the protobuf decoder on one core, with a warm series cache: bodies of 1,000
/// points as SDKs write them (8 attributes a point, some 200 bytes). `-prof gc` shows the bytes
/// allocated per point: none. How to run: see package-info.
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 3, time = 2)
public class DecoderBenchmark {
    private static final int POINTS = 1_000;
    private static final long NOW = 1_760_000_000_000_000_000L;
    private static final int BODIES_OF_A_MILLION = 1_000;

    /// What the body's metrics are.
    public enum Shape {
        NUMBERS,
        HISTOGRAMS
    }

    /// Of all points of a body.
    @Param public Shape shape;

    /// Series that the bodies take turns with.
    @Param({"1000", "100000"})
    public int series;

    private final Batch batch = new Batch();
    private OtlpProtobufDecoder decoder;
    private byte[][] bodies;
    private int next;

    /// Builds the bodies and warms the cache.
    @Setup
    public void build() {
        var registry = new SeriesRegistry(SeriesIdentity.SHA_256, Clock.system(), 10_000_000);
        var cache = new SeriesCache(new Random(1), 1L << 31);
        decoder =
                new OtlpProtobufDecoder(cache, registry, ReceiveLimits.defaults(), Clock.system());
        bodies = new byte[Math.min(series / POINTS, BODIES_OF_A_MILLION)][];
        for (int i = 0; i < bodies.length; i++) {
            bodies[i] = body(shape, i);
            decode();
        }
    }

    /// One body after the other.
    @Benchmark
    @OperationsPerInvocation(POINTS)
    public long decode() {
        byte[] body = bodies[next];
        next = next + 1 < bodies.length && bodies[next + 1] != null ? next + 1 : 0;
        batch.clear();
        long refused = decoder.decode(body, body.length, "bench", batch);
        if (refused != 0 || batch.size() != POINTS) {
            throw new IllegalStateException("the body is not as it should be");
        }
        return batch.size();
    }

    private static byte[] body(Shape shape, int number) {
        var scope = new ByteWriter(1 << 18);
        var scopeHeader = new ByteWriter(64);
        scopeHeader.varint(10).string("io.opentelemetry.http").varint(18).string("2.1.0");
        message(scope, 1, scopeHeader);
        for (int metric = 0; metric < 10; metric++) {
            message(scope, 2, metric(shape, number, metric));
        }
        var resource = new ByteWriter(512);
        attribute(resource, 1, "service.name", "shop");
        attribute(resource, 1, "service.instance.id", "instance-" + number);
        attribute(resource, 1, "cloud.region", "eu-central-1");
        var resourceMetrics = new ByteWriter(1 << 18);
        message(resourceMetrics, 1, resource);
        message(resourceMetrics, 2, scope);
        resourceMetrics.varint(26).string("https://opentelemetry.io/schemas/1.30.0");
        var body = new ByteWriter(1 << 18);
        message(body, 1, resourceMetrics);
        return body.toBytes();
    }

    private static ByteWriter metric(Shape shape, int number, int index) {
        var data = new ByteWriter(1 << 16);
        for (int point = 0; point < POINTS / 10; point++) {
            message(data, 1, point(shape, number, index, point));
        }
        data.varint(16).varint(2);
        if (shape == Shape.NUMBERS) {
            data.varint(24).varint(1);
        }
        var metric = new ByteWriter(1 << 16);
        metric.varint(10).string("http.server.metric." + index);
        metric.varint(18).string("A metric of the shop's servers.");
        metric.varint(26).string("{request}");
        message(metric, shape == Shape.NUMBERS ? 7 : 9, data);
        return metric;
    }

    private static ByteWriter point(Shape shape, int number, int metric, int point) {
        var out = new ByteWriter(512);
        out.varint(17).i64(NOW - 60_000_000_000L).varint(25).i64(NOW);
        if (shape == Shape.NUMBERS) {
            out.varint(33).f64(number + metric * 0.5 + point);
        } else {
            out.varint(33).i64(100).varint(41).f64(12.5);
            out.varint(50).varint(15 * 8);
            for (int i = 0; i < 15; i++) {
                out.i64(i);
            }
            out.varint(58).varint(14 * 8);
            for (int i = 0; i < 14; i++) {
                out.f64(i * 0.25);
            }
        }
        int attributes = shape == Shape.NUMBERS ? 7 : 9;
        attribute(out, attributes, "http.request.method", "GET");
        attribute(out, attributes, "http.route", "/api/v1/products/" + point);
        attribute(out, attributes, "server.address", "shop.example.com");
        attribute(out, attributes, "url.scheme", "https");
        attribute(out, attributes, "network.protocol.version", "1.1");
        attribute(out, attributes, "data_plane_id", "prod-1");
        attribute(out, attributes, "environment", "production");
        attribute(out, attributes, "http.response.status_code", "200");
        return out;
    }

    private static void attribute(ByteWriter out, int field, String key, String value) {
        var any = new ByteWriter(64);
        any.varint(10).string(value);
        var keyValue = new ByteWriter(128);
        keyValue.varint(10).string(key);
        message(keyValue, 2, any);
        message(out, field, keyValue);
    }

    private static void message(ByteWriter out, int field, ByteWriter inner) {
        out.varint((long) field << 3 | 2)
                .varint(inner.size())
                .bytes(inner.array(), 0, inner.size());
    }
}
