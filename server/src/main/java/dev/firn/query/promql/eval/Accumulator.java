package dev.firn.query.promql.eval;

import dev.firn.query.promql.lang.Span;
import dev.firn.query.promql.value.NativeHistogram;

/// Combines the series of one group, at every step of the grid.
abstract class Accumulator {
    private final Annotations annotations;
    private final Span span;

    Accumulator(Annotations annotations, Span span) {
        this.annotations = annotations;
        this.span = span;
    }

    final Annotations annotations() {
        return annotations;
    }

    final Span span() {
        return span;
    }

    /// One input series, all its steps.
    final void add(Column column) {
        for (int i = 0; i < column.steps(); i++) {
            NativeHistogram histogram = column.histogram(i);
            if (histogram != null) {
                add(i, histogram, column);
            } else if (column.has(i)) {
                add(i, column.value(i));
            }
        }
    }

    abstract void add(int i, double value);

    abstract void add(int i, NativeHistogram histogram, Column from);

    /// Writes the group's results.
    abstract void finish(Column out);
}
