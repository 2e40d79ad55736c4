package dev.firn.query.promql.eval;

import dev.firn.query.promql.value.Labels;
import dev.firn.query.promql.value.NativeHistogram;
import dev.firn.query.promql.value.Samples;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The answer to a query. Times are milliseconds since 1970.
public sealed interface QueryValue {
    /// A number.
    record Scalar(long timeMillis, double value) implements QueryValue {}

    /// A string.
    record Text(String value) implements QueryValue {}

    /// A sample a series at one time, in the order that the query gives them.
    record Vector(long timeMillis, List<Sample> samples) implements QueryValue {}

    /// Series over time, in order of labels.
    record Matrix(List<Series> series) implements QueryValue {}

    /// A number, or a histogram where there is one.
    record Sample(Labels labels, double value, @Nullable NativeHistogram histogram) {}

    /// A series with its samples.
    record Series(Labels labels, Samples samples) {}
}
