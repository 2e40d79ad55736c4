package dev.firn.web;

import java.util.Optional;
import java.util.function.Supplier;

/// Where the web server gets its answers; the root fills it.
///
/// @param status for `/ready` and `/health`
/// @param metrics the page of own metrics
/// @param info what runs here, as JSON-able values
/// @param engineUrl base URL of the engine's HTTP interface; empty without an engine
/// @param lake tables, snapshots, files and positions, as JSON-able values; empty without a lake
/// @param verify runs the comparison of lake and engine, as JSON-able values; empty without both
/// @param wal segments, cuts and quarantine, as JSON-able values
/// @param walVerify the same after everything in the log was read and checked
/// @param rebuilding loads the engine anew from the lake; empty without both
/// @param retryQuarantine hands quarantined cuts to their sink again and says what happened
public record Sources(
        Supplier<Status> status,
        Supplier<byte[]> metrics,
        Supplier<Object> info,
        Optional<Supplier<String>> engineUrl,
        Optional<Supplier<Object>> lake,
        Optional<Supplier<Object>> verify,
        Supplier<Object> wal,
        Supplier<Object> walVerify,
        Supplier<Object> retryQuarantine,
        Optional<Rebuilding> rebuilding) {}
