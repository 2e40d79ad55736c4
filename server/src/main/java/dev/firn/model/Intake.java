package dev.firn.model;

/// What receivers hand requests to: answers only when the points are durable.
public interface Intake {
    /// A decoded request.
    ///
    /// @param batch its good points; may be reused once [#accept] has returned
    /// @param answer what the sender is told
    record Decoded(Batch batch, Answer answer) {}

    /// OTLP's partial success.
    ///
    /// @param rejectedPoints points refused for cause
    /// @param message why, in English; empty if nothing is to be said
    record Answer(long rejectedPoints, String message) {
        /// Everything was stored.
        public static final Answer OK = new Answer(0, "");
    }

    /// Parses and checks; runs at most once.
    interface Decoder {
        Decoded decode();
    }

    /// Nothing was stored and a retry may succeed.
    final class Overloaded extends RuntimeException {
        private static final long serialVersionUID = 1;

        /// Why; decides the status code.
        public enum Cause {
            /// WAL full, disk error, shutting down: 503 / UNAVAILABLE.
            UNAVAILABLE,
            /// Memory: 429 / RESOURCE_EXHAUSTED.
            EXHAUSTED
        }

        private final Cause reason;
        private final int retryAfterSeconds;

        /// The message goes to the sender.
        public Overloaded(Cause reason, int retryAfterSeconds, String message) {
            super(message, null, false, false);
            this.reason = reason;
            this.retryAfterSeconds = retryAfterSeconds;
        }

        /// Which of the two.
        public Cause reason() {
            return reason;
        }

        /// What Retry-After and RetryInfo say.
        public int retryAfterSeconds() {
            return retryAfterSeconds;
        }
    }

    /// Identifies a request: 128 bits of the SHA-256 of its decompressed body, per receiver (which
    /// is mixed in).
    record RequestKey(long high, long low) {}

    /// Answers a request: a known one as before; a twin in flight waits for the same fsync; else
    /// decodes, appends, syncs.
    ///
    /// @throws Overloaded when nothing was stored and the sender should retry
    Answer accept(RequestKey key, Decoder decoder);
}
