/// Processors that remember: cumulative to delta and back, and the sums of series that have become
/// one. In come a pipeline's points; out go those with other values, and, for the write-ahead log,
/// what the processors must remember because of them. Never keeps anything that neither a
/// checkpoint nor a record has: a killed process goes on as if it had not been.
@NullMarked
package dev.firn.process.state;

import org.jspecify.annotations.NullMarked;
