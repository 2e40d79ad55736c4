package dev.firn.config;

/// How a name is compared with a list.
public enum MatchType {
    /// Equal to one of them.
    STRICT,
    /// One of them, a regular expression in Go's syntax (RE2), is found in it.
    REGEXP
}
