package dev.firn.receive;

import dev.firn.model.Intake;

/// What both servers hand a request's decompressed body to.
public interface Receiver {
    /// Encoding of a body.
    enum Format {
        PROTOBUF,
        JSON
    }

    /// The body is no ExportMetricsServiceRequest: 400 / INVALID_ARGUMENT, never to be retried.
    final class MalformedBody extends RuntimeException {
        private static final long serialVersionUID = 1;

        /// What is wrong, and at which byte.
        public MalformedBody(String message) {
            super(message, null, false, false);
        }
    }

    /// Decodes, checks, stores durably and answers; blocks until then.
    ///
    /// @param body the decompressed request; `body[0, length)` is read during the call only
    /// @param sender whom limits per sender count against (the peer's address until there are
    ///   tenants)
    /// @throws MalformedBody when the whole request cannot be parsed
    /// @throws Intake.Overloaded when nothing was stored and a retry may succeed
    Intake.Answer receive(Format format, byte[] body, int length, String sender);
}
