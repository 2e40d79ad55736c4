/// Prometheus' HTTP API. In: its parameters. Out: its JSON, shapes and codes as Prometheus 3 has
/// them (web/api/v1). Never: an answer to what Firn has not.
@NullMarked
package dev.firn.web.prometheus;

import org.jspecify.annotations.NullMarked;
