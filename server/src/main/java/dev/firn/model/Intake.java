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
    /// is mixed in); or a position in a source that is read in order ([#position]).
    record RequestKey(long high, long low) {
        private static final long POSITION_MARK = 0x4649_524eL << 32; // "FIRN"
        private static final long MARK_MASK = 0xffff_ffffL << 32;

        /// What ends at `end` of a source, such as a line of a file. Everything that ends before is
        /// taken to be answered, too; the newest position of each source is remembered without
        /// limit of time, because it stands in the log with the points.
        ///
        /// @param source drawn at random when the source is met, never used for another
        /// @param end rises from request to request
        public static RequestKey position(int source, long end) {
            return new RequestKey(POSITION_MARK | Integer.toUnsignedLong(source), end);
        }

        /// Whether [#position] made it (or, once in four billion times, a hash looks like that,
        /// which does no harm).
        public boolean isPosition() {
            return (high & MARK_MASK) == POSITION_MARK;
        }
    }

    /// Answers a request: a known one as before; a twin in flight waits for the same fsync; else
    /// decodes, appends, syncs.
    ///
    /// @throws Overloaded when nothing was stored and the sender should retry
    Answer accept(RequestKey key, Decoder decoder);

    /// Up to where a source was answered ([RequestKey#position]); 0 if nothing of it is known.
    default long answeredUpTo(int source) {
        return 0;
    }
}
