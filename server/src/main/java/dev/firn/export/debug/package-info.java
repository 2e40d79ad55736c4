/// Batches as text in the log, as the Collector's `debug` exporter writes them.
///
/// In: batches of a pipeline. Out: a line with numbers for each, and by `verbosity` its points.
/// Never: anything that is read by a program.
@NullMarked
package dev.firn.export.debug;

import org.jspecify.annotations.NullMarked;
