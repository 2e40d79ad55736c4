package dev.firn.process.state;

import dev.firn.model.NumberValue;
import dev.firn.model.Numbers;
import dev.firn.model.PointValue;
import org.jspecify.annotations.Nullable;

/// A sum to which values are added, one at a time, over months. What rounding takes from a double
/// is kept beside it (Knuth's two-sum), so that values that are added and taken off again leave
/// nothing behind.
final class RunningTotal {
    private @Nullable PointValue value;
    private double low;

    RunningTotal(@Nullable PointValue value, double low) {
        this.value = value;
        this.low = low;
    }

    void add(PointValue more) {
        PointValue sum = value;
        if (sum == null) {
            value = more;
        } else if (sum instanceof NumberValue a
                && more instanceof NumberValue b
                && (a.form() == Numbers.DOUBLE || b.form() == Numbers.DOUBLE)) {
            addReal(a.real(), b.real());
        } else {
            value = sum.plus(more);
        }
    }

    /// Adds what lies between two values, exactly. For histograms `after` has grown out of
    /// `before`.
    void add(PointValue before, PointValue after) {
        if (before instanceof NumberValue a
                && after instanceof NumberValue b
                && (a.form() == Numbers.DOUBLE
                        || b.form() == Numbers.DOUBLE
                        || b.bits() < a.bits())) {
            add(after);
            add(a.negated());
        } else {
            add(java.util.Objects.requireNonNull(after.minus(before)));
        }
    }

    private void addReal(double a, double b) {
        double high = a + b;
        double part = high - a;
        double error = (a - (high - part)) + (b - part);
        double rest = low + error;
        double rounded = high + rest;
        low = Double.isFinite(rounded) ? rest - (rounded - high) : 0;
        value = NumberValue.of(rounded);
    }

    @Nullable PointValue value() {
        return value;
    }

    double low() {
        return low;
    }
}
