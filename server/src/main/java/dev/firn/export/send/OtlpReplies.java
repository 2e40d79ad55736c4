package dev.firn.export.send;

import dev.firn.base.ByteReader;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// What the other side's answers say: `ExportMetricsServiceResponse` and `google.rpc.Status`, in
/// protobuf and in JSON. An answer that cannot be read says nothing.
///
/// Sources: metrics_service.proto, google/rpc/status.proto, error_details.proto, duration.proto.
public final class OtlpReplies {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int TEXT_MAX = 500;
    private static final String RETRY_INFO = "google.rpc.RetryInfo";
    private static final long SECOND = 1_000_000_000L;

    private OtlpReplies() {}

    /// A refusal in the other side's words.
    ///
    /// @param retryAfterNanos of RetryInfo; empty without one
    public record Status(String message, OptionalLong retryAfterNanos) {
        static final Status EMPTY = new Status("", OptionalLong.empty());
    }

    /// Partial success or none.
    public static Transport.Outcome.Delivered success(byte[] body, boolean json) {
        return json ? successJson(body) : successProtobuf(body);
    }

    /// A `google.rpc.Status`.
    public static Status status(byte[] body, boolean json) {
        return json ? statusJson(body) : statusProtobuf(body);
    }

    /// Gets the fields of a message; texts and messages as their bytes.
    private interface Fields {
        void field(int number, long value, byte[] bytes);
    }

    private static final byte[] NONE = {};

    private static void read(byte[] message, Fields fields) {
        var reader = new ByteReader(message);
        while (reader.remaining() > 0) {
            long tag = reader.varint();
            int number = (int) (tag >>> 3);
            switch ((int) tag & 7) {
                case 0 -> fields.field(number, reader.varint(), NONE);
                case 1 -> fields.field(number, reader.i64(), NONE);
                case 2 -> fields.field(number, 0, reader.bytes(reader.count()));
                case 5 -> fields.field(number, reader.i32(), NONE);
                default -> throw new ByteReader.Malformed("wire type of field " + number);
            }
        }
    }

    private static Transport.Outcome.Delivered successProtobuf(byte[] body) {
        long[] rejected = {0};
        String[] text = {""};
        try {
            read(
                    body,
                    (number, value, bytes) -> {
                        if (number == 1) {
                            read(
                                    bytes,
                                    (inner, points, message) -> {
                                        if (inner == 1) {
                                            rejected[0] = points;
                                        } else if (inner == 2) {
                                            text[0] = text(message);
                                        }
                                    });
                        }
                    });
        } catch (ByteReader.Malformed e) {
            return new Transport.Outcome.Delivered(0, "an answer that cannot be read");
        }
        return new Transport.Outcome.Delivered(rejected[0], text[0]);
    }

    private static Transport.Outcome.Delivered successJson(byte[] body) {
        try {
            JsonNode partial = JSON.readTree(body).path("partialSuccess");
            return new Transport.Outcome.Delivered(
                    partial.path("rejectedDataPoints").asLong(0),
                    bounded(partial.path("errorMessage").asString("")));
        } catch (JacksonException e) {
            return new Transport.Outcome.Delivered(
                    0, body.length == 0 ? "" : "an answer that cannot be read");
        }
    }

    private static Status statusProtobuf(byte[] body) {
        String[] text = {""};
        long[] delay = {-1};
        try {
            read(
                    body,
                    (number, value, bytes) -> {
                        if (number == 2) {
                            text[0] = text(bytes);
                        } else if (number == 3) {
                            delay[0] = Math.max(delay[0], retryInfo(bytes));
                        }
                    });
        } catch (ByteReader.Malformed e) {
            return Status.EMPTY;
        }
        return new Status(text[0], delay[0] < 0 ? OptionalLong.empty() : OptionalLong.of(delay[0]));
    }

    /// Nanoseconds of an Any that is RetryInfo; -1 of others.
    private static long retryInfo(byte[] any) {
        String[] type = {""};
        byte[][] value = {NONE};
        read(
                any,
                (number, _, bytes) -> {
                    if (number == 1) {
                        type[0] = new String(bytes, StandardCharsets.UTF_8);
                    } else if (number == 2) {
                        value[0] = bytes;
                    }
                });
        if (!type[0].endsWith("/" + RETRY_INFO)) {
            return -1;
        }
        long[] nanos = {0};
        read(
                value[0],
                (number, _, duration) -> {
                    if (number == 1) {
                        read(
                                duration,
                                (inner, amount, none) ->
                                        nanos[0] +=
                                                inner == 1
                                                        ? SECOND * Math.clamp(amount, 0, 86_400)
                                                        : inner == 2
                                                                ? Math.clamp(amount, 0, SECOND)
                                                                : 0);
                    }
                });
        return nanos[0];
    }

    private static Status statusJson(byte[] body) {
        try {
            JsonNode status = JSON.readTree(body);
            OptionalLong delay = OptionalLong.empty();
            for (JsonNode detail : status.path("details")) {
                if (detail.path("@type").asString("").endsWith("/" + RETRY_INFO)) {
                    delay = OptionalLong.of(duration(detail.path("retryDelay").asString("")));
                }
            }
            return new Status(bounded(status.path("message").asString("")), delay);
        } catch (JacksonException e) {
            return Status.EMPTY;
        }
    }

    /// `1.5s`, protobuf's JSON form of a Duration.
    private static long duration(String text) {
        try {
            double seconds = Double.parseDouble(text.replaceFirst("s$", ""));
            return (long) (Math.clamp(seconds, 0, 86_400) * SECOND);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private static String text(byte[] utf8) {
        return bounded(new String(utf8, StandardCharsets.UTF_8));
    }

    private static String bounded(String text) {
        String line = text.replaceAll("[\\p{Cntrl}]+", " ");
        return line.length() <= TEXT_MAX ? line : line.substring(0, TEXT_MAX) + "…";
    }
}
