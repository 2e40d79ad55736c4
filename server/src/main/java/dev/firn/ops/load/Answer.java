package dev.firn.ops.load;

/// What became of a request, retries included.
public sealed interface Answer {
    /// Stored, except for `rejected` points (usually 0); `message` is the receiver's, or empty.
    record Accepted(long rejected, String message) implements Answer {}

    /// An answer after which the protocol forbids a retry.
    record Refused(int status, String message) implements Answer {}

    /// No final answer within the time for retries, or stopped while retrying.
    record Unanswered(String message) implements Answer {}
}
