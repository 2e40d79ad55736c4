package dev.firn.ops.bench.analytics;

import java.util.List;

/// One series of NAB.
///
/// @param name folder and file, as in `combined_windows.json`
/// @param times ms since 1970, as written, ascending but for a few
/// @param values one a time
/// @param windows labelled windows in order
record NabFile(String name, long[] times, double[] values, List<NabWindow> windows) {
    private static final double PROBATION = 0.15;
    private static final int PROBATION_ROWS_MAX = 5_000;

    /// First and last time of a window, both in it.
    record NabWindow(long from, long to) {}

    /// Rows at the start that are not scored.
    int probation() {
        return (int)
                Math.ceil(
                        Math.min(
                                Math.floor(PROBATION * times.length),
                                PROBATION * PROBATION_ROWS_MAX));
    }
}
