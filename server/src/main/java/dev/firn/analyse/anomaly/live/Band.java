package dev.firn.analyse.anomaly.live;

import dev.firn.analyse.anomaly.Verdict;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/// What is expected of a series beside the detector: the centre of its last day, and, while an
/// anomaly lasts, what was expected when it began. The last minutes, from which the detector
/// expects, soon are part of the anomaly, and after it they are the anomaly's.
final class Band {
    /// Share of the band within which values are back.
    private static final double BACK = 0.6;

    /// Share of half a band that the centre moves at most in an interval: four hours for half a
    /// band.
    private static final double PACE = 1.0 / 48;

    /// After so long the new state is the usual one.
    private static final long DAY_MILLIS = 86_400_000L;

    private double centre = Double.NaN;
    private double expected = Double.NaN;
    private double half = Double.NaN;
    private long began;

    /// How many times half its band a value is away from what is expected, without what chance
    /// explains (the part between `low` and `high`); afterwards [#expected] and [#half] are those
    /// that hold.
    ///
    /// @param chance what of half the verdict's band is there for chance
    /// @param learns whether the centre moves
    double beyond(Verdict verdict, double low, double high, double chance, boolean learns) {
        double value = verdict.actual();
        if (Double.isNaN(centre)) {
            centre = value;
        }
        if (began != 0) {
            if (verdict.time() - began >= DAY_MILLIS) {
                centre = value;
                began = 0;
            } else if (Math.min(away(centre, low, high), away(expected, low, high)) <= BACK) {
                began = 0;
            } else {
                return away(expected, low, high);
            }
        }
        half = verdict.high() - verdict.expected() - chance;
        expected =
                Math.abs(value - verdict.expected()) <= Math.abs(value - centre)
                        ? verdict.expected()
                        : centre;
        double away = away(expected, low, high);
        if (away > 1) {
            began = verdict.time();
        } else if (learns) {
            double pace = half > 0 ? half * PACE : 0;
            centre += Math.clamp(value - centre, -pace, pace);
        }
        return away;
    }

    private double away(double from, double low, double high) {
        double away = Math.max(0, Math.max(low - from, from - high));
        return half > 0 ? away / half : 0;
    }

    double expected() {
        return expected;
    }

    double half() {
        return half;
    }

    void write(DataOutputStream out) throws IOException {
        out.writeDouble(centre);
        out.writeDouble(expected);
        out.writeDouble(half);
        out.writeLong(began);
    }

    static Band read(DataInputStream in) throws IOException {
        var band = new Band();
        band.centre = in.readDouble();
        band.expected = in.readDouble();
        band.half = in.readDouble();
        band.began = in.readLong();
        return band;
    }
}
