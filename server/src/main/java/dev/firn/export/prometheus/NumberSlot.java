package dev.firn.export.prometheus;

import dev.firn.export.prometheus.Targets.Target;
import dev.firn.model.Numbers;
import dev.firn.model.Points;
import dev.firn.model.Series;
import org.jspecify.annotations.Nullable;

/// A gauge or a counter.
final class NumberSlot extends Slot {
    private final boolean counter;
    private byte form;
    private long bits;
    private boolean added;
    private @Nullable Exemplar exemplar;

    NumberSlot(Series owner, Target target, boolean counter) {
        super(owner, target);
        this.counter = counter;
    }

    @Override
    Outcome put(Points points, int row, boolean adding) {
        var numbers = (Numbers) points;
        byte newForm = numbers.form[row];
        long newBits = numbers.bits[row];
        if (newForm == Numbers.NONE) {
            return Outcome.SHAPE;
        }
        added = false;
        if (adding && newForm == form) {
            long sum = form == Numbers.INT ? bits + newBits : addDoubles(bits, newBits);
            boolean overflow = form == Numbers.INT && ((bits ^ sum) & (newBits ^ sum)) < 0;
            if (!overflow) {
                bits = sum;
                added = true;
                return Outcome.TAKEN;
            }
        }
        form = newForm;
        bits = newBits;
        return Outcome.TAKEN;
    }

    private static long addDoubles(long a, long b) {
        return Double.doubleToRawLongBits(Double.longBitsToDouble(a) + Double.longBitsToDouble(b));
    }

    @Override
    boolean added() {
        return added;
    }

    @Override
    void keep(Exemplar one) {
        if (counter && (exemplar == null || one.time >= exemplar.time)) {
            exemplar = one;
        }
    }

    boolean integer() {
        return form == Numbers.INT;
    }

    long bits() {
        return bits;
    }

    double value() {
        return form == Numbers.INT ? (double) bits : Double.longBitsToDouble(bits);
    }

    /// The latest one of a counter.
    @Nullable Exemplar exemplar() {
        return exemplar;
    }
}
