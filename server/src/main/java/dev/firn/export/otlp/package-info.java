/// Batches as OTLP again: protobuf bytes, or the line of JSON that a Collector's file holds.
///
/// In: a [dev.firn.model.Batch]. Out: one ExportMetricsServiceRequest, appended to a buffer; points
/// are grouped by resource, scope and metric in the order in which these first appear. Never:
/// sending, files, or a change to the batch.
@NullMarked
package dev.firn.export.otlp;

import org.jspecify.annotations.NullMarked;
