package dev.firn.export.send;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsPartialSuccess;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OtlpRepliesTest {
    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void partialSuccessIsReadInBothEncodings() {
        byte[] protobuf =
                ExportMetricsServiceResponse.newBuilder()
                        .setPartialSuccess(
                                ExportMetricsPartialSuccess.newBuilder()
                                        .setRejectedDataPoints(300)
                                        .setErrorMessage("too\nold"))
                        .build()
                        .toByteArray();

        var expected = new Transport.Outcome.Delivered(300, "too old");
        assertThat(OtlpReplies.success(protobuf, false)).isEqualTo(expected);
        assertThat(
                        OtlpReplies.success(
                                utf8(
                                        """
                                        {"partialSuccess":{"rejectedDataPoints":"300",
                                          "errorMessage":"too\\nold"}}\
                                        """),
                                true))
                .isEqualTo(expected);
        var full = new Transport.Outcome.Delivered(0, "");
        assertThat(OtlpReplies.success(new byte[0], false)).isEqualTo(full);
        assertThat(OtlpReplies.success(utf8("{}"), true)).isEqualTo(full);
        assertThat(OtlpReplies.success(new byte[0], true)).isEqualTo(full);
    }

    @Test
    void retryInfoIsReadInBothEncodings() {
        // RetryInfo{retry_delay: {seconds: 2, nanos: 500000000}}
        ByteString info = ByteString.copyFrom(new byte[] {10, 8, 8, 2, 16, -128, -54, -75, -18, 1});
        Any any =
                Any.newBuilder()
                        .setTypeUrl("type.googleapis.com/google.rpc.RetryInfo")
                        .setValue(info)
                        .build();
        var status = com.google.protobuf.UnknownFieldSet.newBuilder();
        status.addField(
                1, com.google.protobuf.UnknownFieldSet.Field.newBuilder().addVarint(14).build());
        status.addField(
                2,
                com.google.protobuf.UnknownFieldSet.Field.newBuilder()
                        .addLengthDelimited(ByteString.copyFromUtf8("later"))
                        .build());
        status.addField(
                3,
                com.google.protobuf.UnknownFieldSet.Field.newBuilder()
                        .addLengthDelimited(any.toByteString())
                        .build());

        var read = OtlpReplies.status(status.build().toByteArray(), false);
        assertThat(read.message()).isEqualTo("later");
        assertThat(read.retryAfterNanos()).hasValue(2_500_000_000L);
        var json =
                OtlpReplies.status(
                        utf8(
                                """
                                {"code":14,"message":"later","details":[{"@type":
                                "type.googleapis.com/google.rpc.RetryInfo","retryDelay":"2.5s"}]}\
                                """),
                        true);
        assertThat(json).isEqualTo(read);
    }

    @Test
    void noAnswerCanBreakTheReader() {
        var random = new Random(7);
        for (int i = 0; i < 5_000; i++) {
            byte[] garbage = new byte[random.nextInt(40)];
            random.nextBytes(garbage);
            assertThat(OtlpReplies.success(garbage, i % 2 == 0)).isNotNull();
            assertThat(OtlpReplies.status(garbage, i % 2 == 0)).isNotNull();
        }
    }
}
