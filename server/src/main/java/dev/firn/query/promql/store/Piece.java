package dev.firn.query.promql.store;

import dev.firn.query.promql.value.Samples;

/// Samples of a stored series that one of Prometheus' shows.
///
/// @param label value of the label that tells it from the others (`le`, `quantile`), or empty
record Piece(String label, Samples samples) {}
