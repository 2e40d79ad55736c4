/// OTLP's names and labels as Prometheus has them: prometheus_and_openmetrics.md of the
/// OpenTelemetry specification. In: metrics, attributes. Out: names of families, labels. Never:
/// points.
@NullMarked
package dev.firn.model.prometheus;

import org.jspecify.annotations.NullMarked;
