/// The `otlphttp` exporter. In: batches. Out: `POST …/v1/metrics` with OTLP in protobuf or JSON.
/// Never: redirects, proxies, cookies.
@NullMarked
package dev.firn.export.otlphttp;

import org.jspecify.annotations.NullMarked;
