package dev.firn.query.promql.eval;

import dev.firn.query.promql.eval.Annotations.Operation;
import dev.firn.query.promql.lang.BinaryOp;
import dev.firn.query.promql.lang.Span;
import dev.firn.query.promql.value.HistogramTrim;
import dev.firn.query.promql.value.IncompatibleBucketsException;
import dev.firn.query.promql.value.NativeHistogram;
import dev.firn.query.promql.value.NativeHistogram.Combined;
import dev.firn.query.promql.value.ResetHint;
import org.jspecify.annotations.Nullable;

/// One operator on two values, numbers or histograms. The result stands in fields until the next
/// call, since this runs for each sample.
final class Arithmetic {
    private final BinaryOp op;
    private final Annotations annotations;
    private final Span span;
    private double number;
    private @Nullable NativeHistogram histogram;
    private boolean keep;
    private boolean collides;

    Arithmetic(BinaryOp op, Annotations annotations, Span span) {
        this.op = op;
        this.annotations = annotations;
        this.span = span;
    }

    double number() {
        return number;
    }

    @Nullable NativeHistogram histogram() {
        return histogram;
    }

    /// Whether a comparison holds; true for all other operators.
    boolean keep() {
        return keep;
    }

    /// Whether the operands contradict each other about counter resets.
    boolean collides() {
        return collides;
    }

    /// Two numbers as scalars: comparisons yield 0 or 1.
    static double scalar(BinaryOp op, double a, double b) {
        if (op.isComparison()) {
            return holds(op, a, b) ? 1 : 0;
        }
        return numbers(op, a, b);
    }

    private static boolean holds(BinaryOp op, double a, double b) {
        return switch (op) {
            case EQUAL -> a == b;
            case NOT_EQUAL -> a != b;
            case LESS -> a < b;
            case LESS_EQUAL -> a <= b;
            case GREATER -> a > b;
            case GREATER_EQUAL -> a >= b;
            default -> true;
        };
    }

    private static double numbers(BinaryOp op, double a, double b) {
        return switch (op) {
            case ADD -> a + b;
            case SUBTRACT -> a - b;
            case MULTIPLY -> a * b;
            case DIVIDE -> a / b;
            case MODULO -> a % b;
            case POWER -> GoMath.pow(a, b);
            case ATAN2 -> Math.atan2(a, b);
            default -> a;
        };
    }

    /// False if these types do not go together, or cannot; that is noted.
    boolean apply(double a, @Nullable NativeHistogram ha, double b, @Nullable NativeHistogram hb) {
        number = 0;
        histogram = null;
        keep = true;
        collides = false;
        if (ha == null && hb == null) {
            if (op == BinaryOp.TRIM_LOWER || op == BinaryOp.TRIM_UPPER) {
                return incompatible("float", "float");
            }
            number = op.isComparison() ? a : numbers(op, a, b);
            keep = !op.isComparison() || holds(op, a, b);
            return true;
        }
        if (ha != null && hb != null) {
            return histograms(ha, hb);
        }
        return ha != null ? histogramAndNumber(ha, b) : numberAndHistogram(a, hb);
    }

    private boolean numberAndHistogram(double a, @Nullable NativeHistogram hb) {
        if (op != BinaryOp.MULTIPLY || hb == null) {
            return incompatible("float", "histogram");
        }
        histogram = hb.times(a).compact();
        return true;
    }

    private boolean histogramAndNumber(NativeHistogram ha, double b) {
        switch (op) {
            case MULTIPLY -> histogram = ha.times(b).compact();
            case DIVIDE -> histogram = ha.dividedBy(b).compact();
            case TRIM_UPPER -> histogram = HistogramTrim.trim(ha, b, true);
            case TRIM_LOWER -> histogram = HistogramTrim.trim(ha, b, false);
            default -> {
                return incompatible("histogram", "float");
            }
        }
        return true;
    }

    private boolean histograms(NativeHistogram ha, NativeHistogram hb) {
        switch (op) {
            case ADD, SUBTRACT -> {
                return combine(ha, hb);
            }
            case EQUAL, NOT_EQUAL -> {
                histogram = ha;
                keep = ha.isSame(hb) == (op == BinaryOp.EQUAL);
                return true;
            }
            default -> {
                return incompatible("histogram", "histogram");
            }
        }
    }

    private boolean combine(NativeHistogram ha, NativeHistogram hb) {
        boolean add = op == BinaryOp.ADD;
        Operation operation = add ? Operation.ADDITION : Operation.SUBTRACTION;
        try {
            Combined combined = add ? ha.plus(hb) : ha.minus(hb);
            NativeHistogram result = combined.result();
            histogram = (add ? result : result.withHint(ResetHint.GAUGE)).compact();
            if (combined.hintsCollide()) {
                annotations.resetCollision(operation, span);
                collides = true;
            } else if (combined.boundsReconciled()) {
                annotations.mismatchedBounds(operation, span);
            }
            return true;
        } catch (IncompatibleBucketsException e) {
            annotations.incompatibleBuckets(op.text(), span);
            return false;
        }
    }

    private boolean incompatible(String left, String right) {
        annotations.incompatibleTypes(left, op.text(), right, span);
        return false;
    }
}
