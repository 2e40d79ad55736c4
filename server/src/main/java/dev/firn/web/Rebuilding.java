package dev.firn.web;

import org.jspecify.annotations.Nullable;

/// Loads the engine anew from the lake, for `firn lake rebuild-engine`.
public interface Rebuilding {
    /// Begins; days are UTC dates such as `2026-11-26`, null for no limit.
    ///
    /// @param from the first day
    /// @param to the day after the last
    /// @return whether and why not, as JSON-able values
    Object begin(@Nullable String from, @Nullable String to);

    /// How far it is, as JSON-able values.
    Object progress();
}
