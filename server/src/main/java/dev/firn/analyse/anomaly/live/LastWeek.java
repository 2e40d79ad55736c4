package dev.firn.analyse.anomaly.live;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;

/// A week of counts, for Saturdays are not as Fridays: a count that is as this time of the last
/// week was wakes nobody; nor, before a week is known, one that is as this time of any day since.
final class LastWeek {
    private static final int SLOTS = (int) (7 * 86_400 / Signals.STEP_SECONDS);
    private static final int DAYS = 7;
    private static final int DAY_SLOTS = SLOTS / DAYS;
    private static final int AROUND = 2;
    private static final double ALIKE = 0.3;

    private final float[] values = new float[SLOTS];

    LastWeek() {
        Arrays.fill(values, Float.NaN);
    }

    /// Whether some interval around this time a week ago had about as much, or of a day since while
    /// a week ago is not known.
    boolean has(long time, double low, double high) {
        int slot = slot(time);
        boolean known = false;
        for (int day = 0; day < DAYS && !known; day++) {
            for (int i = 0; i <= AROUND; i++) {
                float then = values[(slot + day * DAY_SLOTS + i) % SLOTS];
                if (then * (1 + ALIKE) >= low && then * (1 - ALIKE) <= high) {
                    return true;
                }
                known |= day == 0 && !Float.isNaN(then);
            }
        }
        return false;
    }

    void learn(long time, double value) {
        values[slot(time)] = (float) value;
    }

    private static int slot(long time) {
        return (int) Math.floorMod(time / 1_000 / Signals.STEP_SECONDS, (long) SLOTS);
    }

    void write(DataOutputStream out) throws IOException {
        for (float value : values) {
            out.writeInt(Float.floatToRawIntBits(value));
        }
    }

    static LastWeek read(DataInputStream in) throws IOException {
        var week = new LastWeek();
        for (int i = 0; i < SLOTS; i++) {
            week.values[i] = Float.intBitsToFloat(in.readInt());
        }
        return week;
    }
}
