package dev.firn.query.promql.store;

import dev.firn.query.promql.value.Labels;
import java.util.List;

/// The stored series behind one of Prometheus' series, or behind those that differ in one label
/// that only the points tell.
///
/// @param labels with the name, without that label
/// @param split name of that label (`le`, `quantile`), or empty
/// @param members usually one; several where Prometheus cannot tell them apart
record Group(Labels labels, String split, List<Member> members) {
    /// The whole labels of the one with this value of it.
    Labels labels(String value) {
        return split.isEmpty() ? labels : labels.with(split, value);
    }
}
