package dev.firn.receive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import dev.firn.base.ByteWriter;
import dev.firn.base.Forall;
import dev.firn.model.Numbers;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OtlpProtobufDecoderTest {
    private final DecoderTrial trial = new DecoderTrial();

    @Test
    void randomRequestsDecodeAsGeneratedClassesDo() {
        Forall.of(
                2_000,
                1,
                random -> trial.matchesReference(new RandomOtlp(random).request().toByteArray()));
    }

    @Test
    void scrambledRequestsDecodeAsGeneratedClassesDo() {
        Forall.of(
                2_000,
                2,
                random -> {
                    var request = new RandomOtlp(random).request();
                    byte[] body = new ScrambledWire(random).encode(request);
                    trial.matchesReference(body);
                    trial.batch.clear();
                    trial.holds(request, trial.redecode(body)); // the scrambler kept the meaning
                });
    }

    @Test
    void everyFieldOfTheProtocolIsDrawnAndKept() {
        var drawn = new HashSet<String>();
        Forall.of(
                500,
                3,
                random -> {
                    var messages = new RandomOtlp(random);
                    messages.request();
                    drawn.addAll(messages.used);
                });
        assertThat(drawn)
                .containsAll(
                        fieldsBelow(ExportMetricsServiceRequest.getDescriptor(), new HashSet<>()));
    }

    private static Set<String> fieldsBelow(Descriptor type, Set<Descriptor> seen) {
        var names = new HashSet<String>();
        if (seen.add(type)) {
            for (FieldDescriptor field : type.getFields()) {
                names.add(field.getFullName());
                if (field.getType() == FieldDescriptor.Type.MESSAGE) {
                    names.addAll(fieldsBelow(field.getMessageType(), seen));
                }
            }
        }
        return names;
    }

    @Test
    void everyTruncationEndsAsGeneratedClassesEnd() {
        Forall.of(
                10,
                4,
                random -> {
                    byte[] body = new RandomOtlp(random).request().toByteArray();
                    for (int length = 0; length < Math.min(body.length, 3_000); length++) {
                        trial.matchesReference(Arrays.copyOf(body, length));
                    }
                });
    }

    @Test
    void mutatedBytesNeverStoreWhatGeneratedClassesWouldNotGive() {
        Forall.of(
                10_000,
                5,
                random -> {
                    byte[] body = smallBody(random);
                    for (int i = 1 + random.nextInt(3); i > 0 && body.length > 0; i--) {
                        body = mutated(body, random);
                    }
                    trial.matchesReference(body);
                });
    }

    private byte[] smallBody(Random random) {
        var request = new RandomOtlp(random).request();
        return random.nextBoolean()
                ? request.toByteArray()
                : new ScrambledWire(random).encode(request);
    }

    private static byte[] mutated(byte[] body, Random random) {
        int at = random.nextInt(body.length);
        switch (random.nextInt(4)) {
            case 0 -> body[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> body[at] = (byte) random.nextInt();
            case 2 -> {
                int to = at + random.nextInt(Math.min(8, body.length - at));
                var shorter = Arrays.copyOf(body, body.length - (to - at));
                System.arraycopy(body, to, shorter, at, body.length - to);
                return shorter;
            }
            default -> {
                var longer = Arrays.copyOf(body, body.length + 1);
                System.arraycopy(body, at, longer, at + 1, body.length - at);
                longer[at] = (byte) random.nextInt();
                return longer;
            }
        }
        return body;
    }

    @Test
    void nestingIsRefusedWhereGeneratedClassesRefuseIt() {
        for (int depth = 30; depth < 60; depth++) {
            AnyValue.Builder value = AnyValue.newBuilder().setStringValue("deep");
            for (int i = 0; i < depth; i++) {
                var outer = AnyValue.newBuilder();
                outer.getArrayValueBuilder().addValues(value);
                value = outer;
            }
            var point =
                    NumberDataPoint.newBuilder()
                            .setTimeUnixNano(RandomOtlp.NOW)
                            .addAttributes(KeyValue.newBuilder().setKey("a").setValue(value));
            trial.matchesReference(request(point).toByteArray());
        }
    }

    @Test
    void nestedGroupsAreRefusedWhereGeneratedClassesRefuseThem() {
        for (int depth = 90; depth < 110; depth++) {
            var body = new ByteWriter(256);
            for (int i = 0; i < depth; i++) {
                body.varint(77 << 3 | 3);
            }
            for (int i = 0; i < depth; i++) {
                body.varint(77 << 3 | 4);
            }
            trial.matchesReference(body.toBytes());
        }
    }

    @Test
    void lastOfAOneofCountsAndEarlierOnesAreForgotten() {
        var metric = new ByteWriter(64);
        metric.varint(10).string("m");
        metric.varint(42).varint(points(1).length).bytes(points(1));
        metric.varint(58).varint(points(2).length).bytes(points(2));
        metric.varint(42).varint(points(3).length).bytes(points(3));
        metric.varint(42).varint(points(4).length).bytes(points(4));
        byte[] body = wrapped(metric.toBytes());
        trial.redecode(body);
        assertThat(trial.batch.numbers.size()).isEqualTo(2);
        assertThat(trial.batch.numbers.bits[0]).isEqualTo(3);
        assertThat(trial.batch.numbers.bits[1]).isEqualTo(4);
    }

    @Test
    void replacedDataMustBeWellFormedAllTheSame() {
        var metric = new ByteWriter(64);
        metric.varint(10).string("m");
        metric.varint(42).varint(2).varint(10).varint(5); // a point longer than the gauge
        metric.varint(58).varint(points(2).length).bytes(points(2));
        assertThatThrownBy(() -> trial.redecode(wrapped(metric.toBytes())))
                .isInstanceOf(Receiver.MalformedBody.class)
                .hasMessageContaining("offset");
    }

    @Test
    void aPointWithoutValueHasNone() {
        trial.redecode(request(point()).toByteArray());
        assertThat(trial.batch.numbers.form[0]).isEqualTo(Numbers.NONE);
    }

    @Test
    void nanKeepsItsBits() {
        for (long bits :
                new long[] {0x7ff0000000000002L, 0x7ff8000000000001L, 0xfff8123456789abcL}) {
            var body = new ByteWriter(64);
            body.varint(25).i64(RandomOtlp.NOW).varint(33).i64(bits);
            var metric = new ByteWriter(64);
            metric.varint(10).string("m");
            var gauge = new ByteWriter(64);
            gauge.varint(10).varint(body.size()).bytes(body.toBytes());
            metric.varint(42).varint(gauge.size()).bytes(gauge.toBytes());
            trial.redecode(wrapped(metric.toBytes()));
            assertThat(trial.batch.numbers.bits[0]).isEqualTo(bits);
        }
    }

    @Test
    void anEmptyBodyIsAnEmptyRequest() {
        assertThat(trial.redecode(new byte[0])).isZero();
        assertThat(trial.batch.size()).isZero();
    }

    private static NumberDataPoint.Builder point() {
        return NumberDataPoint.newBuilder().setTimeUnixNano(RandomOtlp.NOW);
    }

    private static byte[] points(long value) {
        return Gauge.newBuilder().addDataPoints(point().setAsInt(value)).build().toByteArray();
    }

    private static ExportMetricsServiceRequest request(NumberDataPoint.Builder point) {
        return ExportMetricsServiceRequest.newBuilder()
                .addResourceMetrics(
                        ResourceMetrics.newBuilder()
                                .addScopeMetrics(
                                        ScopeMetrics.newBuilder()
                                                .addMetrics(
                                                        Metric.newBuilder()
                                                                .setName("m")
                                                                .setGauge(
                                                                        Gauge.newBuilder()
                                                                                .addDataPoints(
                                                                                        point)))))
                .build();
    }

    private static byte[] wrapped(byte[] metric) {
        var scope = new ByteWriter(64);
        scope.varint(18).varint(metric.length).bytes(metric);
        var resource = new ByteWriter(64);
        resource.varint(18).varint(scope.size()).bytes(scope.toBytes());
        var body = new ByteWriter(64);
        return body.varint(10).varint(resource.size()).bytes(resource.toBytes()).toBytes();
    }
}
