package dev.firn.process.state;

import dev.firn.base.ByteWriter;
import dev.firn.model.NumberValue;
import dev.firn.model.Numbers;
import dev.firn.model.PointValue;
import dev.firn.model.Points;
import org.jspecify.annotations.Nullable;

/// A series as its sender sends it, which is the only one to have become another: its newest point.
/// In whatever order points come, the same is left, but for two values of one time.
///
/// Hot path: a number costs no allocation.
final class Source {
    final StreamKey key;

    /// Series that it is the only one to have become; under the room's lock.
    int users;

    private long lastTime;
    private long valueTime;
    private long start;
    private byte form = Numbers.NONE;
    private long bits;
    private @Nullable PointValue shaped;

    Source(StreamKey key) {
        this.key = key;
    }

    /// A point of it went on as it was.
    synchronized void observe(Points points, int row) {
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
        } else {
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
    synchronized void observe(long last, long ofValue, long began, @Nullable PointValue value) {
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

    /// What it has become, as long as it was the only one.
    ///
    /// @param keepsValue whether values of this kind are added up over time
    synchronized Aggregate alone(boolean keepsValue) {
        PointValue value = keepsValue ? value() : null;
        return new Aggregate(key, lastTime, start, 0, valueTime, 0, value, 0);
    }

    private @Nullable PointValue value() {
        return form == Numbers.NONE ? shaped : new NumberValue(form, bits);
    }

    synchronized void write(ByteWriter out) {
        key.write(out);
        PointValue value = value();
        out.i64(lastTime).i64(valueTime).i64(start).u8(value == null ? 0 : 1);
        if (value != null) {
            value.write(out);
        }
    }

    /// A point as [#write] would leave it for a source that saw no other.
    static void write(StreamKey key, Points points, int row, ByteWriter out) {
        var one = new Source(key);
        one.observe(points, row);
        one.write(out);
    }
}
