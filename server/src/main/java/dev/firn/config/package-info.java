/// The configuration: an OpenTelemetry Collector's file plus Firn's own sections, read into records
/// that are checked.
///
/// In: YAML files, the environment. Out: [dev.firn.config.Config], or every mistake at once with
/// file, line, key path and remedy. Never: a default that is not written in `default.yaml`'s
/// reference; starting anything.
@NullMarked
package dev.firn.config;

import org.jspecify.annotations.NullMarked;
