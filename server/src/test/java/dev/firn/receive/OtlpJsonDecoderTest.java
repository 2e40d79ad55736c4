package dev.firn.receive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.Forall;
import dev.firn.model.Numbers;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OtlpJsonDecoderTest {
    private static final String AROUND =
            """
            {"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","gauge":{"dataPoints":[
            {"timeUnixNano":"1760000000000000000", %s}]}}]}]}]}\
            """;

    private final DecoderTrial trial = new DecoderTrial();

    private long decode(String json) {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        trial.batch.clear();
        return trial.json.decode(body, body.length, "test", trial.batch);
    }

    private void decodePoint(String members) {
        decode(AROUND.formatted(members));
    }

    @Test
    void jsonSaysWhatProtobufSays() {
        Forall.of(
                1_000,
                11,
                random -> {
                    var request = RandomJson.plainNan(new RandomOtlp(random).request());
                    long refused = decode(new RandomJson(random).write(request));
                    trial.holds(request, refused);
                });
    }

    @Test
    void idsAreHexadecimalOfEitherCase() {
        decodePoint("\"exemplars\":[{\"traceId\":\"0aF1\",\"spanId\":\"FFee\"}]");
        assertThat(trial.batch.exemplars.traceId(0)).containsExactly(0x0a, 0xf1);
        assertThat(trial.batch.exemplars.spanId(0)).containsExactly(0xff, 0xee);
    }

    @Test
    void integersOf64BitsMayBeTextOrNumbers() {
        for (String form : new String[] {"\"-9007199254740993\"", "-9007199254740993"}) {
            decodePoint("\"asInt\":" + form);
            assertThat(trial.batch.numbers.form[0]).isEqualTo(Numbers.INT);
            assertThat(trial.batch.numbers.bits[0]).isEqualTo(-9007199254740993L);
        }
    }

    @Test
    void nullIsAbsentAlsoInAOneof() {
        decodePoint("\"asDouble\":null,\"asInt\":1,\"attributes\":null");
        assertThat(trial.batch.numbers.form[0]).isEqualTo(Numbers.INT);
    }

    @Test
    void halfASurrogatePairBecomesTheReplacementCharacter() {
        decodePoint(
                "\"asInt\":1,\"attributes\":[{\"key\":\"\\ud800\",\"value\":{\"stringValue\":\"a\"}}]");
        assertThat(trial.batch.numbers.series[0].attributes()).isEqualTo("{\"\ufffd\":\"a\"}");
    }

    @Test
    void namesOfProtobufAreUnknownFields() {
        decodePoint("\"as_int\":1");
        assertThat(trial.batch.numbers.form[0]).isEqualTo(Numbers.NONE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"asInt\":1.5",
                "\"asInt\":9223372036854775808",
                "\"asInt\":1e999999999",
                "\"asInt\":\"0x10\"",
                "\"asInt\":true",
                "\"asInt\":[1]",
                "\"asDouble\":\"1d\"",
                "\"asDouble\":\" 1\"",
                "\"asDouble\":1e999",
                "\"asDouble\":\"\"",
                "\"startTimeUnixNano\":-1",
                "\"startTimeUnixNano\":\"18446744073709551616\"",
                "\"flags\":4294967296",
                "\"flags\":-1",
                "\"exemplars\":[{\"traceId\":\"abc\"}]",
                "\"exemplars\":[{\"traceId\":\"zz\"}]",
                "\"exemplars\":{}",
                "\"exemplars\":[null]",
                "\"attributes\":[{\"key\":1}]",
                "\"attributes\":[{\"key\":\"a\",\"value\":{\"boolValue\":\"true\"}}]",
                "\"attributes\":[{\"key\":\"a\",\"value\":{\"bytesValue\":\"?\"}}]",
                "\"asInt\":1,\"asDouble\":1",
                "\"attributes\":[{\"value\":{\"boolValue\":true,\"intValue\":1}}]",
                "\"asInt\":1,}",
                "\"asInt\":NaN"
            })
    void wrongValuesAreRefusedWithTheirPlace(String members) {
        assertThatThrownBy(() -> decodePoint(members))
                .isInstanceOf(Receiver.MalformedBody.class)
                .hasMessageContaining("at byte");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "1", "null", "{} x", "{", "{\"resourceMetrics\":{}}"})
    void bodiesThatAreNoRequestAreRefused(String body) {
        assertThatThrownBy(() -> decode(body)).isInstanceOf(Receiver.MalformedBody.class);
    }

    @Test
    void enumsAreIntegersOnly() {
        String sum =
                "{\"resourceMetrics\":[{\"scopeMetrics\":[{\"metrics\":[{\"name\":\"m\",\"sum\":{"
                        + "\"aggregationTemporality\":%s}}]}]}]}";
        assertThat(decode(sum.formatted("2"))).isZero();
        assertThatThrownBy(() -> decode(sum.formatted("\"AGGREGATION_TEMPORALITY_CUMULATIVE\"")))
                .isInstanceOf(Receiver.MalformedBody.class)
                .hasMessageContaining("aggregationTemporality must be an integer");
    }

    @Test
    void deepNestingIsRefused() {
        String deep = "{\"arrayValue\":{\"values\":[".repeat(2_000);
        assertThatThrownBy(() -> decodePoint("\"attributes\":[{\"key\":\"a\",\"value\":" + deep))
                .isInstanceOf(Receiver.MalformedBody.class);
    }

    @Test
    void whatIsBeyondTheParsersOwnBoundsIsMalformed() {
        String nested = "[".repeat(2_000) + "]".repeat(2_000);
        for (String members :
                new String[] {
                    "\"unknown\":" + nested,
                    "\"asInt\":" + "1".repeat(1_001),
                    "\"unknown\":" + "1".repeat(1_001),
                    "\"" + "n".repeat(60_000) + "\":1"
                }) {
            assertThatThrownBy(() -> decodePoint(members))
                    .as(members.substring(0, 20))
                    .isInstanceOf(Receiver.MalformedBody.class)
                    .hasMessageContaining("cannot parse OTLP/JSON");
        }
    }

    @Test
    void truncatedAndMutatedTextNeverCrashes() {
        Forall.of(
                2_000,
                12,
                random -> {
                    byte[] body =
                            new RandomJson(random)
                                    .write(new RandomOtlp(random).request())
                                    .getBytes(StandardCharsets.UTF_8);
                    body = damaged(body, random);
                    trial.batch.clear();
                    try {
                        trial.json.decode(body, body.length, "test", trial.batch);
                    } catch (Receiver.MalformedBody e) {
                        return;
                    }
                    assertThat(trial.batch.size()).isGreaterThanOrEqualTo(0);
                });
    }

    private static byte[] damaged(byte[] body, Random random) {
        if (random.nextInt(3) == 0) {
            return Arrays.copyOf(body, random.nextInt(body.length));
        }
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            body[random.nextInt(body.length)] =
                    random.nextBoolean()
                            ? (byte) random.nextInt()
                            : (byte) "{}[]\",:0-n\\".charAt(random.nextInt(11));
        }
        return body;
    }
}
