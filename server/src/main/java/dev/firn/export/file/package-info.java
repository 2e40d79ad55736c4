/// Batches as lines of a file, as the Collector's `file` exporter writes them.
///
/// In: batches of a pipeline. Out: one record a batch: a line of OTLP/JSON, or a length and its
/// bytes. Never: a request that waits for the disk, or a torn record that this process leaves
/// behind a failed write.
@NullMarked
package dev.firn.export.file;

import org.jspecify.annotations.NullMarked;
