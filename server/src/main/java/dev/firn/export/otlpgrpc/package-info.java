/// The `otlp` exporter. In: batches. Out: calls of MetricsService/Export over gRPC. Never:
/// generated classes, credentials in plain text.
@NullMarked
package dev.firn.export.otlpgrpc;

import org.jspecify.annotations.NullMarked;
