package dev.firn.receive;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A request that a server answers with an error, and how. Thrown before or instead of
/// [Receiver#receive]; carries no stack, because it is an answer and no bug.
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// What went wrong, with its HTTP status and its `google.rpc.Code`. OTLP lets senders retry
    /// only 429, 502, 503 and 504; UNAVAILABLE; and RESOURCE_EXHAUSTED with RetryInfo.
    enum Kind {
        MALFORMED(400, 3),
        UNAUTHENTICATED(401, 16),
        FORBIDDEN(403, 7),
        NOT_FOUND(404, 12),
        WRONG_METHOD(405, 12),
        /// OTLP/HTTP names 413; gRPC gets INVALID_ARGUMENT, because some senders retry every
        /// RESOURCE_EXHAUSTED.
        TOO_LARGE(413, 3),
        UNSUPPORTED(415, 12),
        EXHAUSTED(429, 8),
        UNAVAILABLE(503, 14);

        private final int httpStatus;
        private final int code;

        Kind(int httpStatus, int code) {
            this.httpStatus = httpStatus;
            this.code = code;
        }

        int httpStatus() {
            return httpStatus;
        }

        /// `google.rpc.Code`, which is gRPC's.
        int code() {
            return code;
        }

        boolean retryable() {
            return this == EXHAUSTED || this == UNAVAILABLE;
        }
    }

    /// Limits of ours, as in `firn_receive_refused_total{limit}`.
    enum Limit {
        INFLIGHT_BYTES,
        INFLIGHT_HEAP,
        CONCURRENT_REQUESTS,
        BODY_BYTES,
        BODY_TIMEOUT;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Kind kind;
    private final int retryAfterSeconds;
    private final @Nullable Limit limit;

    private Refusal(Kind kind, int retryAfterSeconds, @Nullable Limit limit, String message) {
        super(message, null, false, false);
        this.kind = kind;
        this.retryAfterSeconds = retryAfterSeconds;
        this.limit = limit;
    }

    /// Never to be retried.
    static Refusal of(Kind kind, String message) {
        if (kind.retryable()) {
            throw new IllegalArgumentException(kind + " needs a time to retry after");
        }
        return new Refusal(kind, 0, null, message);
    }

    /// To be retried after a while.
    static Refusal retry(Kind kind, int afterSeconds, String message) {
        if (!kind.retryable()) {
            throw new IllegalArgumentException(kind + " is not retried");
        }
        return new Refusal(kind, Math.max(1, afterSeconds), null, message);
    }

    /// A limit of ours was hit.
    static Refusal limit(Limit limit, Kind kind, int afterSeconds, String message) {
        return new Refusal(kind, kind.retryable() ? afterSeconds : 0, limit, message);
    }

    /// The limit that refused; null when it was none of ours.
    @Nullable Limit limit() {
        return limit;
    }

    Kind kind() {
        return kind;
    }

    /// 0 when a retry is useless.
    int retryAfterSeconds() {
        return retryAfterSeconds;
    }

    String text() {
        return String.valueOf(getMessage());
    }
}
