package dev.firn.query.promql.eval;

import dev.firn.query.promql.eval.Annotations.Operation;
import dev.firn.query.promql.lang.Span;
import dev.firn.query.promql.value.IncompatibleBucketsException;
import dev.firn.query.promql.value.NativeHistogram;
import org.jspecify.annotations.Nullable;

/// Arithmetic on histograms of one series that tells what it met: null after a mix of exponential
/// and custom buckets.
final class Histograms {
    private final Annotations annotations;
    private final String metric;
    private final Span span;

    Histograms(Annotations annotations, String metric, Span span) {
        this.annotations = annotations;
        this.metric = metric;
        this.span = span;
    }

    Histograms(Window window, RangeFunction.Result result) {
        this(result.annotations(), window.metric(), window.span());
    }

    @Nullable NativeHistogram add(NativeHistogram a, NativeHistogram b) {
        return combine(a, b, Operation.ADDITION);
    }

    @Nullable NativeHistogram subtract(NativeHistogram a, NativeHistogram b) {
        return combine(a, b, Operation.SUBTRACTION);
    }

    private @Nullable NativeHistogram combine(
            NativeHistogram a, NativeHistogram b, Operation operation) {
        try {
            var combined = operation == Operation.ADDITION ? a.plus(b) : a.minus(b);
            if (combined.boundsReconciled()) {
                annotations.mismatchedBounds(operation, span);
            }
            return combined.result();
        } catch (IncompatibleBucketsException e) {
            annotations.mixedBuckets(metric, span);
            return null;
        }
    }

    /// Between two histograms in time; a counter that started anew counts from zero.
    @Nullable NativeHistogram interpolate(
            NativeHistogram a,
            long timeA,
            NativeHistogram b,
            long timeB,
            long at,
            boolean counter) {
        if (at == timeA) {
            return a;
        }
        if (at == timeB) {
            return b;
        }
        double fraction = (double) (at - timeA) / (timeB - timeA);
        if (counter && b.isResetAfter(a)) {
            return b.times(fraction);
        }
        NativeHistogram difference = subtract(b, a);
        return difference == null ? null : add(difference.times(fraction), a);
    }
}
