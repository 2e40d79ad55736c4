/// Running Firn: how memory is divided, the load generator, benchmarks.
///
/// In: options. Out: numbers that were measured. Never: a benchmark that a test depends on.
@NullMarked
package dev.firn.ops;

import org.jspecify.annotations.NullMarked;
