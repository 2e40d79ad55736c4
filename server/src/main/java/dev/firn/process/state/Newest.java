package dev.firn.process.state;

import dev.firn.model.NumberValue;
import dev.firn.model.Numbers;
import dev.firn.model.PointValue;
import dev.firn.model.Points;
import org.jspecify.annotations.Nullable;

/// The newest point of a series. In whatever order points come, the same is left, but for two
/// values of one time. Its subclasses say when which of its methods may be called.
///
/// Hot path: a number costs no allocation.
abstract class Newest {
    private long lastTime;
    private long valueTime;
    private long start;
    private byte form = Numbers.NONE;
    private long bits;
    private @Nullable PointValue shaped;

    /// A point.
    ///
    /// @param keepsValue whether values other than numbers are kept
    final synchronized void observe(Points points, int row, boolean keepsValue) {
        long time = points.time[row];
        lastTime = Math.max(lastTime, time);
        if (time < valueTime || (points.flags[row] & Points.NO_RECORDED_VALUE) != 0) {
            return;
        }
        if (points instanceof Numbers numbers) {
            if (!isNumber(numbers.form[row], numbers.bits[row])) {
                return;
            }
            form = numbers.form[row];
            bits = numbers.bits[row];
        } else if (keepsValue) {
            PointValue value = PointValue.of(points, row);
            if (value == null) {
                return;
            }
            shaped = value;
        }
        valueTime = time;
        start = points.start[row];
    }

    private static boolean isNumber(byte form, long bits) {
        return form == Numbers.INT
                || form == Numbers.DOUBLE && !Double.isNaN(Double.longBitsToDouble(bits));
    }

    /// What else is known of it.
    final synchronized void observe(
            long last, long ofValue, long began, @Nullable PointValue value) {
        lastTime = Math.max(lastTime, last);
        if (value == null || ofValue < valueTime) {
            return;
        }
        if (value instanceof NumberValue number) {
            form = number.form();
            bits = number.bits();
        } else {
            shaped = value;
        }
        valueTime = ofValue;
        start = began;
    }

    /// All that another knows of it.
    final void observe(Newest other) {
        Aggregate of = other.alone(null, true);
        observe(of.lastTime(), of.valueTime(), of.start(), of.total());
    }

    /// Whether there was a point.
    final synchronized boolean isKnown() {
        return lastTime != 0;
    }

    /// As if there had been no point.
    final synchronized void forget() {
        lastTime = 0;
        valueTime = 0;
        start = 0;
        form = Numbers.NONE;
        bits = 0;
        shaped = null;
    }

    /// What has come of it where no other series was added.
    ///
    /// @param key its key
    /// @param keepsValue whether values of this kind are added up over time
    final synchronized Aggregate alone(@Nullable StreamKey key, boolean keepsValue) {
        PointValue value =
                !keepsValue ? null : form == Numbers.NONE ? shaped : new NumberValue(form, bits);
        return new Aggregate(key, lastTime, start, 0, valueTime, 0, value, 0);
    }
}
