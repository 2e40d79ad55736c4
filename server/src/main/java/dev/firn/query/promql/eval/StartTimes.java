package dev.firn.query.promql.eval;

/// What start times say about counters. Milliseconds, 0 for unknown.
final class StartTimes {
    private StartTimes() {}

    /// Whether the counter started anew between two samples.
    static boolean isReset(long previousStart, long previous, long start, long time) {
        if (start == 0 || start >= time || start < previous) {
            return false;
        }
        if (start > previous) {
            return true;
        }
        // A delta: each sample starts where the last one ended.
        return previousStart <= previous && previousStart != 0 && previousStart != previous;
    }

    /// Whether a sample says that it started before the last one of another start was taken.
    static boolean overlap(long previousStart, long previous, long start) {
        return start != 0 && start < previous && start != previousStart;
    }
}
