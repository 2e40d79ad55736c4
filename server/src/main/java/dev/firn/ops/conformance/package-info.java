/// Prometheus' scripts over Firn's storage: what they load goes through the log and the engine.
@NullMarked
package dev.firn.ops.conformance;

import org.jspecify.annotations.NullMarked;
