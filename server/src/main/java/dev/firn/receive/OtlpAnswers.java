package dev.firn.receive;

import dev.firn.base.ByteWriter;
import dev.firn.model.Intake;
import java.nio.charset.StandardCharsets;

/// Bytes of the answers: `ExportMetricsServiceResponse` and `google.rpc.Status`, in protobuf and in
/// JSON. Sources: metrics_service.proto, google/rpc/status.proto and error_details.proto.
final class OtlpAnswers {
    /// Longest message sent, in UTF-8 bytes.
    static final int MESSAGE_BYTES_MAX = 1000;

    private static final byte[] NOTHING = new byte[0];
    private static final byte[] EMPTY_JSON = {'{', '}'};
    private static final String TYPE = "type.googleapis.com/google.rpc.";

    private OtlpAnswers() {}

    /// Full success leaves `partial_success` unset, as the specification demands.
    static byte[] success(Receiver.Format format, Intake.Answer answer) {
        boolean full = answer.rejectedPoints() == 0 && answer.message().isEmpty();
        return switch (format) {
            case PROTOBUF -> full ? NOTHING : partialProtobuf(answer);
            case JSON -> full ? EMPTY_JSON : partialJson(answer);
        };
    }

    /// A `google.rpc.Status` with RetryInfo or, for malformed bodies, BadRequest.
    static byte[] status(Receiver.Format format, Refusal refusal) {
        return switch (format) {
            case PROTOBUF -> statusProtobuf(refusal);
            case JSON -> statusJson(refusal);
        };
    }

    private static byte[] partialProtobuf(Intake.Answer answer) {
        var partial = new ByteWriter(64);
        if (answer.rejectedPoints() != 0) {
            partial.u8(1 << 3).varint(answer.rejectedPoints());
        }
        if (!answer.message().isEmpty()) {
            partial.u8(2 << 3 | 2).string(bounded(answer.message()));
        }
        return message(1, partial).toBytes();
    }

    private static byte[] partialJson(Intake.Answer answer) {
        var json = new StringBuilder("{\"partialSuccess\":{");
        if (answer.rejectedPoints() != 0) {
            // 64-bit integers are strings in protobuf's JSON
            json.append("\"rejectedDataPoints\":\"").append(answer.rejectedPoints()).append('"');
        }
        if (!answer.message().isEmpty()) {
            json.append(answer.rejectedPoints() != 0 ? "," : "").append("\"errorMessage\":");
            quote(json, bounded(answer.message()));
        }
        return utf8(json.append("}}"));
    }

    private static byte[] statusProtobuf(Refusal refusal) {
        String text = bounded(refusal.text());
        var status = new ByteWriter(128);
        status.u8(1 << 3).varint(refusal.kind().code());
        status.u8(2 << 3 | 2).string(text);
        if (refusal.kind().retryable()) {
            var delay = new ByteWriter(16).u8(1 << 3).varint(refusal.retryAfterSeconds());
            detail(status, "RetryInfo", message(1, delay));
        } else if (refusal.kind() == Refusal.Kind.MALFORMED) {
            var violation = new ByteWriter(64).u8(2 << 3 | 2).string(text);
            detail(status, "BadRequest", message(1, violation));
        }
        return status.toBytes();
    }

    private static void detail(ByteWriter status, String type, ByteWriter value) {
        var any = new ByteWriter(64).u8(1 << 3 | 2).string(TYPE + type);
        any.u8(2 << 3 | 2).varint(value.size()).bytes(value.array(), 0, value.size());
        status.u8(3 << 3 | 2).varint(any.size()).bytes(any.array(), 0, any.size());
    }

    private static ByteWriter message(int field, ByteWriter content) {
        return new ByteWriter(content.size() + 8)
                .u8(field << 3 | 2)
                .varint(content.size())
                .bytes(content.array(), 0, content.size());
    }

    private static byte[] statusJson(Refusal refusal) {
        String text = bounded(refusal.text());
        var json = new StringBuilder("{\"code\":").append(refusal.kind().code());
        json.append(",\"message\":");
        quote(json, text);
        if (refusal.kind().retryable()) {
            json.append(",\"details\":[{\"@type\":\"").append(TYPE);
            json.append("RetryInfo\",\"retryDelay\":\"").append(refusal.retryAfterSeconds());
            json.append("s\"}]");
        } else if (refusal.kind() == Refusal.Kind.MALFORMED) {
            json.append(",\"details\":[{\"@type\":\"").append(TYPE);
            json.append("BadRequest\",\"fieldViolations\":[{\"description\":");
            quote(json, text);
            json.append("}]}]");
        }
        return utf8(json.append('}'));
    }

    /// Cut between code points to at most [#MESSAGE_BYTES_MAX] bytes of UTF-8.
    static String bounded(String text) {
        int bytes = 0;
        int at = 0;
        while (at < text.length()) {
            int point = text.codePointAt(at);
            bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
            if (bytes > MESSAGE_BYTES_MAX - 3) {
                return text.substring(0, at) + "…";
            }
            at += Character.charCount(point);
        }
        return text;
    }

    private static void quote(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < 0x20) {
                json.append(String.format("\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        json.append('"');
    }

    private static byte[] utf8(StringBuilder json) {
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }
}
