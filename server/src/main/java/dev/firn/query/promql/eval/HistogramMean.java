package dev.firn.query.promql.eval;

import dev.firn.query.promql.eval.Annotations.Operation;
import dev.firn.query.promql.lang.Span;
import dev.firn.query.promql.value.HistogramSum;
import dev.firn.query.promql.value.NativeHistogram;
import dev.firn.query.promql.value.ResetHint;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Sum or mean of native histograms, kept as [NumberMean] keeps those of numbers.
final class HistogramMean {
    private final boolean average;
    private @Nullable HistogramSum sum;
    private boolean incremental;
    private boolean reconciled;
    private boolean reset;
    private boolean notReset;
    private double count;

    HistogramMean(boolean average) {
        this.average = average;
    }

    void add(NativeHistogram histogram) {
        count++;
        reset |= histogram.hint() == ResetHint.RESET;
        notReset |= histogram.hint() == ResetHint.NOT_RESET;
        if (sum == null) {
            sum = new HistogramSum(histogram);
        } else if (!average) {
            reconciled |= sum.add(histogram);
        } else {
            addToMean(sum, histogram);
        }
    }

    private void addToMean(HistogramSum current, NativeHistogram histogram) {
        if (!incremental) {
            HistogramSum next = current.copy();
            reconciled |= next.add(histogram);
            if (!next.overflows()) {
                sum = next;
                return;
            }
            incremental = true;
            current.scale(1 / (count - 1));
        }
        current.scale((count - 1) / count);
        reconciled |= current.add(histogram.dividedBy(count));
    }

    /// Notes what was met; to be called once.
    void tell(Annotations annotations, Span span) {
        if (reset && notReset) {
            annotations.resetCollision(Operation.AGGREGATION, span);
        }
        if (reconciled) {
            annotations.mismatchedBounds(Operation.AGGREGATION, span);
        }
    }

    /// At least one must have been added.
    NativeHistogram result() {
        return Objects.requireNonNull(sum).dividedBy(average && !incremental ? count : 1);
    }
}
