package dev.firn.analyse.quality;

/// The interval in which a series' points come, learned from them, and how many were left out. A
/// pause counts once the series has gone on in its interval, so that neither its end nor a slower
/// interval is one.
final class Cadence {
    /// Fewer points left out than this are jitter, unless the interval is long.
    private static final int MISSING_MIN = 2;

    private static final int LONG_MILLIS = 300_000;
    private static final int STREAK = 3;
    private static final double SIMILAR = 0.25;

    private int step;
    private int candidate;
    private int owed;
    private byte streak;

    /// Milliseconds; 0 while it is not known.
    int step() {
        return step;
    }

    /// A next point.
    ///
    /// @param millis since the one before, at least 0
    /// @param counts where points that were due and missing are added, at [Group#DUE] and
    ///   [Group#MISSING]
    void next(long millis, long[] counts) {
        int gap = (int) Math.min(millis, Integer.MAX_VALUE);
        if (step == 0) {
            step = similar(gap, candidate) ? gap : 0;
            candidate = gap;
            return;
        }
        counts[Group.DUE]++;
        if (gap <= 1.5 * step && gap >= 0.5 * step) {
            counts[Group.MISSING] += owed;
            counts[Group.DUE] += owed;
            owed = 0;
            streak = 0;
            step += (gap - step) / 8;
            return;
        }
        streak = (byte) (similar(gap, candidate) ? streak + 1 : 1);
        candidate = gap;
        if (streak >= STREAK) {
            step = gap; // another interval, and no pauses
            streak = 0;
            owed = 0;
        } else if (gap > step) {
            int missing = Math.round((float) gap / step) - 1;
            owed = missing >= MISSING_MIN || step >= LONG_MILLIS ? owed + missing : owed;
        }
    }

    private static boolean similar(int gap, int other) {
        return Math.abs(gap - other) <= SIMILAR * other;
    }
}
