package dev.firn.receive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.OwnMetrics;
import dev.firn.model.Batch;
import dev.firn.model.Intake;
import dev.firn.model.Pipelines;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import dev.firn.receive.Receiver.Format;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DecodingReceiverTest {
    /// Keeps answers as the real intake does, and may be told to refuse.
    private static final class RememberingIntake implements Intake {
        private final Map<RequestKey, Answer> answers = new HashMap<>();
        private final List<Integer> points = new ArrayList<>();
        private boolean full;

        @Override
        public Answer accept(RequestKey key, Decoder decoder) {
            Answer known = answers.get(key);
            if (known != null) {
                return known;
            }
            Decoded decoded = decoder.decode();
            if (full) {
                throw new Overloaded(Overloaded.Cause.UNAVAILABLE, 5, "the log is full");
            }
            points.add(decoded.batch().size());
            answers.put(key, decoded.answer());
            return decoded.answer();
        }
    }

    private final RememberingIntake intake = new RememberingIntake();
    private final OwnMetrics metrics = new OwnMetrics();
    private final DecodingReceiver receiver =
            new DecodingReceiver(
                    intake,
                    new SeriesCache(new Random(1), 1 << 20),
                    new SeriesRegistry(SeriesIdentity.SHA_256, DecoderTrial.CLOCK, 1_000),
                    ReceiveLimits.defaults(),
                    DecoderTrial.CLOCK,
                    metrics);

    private Intake.Answer receive(Format format, byte[] body) {
        return receiver.receive(format, body, body.length, "test");
    }

    private String page() {
        return new String(metrics.page(), StandardCharsets.UTF_8);
    }

    @Test
    void pointsReachTheIntakeAndAreCounted() {
        byte[] body = SeriesCacheTest.body(0, 10);
        assertThat(receive(Format.PROTOBUF, body)).isEqualTo(Intake.Answer.OK);
        assertThat(intake.points).containsExactly(10);
        assertThat(page())
                .contains("firn_receive_points_total 10.0")
                .contains("firn_receive_bytes_total{format=\"protobuf\"} " + body.length)
                .contains(
                        "firn_receive_requests_total{format=\"protobuf\",outcome=\"stored\"} 1.0");
    }

    @Test
    void aRepeatedRequestIsAnsweredAsBeforeAndNotDecoded() {
        byte[] body = SeriesCacheTest.body(0, 10);
        receive(Format.PROTOBUF, body);
        assertThat(receive(Format.PROTOBUF, body.clone())).isEqualTo(Intake.Answer.OK);
        assertThat(intake.points).containsExactly(10);
        assertThat(page())
                .contains("firn_receive_points_total 10.0")
                .contains("format=\"protobuf\",outcome=\"repeated\"} 1.0");
    }

    /// The compiler's own variables hold on to nothing once this has returned.
    private WeakReference<byte[]> received(int firstSeries) {
        byte[] body = SeriesCacheTest.body(firstSeries, 10);
        receive(Format.PROTOBUF, body);
        return new WeakReference<>(body);
    }

    @Test
    void anIdleDecoderKeepsNoBodyAlive() {
        WeakReference<byte[]> first = received(0);
        long end = System.nanoTime() + 20_000_000_000L;
        while (first.get() != null && System.nanoTime() < end) {
            System.gc();
        }
        assertThat(first.get()).isNull();
        assertThat(intake.points).containsExactly(10);
    }

    @Test
    void onlyTheBodysLengthIsRead() {
        byte[] body = SeriesCacheTest.body(0, 10);
        byte[] longer = java.util.Arrays.copyOf(body, body.length + 100);
        receive(Format.PROTOBUF, body);
        receiver.receive(Format.PROTOBUF, longer, body.length, "test");
        assertThat(intake.points).containsExactly(10);
    }

    @Test
    void theSameBytesInAnotherFormatAreAnotherRequest() {
        receive(Format.PROTOBUF, new byte[0]);
        assertThatThrownBy(() -> receive(Format.JSON, new byte[0]))
                .isInstanceOf(Receiver.MalformedBody.class);
    }

    @Test
    void jsonGoesTheSameWay() {
        String json =
                "{\"resourceMetrics\":[{\"scopeMetrics\":[{\"metrics\":[{\"name\":\"m\",\"sum\":"
                        + "{\"dataPoints\":[{\"timeUnixNano\":\""
                        + RandomOtlp.NOW
                        + "\",\"asInt\":\"5\"},{\"asInt\":\"6\"}]}}]}]}]}";
        Intake.Answer answer = receive(Format.JSON, json.getBytes(StandardCharsets.UTF_8));
        assertThat(answer.rejectedPoints()).isEqualTo(1);
        assertThat(answer.message()).contains("time_unix_nano is 0");
        assertThat(intake.points).containsExactly(1);
        assertThat(page())
                .contains("firn_receive_rejected_points_total{reason=\"time_missing\"} 1.0")
                .contains("format=\"json\",outcome=\"partial\"} 1.0");
    }

    @Test
    void aMalformedBodyStoresNothingAndLeavesNoTraceInTheNextRequest() {
        byte[] good = SeriesCacheTest.body(0, 10);
        byte[] bad = java.util.Arrays.copyOf(good, good.length - 1);
        assertThatThrownBy(() -> receive(Format.PROTOBUF, bad))
                .isInstanceOf(Receiver.MalformedBody.class);
        assertThat(intake.points).isEmpty();
        receive(Format.PROTOBUF, good);
        assertThat(intake.points).containsExactly(10);
        assertThat(page()).contains("format=\"protobuf\",outcome=\"malformed\"} 1.0");
    }

    @Test
    void anOverloadedIntakeIsPassedOnAndCountsNoPoint() {
        intake.full = true;
        assertThatThrownBy(() -> receive(Format.PROTOBUF, SeriesCacheTest.body(0, 10)))
                .isInstanceOf(Intake.Overloaded.class);
        assertThat(page())
                .contains("firn_receive_points_total 0.0")
                .contains("format=\"protobuf\",outcome=\"unavailable\"} 1.0");
    }

    /// Says what happens to a request, and lets half of its points pass.
    private static final class Halving implements Pipelines {
        private final List<String> calls = new ArrayList<>();

        @Override
        public Run run(Batch in) {
            calls.add("process " + in.size());
            var out = new Batch();
            out.append(in, (points, row) -> row % 2 == 0 ? points.series[row] : null);
            return new Run() {
                @Override
                public Batch durable() {
                    return out;
                }

                @Override
                public void stored() {
                    calls.add("stored");
                }

                @Override
                public void failed() {
                    calls.add("failed");
                }
            };
        }
    }

    @Test
    void pipelinesStandBeforeTheLog() {
        var halving = new Halving();
        var through =
                new DecodingReceiver(
                                intake,
                                new SeriesCache(new Random(1), 1 << 20),
                                new SeriesRegistry(
                                        SeriesIdentity.SHA_256, DecoderTrial.CLOCK, 1_000),
                                ReceiveLimits.defaults(),
                                DecoderTrial.CLOCK,
                                new OwnMetrics())
                        .of("otlp/2", "grpc", halving);
        byte[] body = SeriesCacheTest.body(0, 10);
        through.receive(Format.PROTOBUF, body, body.length, "test");
        through.receive(Format.PROTOBUF, body, body.length, "test"); // known: not processed again
        assertThat(intake.points).containsExactly(5);
        assertThat(halving.calls).containsExactly("process 10", "stored");
        halving.calls.clear();
        intake.full = true;
        byte[] other = SeriesCacheTest.body(1, 11);
        assertThatThrownBy(() -> through.receive(Format.PROTOBUF, other, other.length, "test"))
                .isInstanceOf(Intake.Overloaded.class);
        assertThat(halving.calls).containsExactly("process 10", "failed");
    }

    @Test
    void whatOneReceiverTookIsNewToAnother() {
        var one = new Halving();
        var two = new Halving();
        var receiver =
                new DecodingReceiver(
                        intake,
                        new SeriesCache(new Random(1), 1 << 20),
                        new SeriesRegistry(SeriesIdentity.SHA_256, DecoderTrial.CLOCK, 1_000),
                        ReceiveLimits.defaults(),
                        DecoderTrial.CLOCK,
                        new OwnMetrics());
        byte[] body = SeriesCacheTest.body(0, 10);
        for (int i = 0; i < 2; i++) {
            receiver.of("otlp/1", "grpc", one).receive(Format.PROTOBUF, body, body.length, "a");
            receiver.of("otlp/1", "http", one).receive(Format.PROTOBUF, body, body.length, "a");
            receiver.of("otlp/2", "http", two).receive(Format.PROTOBUF, body, body.length, "a");
        }
        assertThat(one.calls).containsExactly("process 10", "stored");
        assertThat(two.calls).containsExactly("process 10", "stored");
    }
}
