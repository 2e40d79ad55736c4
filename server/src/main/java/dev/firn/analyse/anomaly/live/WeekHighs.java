package dev.firn.analyse.anomaly.live;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;

/// The highest hour of each of the last seven days. What grows slowly is what the last minutes let
/// expect; that it is higher than it was in a week is not.
final class WeekHighs {
    private static final int DAYS = 7;

    /// Days that must be known.
    private static final int KNOWN = 2;

    /// Intervals whose median is the present level, and how many of them must be known.
    private static final int LEVEL = 12;

    private static final int LEVEL_KNOWN = 10;
    private static final long DAY_MILLIS = 86_400_000L;
    private static final long STEP_MILLIS = Signals.STEP_SECONDS * 1_000;

    private final double[] highest = new double[DAYS];
    private final double[] lows = new double[LEVEL];
    private final double[] values = new double[LEVEL];
    private long day = Long.MIN_VALUE;
    private long step = Long.MIN_VALUE / 2;

    /// Intervals since the last anomaly.
    private long calm;

    WeekHighs() {
        Arrays.fill(highest, Double.NaN);
        Arrays.fill(lows, Double.NaN);
        Arrays.fill(values, Double.NaN);
    }

    /// Takes an interval in.
    ///
    /// @param low what the value is at least, less what chance explains
    void push(long time, double value, double low) {
        moveTo(Math.floorDiv(time, DAY_MILLIS));
        long now = time / STEP_MILLIS;
        for (long gone = Math.max(step + 1, now - LEVEL + 1); gone < now; gone++) {
            lows[(int) Math.floorMod(gone, (long) LEVEL)] = Double.NaN;
            values[(int) Math.floorMod(gone, (long) LEVEL)] = Double.NaN;
        }
        lows[(int) Math.floorMod(now, (long) LEVEL)] = low;
        values[(int) Math.floorMod(now, (long) LEVEL)] = value;
        step = now;
    }

    /// Makes the last hour one of today's, as it was, not as it was at least: a histogram's bounds
    /// may change.
    ///
    /// @param usual whether the last interval was no part of an anomaly: an hour that one was part
    ///   of teaches nothing
    void learn(boolean usual) {
        calm = usual ? calm + 1 : 0;
        double level = level();
        if (calm >= LEVEL && !Double.isNaN(level)) {
            int today = row(day);
            highest[today] = Double.isNaN(highest[today]) ? level : Math.max(highest[today], level);
        }
    }

    /// What the last hour was; NaN where too little is known.
    double level() {
        return median(values);
    }

    /// What it was at least.
    double least() {
        return median(lows);
    }

    private static double median(double[] last) {
        double[] known = Arrays.stream(last).filter(Double::isFinite).sorted().toArray();
        return known.length < LEVEL_KNOWN ? Double.NaN : known[(known.length - 1) / 2];
    }

    /// The highest of the days before, or, of three or more, the second; NaN where too few are
    /// known.
    double highest() {
        double[] known = new double[DAYS];
        int count = 0;
        for (int row = 0; row < DAYS; row++) {
            if (row != row(day) && !Double.isNaN(highest[row])) {
                known[count++] = highest[row];
            }
        }
        Arrays.sort(known, 0, count);
        return count < KNOWN ? Double.NaN : known[count > KNOWN ? count - 2 : count - 1];
    }

    private void moveTo(long toDay) {
        if (day == Long.MIN_VALUE) {
            day = toDay;
        }
        for (long gone = Math.max(day + 1, toDay - DAYS + 1); gone <= toDay; gone++) {
            highest[row(gone)] = Double.NaN;
        }
        day = toDay;
    }

    private static int row(long ofDay) {
        return (int) Math.floorMod(ofDay, (long) DAYS);
    }

    void write(DataOutputStream out) throws IOException {
        for (double value : highest) {
            out.writeDouble(value);
        }
        for (int i = 0; i < LEVEL; i++) {
            out.writeDouble(lows[i]);
            out.writeDouble(values[i]);
        }
        out.writeLong(day);
        out.writeLong(step);
        out.writeLong(calm);
    }

    static WeekHighs read(DataInputStream in) throws IOException {
        var highs = new WeekHighs();
        for (int i = 0; i < DAYS; i++) {
            highs.highest[i] = in.readDouble();
        }
        for (int i = 0; i < LEVEL; i++) {
            highs.lows[i] = in.readDouble();
            highs.values[i] = in.readDouble();
        }
        highs.day = in.readLong();
        highs.step = in.readLong();
        highs.calm = in.readLong();
        return highs;
    }
}
