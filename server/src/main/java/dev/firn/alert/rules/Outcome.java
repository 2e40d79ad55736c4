package dev.firn.alert.rules;

import dev.firn.query.promql.value.Labels;
import dev.firn.query.promql.value.NativeHistogram;
import org.jspecify.annotations.Nullable;

/// A sample that a rule made.
///
/// @param histogram in place of the value, if there is one
public record Outcome(
        Labels labels, long timeMillis, double value, @Nullable NativeHistogram histogram) {}
