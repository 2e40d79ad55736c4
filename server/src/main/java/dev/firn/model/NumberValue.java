package dev.firn.model;

import dev.firn.base.ByteWriter;
import org.jspecify.annotations.Nullable;

/// The value of a gauge's or a sum's point.
///
/// @param form [Numbers#DOUBLE] or [Numbers#INT]
/// @param bits the value by `form`
public record NumberValue(byte form, long bits) implements PointValue {
    static final int SHAPE_DOUBLE = 1;
    static final int SHAPE_INT = 2;

    public NumberValue {
        if (form != Numbers.DOUBLE && form != Numbers.INT) {
            throw new IllegalArgumentException("a value has form 1 or 2, not " + form);
        }
    }

    /// A double.
    public static NumberValue of(double value) {
        return new NumberValue(Numbers.DOUBLE, Double.doubleToRawLongBits(value));
    }

    /// An integer.
    public static NumberValue of(long value) {
        return new NumberValue(Numbers.INT, value);
    }

    static @Nullable NumberValue at(Numbers numbers, int row) {
        byte form = numbers.form[row];
        return form == Numbers.NONE ? null : new NumberValue(form, numbers.bits[row]);
    }

    /// The value, whichever form it has.
    public double real() {
        return form == Numbers.INT ? bits : Double.longBitsToDouble(bits);
    }

    /// Integers stay integers until they overflow.
    @Override
    public NumberValue plus(PointValue other) {
        NumberValue to = (NumberValue) other;
        if (form == Numbers.INT && to.form == Numbers.INT) {
            long sum = bits + to.bits;
            boolean overflows = ((bits ^ sum) & (to.bits ^ sum)) < 0;
            return overflows ? of((double) bits + to.bits) : of(sum);
        }
        return of(real() + to.real());
    }

    /// The value with the other sign.
    public NumberValue negated() {
        return form == Numbers.INT && bits != Long.MIN_VALUE ? of(-bits) : of(-real());
    }

    @Override
    public @Nullable NumberValue minus(PointValue before) {
        NumberValue from = (NumberValue) before;
        if (form == Numbers.INT && from.form == Numbers.INT) {
            long difference = bits - from.bits;
            boolean overflows = ((bits ^ from.bits) & (bits ^ difference)) < 0;
            if (bits < from.bits) {
                return null;
            }
            return overflows ? of((double) bits - from.bits) : of(difference);
        }
        return real() >= from.real() ? of(real() - from.real()) : null;
    }

    @Override
    public int addTo(Batch batch, Series series, long time, long start, int flags) {
        return batch.numbers.add(series, time, start, flags, form, bits);
    }

    @Override
    public void write(ByteWriter out) {
        if (form == Numbers.INT) {
            out.u8(SHAPE_INT).zigzag(bits);
        } else {
            out.u8(SHAPE_DOUBLE).i64(bits);
        }
    }
}
