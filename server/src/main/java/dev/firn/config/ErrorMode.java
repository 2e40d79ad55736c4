package dev.firn.config;

/// What happens when a statement or condition fails on some data.
public enum ErrorMode {
    /// Go on with the next statement; log and count.
    IGNORE,
    /// Go on with the next statement; count.
    SILENT,
    /// Drop what is being processed; count.
    PROPAGATE
}
