package dev.firn.receive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.firn.base.ByteWriter;
import dev.firn.base.Forall;
import dev.firn.export.otlp.OtlpEncoder;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What the encoders write, the decoders read back: every field of random requests.
class EncoderTripTest {
    private final DecoderTrial trial = new DecoderTrial();
    private final DecoderTrial back = new DecoderTrial();
    private final OtlpEncoder protobuf = new OtlpEncoder(OtlpEncoder.Format.PROTOBUF);
    private final OtlpEncoder json = new OtlpEncoder(OtlpEncoder.Format.JSON);
    private final ByteWriter out = new ByteWriter(16);

    @Test
    void protobufIsReadBackByDecoderAndGeneratedClasses() {
        Forall.of(
                300,
                11,
                random -> {
                    ExportMetricsServiceRequest wanted = decoded(random, false);
                    protobuf.encode(trial.batch, out.reset());
                    assertThat(back.redecode(out.toBytes())).isZero();
                    same(BatchToOtlp.expand(back.batch), wanted);
                    same(ExportMetricsServiceRequest.parseFrom(out.toBytes()), wanted);
                });
    }

    @Test
    void jsonIsReadBack() {
        Forall.of(
                150,
                12,
                random -> {
                    ExportMetricsServiceRequest wanted = decoded(random, true);
                    json.encode(trial.batch, out.reset());
                    assertThat(out.toBytes()).doesNotContain((byte) '\n');
                    back.batch.clear();
                    assertThat(back.json.decode(out.array(), out.size(), "test", back.batch))
                            .isZero();
                    same(BatchToOtlp.expand(back.batch), wanted);
                });
    }

    /// The golden line was written by the Collector's own marshaler (pdata 1.71, JSONMarshaler).
    @Test
    void jsonIsWhatTheCollectorWrites() throws Exception {
        byte[] golden;
        try (var in = getClass().getResourceAsStream("/golden/collector-metrics.jsonl")) {
            golden = new String(in.readAllBytes(), UTF_8).strip().getBytes(UTF_8);
        }
        assertThat(trial.json.decode(golden, golden.length, "test", trial.batch)).isZero();
        json.encode(trial.batch, out.reset());
        assertThat(new String(out.toBytes(), UTF_8)).isEqualTo(new String(golden, UTF_8));
    }

    @Test
    void pointsOfAMetricStandTogether() {
        Forall.of(
                200,
                13,
                random -> {
                    decoded(random, false);
                    protobuf.encode(trial.batch, out.reset());
                    var request = ExportMetricsServiceRequest.parseFrom(out.toBytes());
                    var resources = new HashSet<ByteString>();
                    for (var resource : request.getResourceMetricsList()) {
                        assertThat(resources.add(header(resource, "scope_metrics"))).isTrue();
                        var scopes = new HashSet<ByteString>();
                        for (var scope : resource.getScopeMetricsList()) {
                            assertThat(scopes.add(header(scope, "metrics"))).isTrue();
                        }
                    }
                });
    }

    private static ByteString header(Message message, String children) {
        return message.toBuilder()
                .clearField(message.getDescriptorForType().findFieldByName(children))
                .build()
                .toByteString();
    }

    private ExportMetricsServiceRequest decoded(Random random, boolean plainNan) {
        trial.redecode(new RandomOtlp(random).request().toByteArray());
        return (ExportMetricsServiceRequest) mended(BatchToOtlp.expand(trial.batch), plainNan);
    }

    private static void same(
            ExportMetricsServiceRequest found, ExportMetricsServiceRequest wanted) {
        FlatOtlp left = FlatOtlp.of(found, metric -> false);
        FlatOtlp right = FlatOtlp.of(wanted, metric -> false);
        sameInAnyOrder(left.numbers, right.numbers);
        sameInAnyOrder(left.histograms, right.histograms);
        sameInAnyOrder(left.exponential, right.exponential);
        sameInAnyOrder(left.summaries, right.summaries);
    }

    private static void sameInAnyOrder(List<ByteString> found, List<ByteString> wanted) {
        var missing = new ArrayList<>(wanted);
        found.forEach(missing::remove);
        var surplus = new ArrayList<>(found);
        wanted.forEach(surplus::remove);
        assertThat(surplus.stream().map(FlatOtlp::text).toList())
                .isEqualTo(missing.stream().map(FlatOtlp::text).toList());
        assertThat(found).hasSameSizeAs(wanted);
    }

    /// What no encoder can say: ids of a wrong length, and in JSON the payload of a NaN.
    private static Message mended(Message message, boolean plainNan) {
        Message.Builder builder = message.toBuilder();
        message.getAllFields()
                .forEach((field, value) -> {
                    if (field.isRepeated()) {
                        for (int i = 0; i < message.getRepeatedFieldCount(field); i++) {
                            Object one = message.getRepeatedField(field, i);
                            builder.setRepeatedField(field, i, mendedValue(field, one, plainNan));
                        }
                    } else {
                        builder.setField(field, mendedValue(field, value, plainNan));
                    }
                });
        return builder.build();
    }

    private static Object mendedValue(FieldDescriptor field, Object value, boolean plainNan) {
        return switch (value) {
            case Message child -> mended(child, plainNan);
            case Double real when plainNan && Double.isNaN(real) -> Double.NaN;
            case ByteString id when field.getName().equals("trace_id") && id.size() != 16 ->
                    ByteString.EMPTY;
            case ByteString id when field.getName().equals("span_id") && id.size() != 8 ->
                    ByteString.EMPTY;
            default -> value;
        };
    }
}
