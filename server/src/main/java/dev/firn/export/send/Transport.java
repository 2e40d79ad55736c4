package dev.firn.export.send;

import java.util.OptionalLong;

/// One way to the other side. Thread-safe.
public interface Transport extends AutoCloseable {
    /// What became of a request.
    sealed interface Outcome {
        /// It was taken.
        ///
        /// @param rejectedPoints refused for good by partial success
        /// @param message the other side's, "" for none
        record Delivered(long rejectedPoints, String message) implements Outcome {}

        /// It was not taken, and may be if sent again.
        ///
        /// @param why for the log
        /// @param afterNanos what the other side asks for
        record Retry(String why, OptionalLong afterNanos) implements Outcome {}

        /// It will never be taken.
        record Refused(String why) implements Outcome {}
    }

    /// Makes the encoded request what travels, once for all attempts.
    default byte[] pack(byte[] encoded) {
        return encoded;
    }

    /// Sends what [#pack] made and waits for the answer, within the configured timeout.
    Outcome send(byte[] packed) throws InterruptedException;

    @Override
    void close();
}
