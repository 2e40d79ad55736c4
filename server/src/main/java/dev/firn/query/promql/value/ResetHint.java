package dev.firn.query.promql.value;

/// What is known of a histogram's relation to the one before it in its series.
public enum ResetHint {
    /// Compare counts to find out.
    UNKNOWN,
    /// It starts anew.
    RESET,
    /// It goes on.
    NOT_RESET,
    /// It is no counter at all.
    GAUGE
}
