package dev.firn.engine;

import dev.firn.model.Points;
import java.util.HashSet;
import java.util.Set;

/// Windows of 5 minutes that stored rows may not speak for: of one series, or of all of a kind.
///
/// @param metricId 0 with `id` 0: all series
/// @param from start of the first window, seconds since 1970
/// @param to end of the last
record RollupMark(Points.Kind kind, int metricId, long id, long from, long to, By by) {
    static final long WINDOW_SECONDS = 300;
    static final long HOUR_SECONDS = 3_600;
    static final long DAY_SECONDS = 86_400;

    /// The engine's 32-bit seconds end here, in 2106: windows from here on have no rows.
    static final long WINDOWS_END = 4_294_967_100L;

    /// Who works it off, and what it means.
    enum By {
        /// A series' points come or came into closed windows: computed from stored points.
        LATE("late"),
        /// A series' window was closed that the process cannot speak for: the same.
        CLOSED("closed"),
        /// All series of the kind: computed from stored points.
        ALL("all"),
        /// All series of the kind: rows are in the process's memory, and written with its next
        /// flush. Of a process that is no more: computed from stored points.
        OPEN("open"),
        /// Hours and days that must be merged anew from their windows; the kind says nothing.
        HOURS("hours");

        private final String label;

        By(String label) {
            this.label = label;
        }

        String label() {
            return label;
        }
    }

    static RollupMark all(Points.Kind kind, long from, long to, By by) {
        return new RollupMark(kind, 0, 0, from, to, by);
    }

    long day() {
        return Math.floorDiv(from, DAY_SECONDS);
    }

    /// The start of the window of a moment.
    static long window(long seconds) {
        return seconds - Math.floorMod(seconds, WINDOW_SECONDS);
    }

    /// The start of the hour of a moment.
    static long hour(long seconds) {
        return seconds - Math.floorMod(seconds, HOUR_SECONDS);
    }

    /// Makes marks of series to marks of all series.
    ///
    /// @param end where hours are marked whole, as far as this moment; `Long.MAX_VALUE` to mark
    ///   windows one by one
    static void coarsen(Set<RollupMark> marks, long end) {
        var coarse = new HashSet<RollupMark>();
        for (RollupMark mark : marks) {
            for (long at = mark.from(); at < mark.to(); at += WINDOW_SECONDS) {
                boolean windows = end == Long.MAX_VALUE;
                long from = windows ? at : hour(at);
                long to = windows ? at + WINDOW_SECONDS : Math.min(from + HOUR_SECONDS, end);
                coarse.add(all(mark.kind(), from, to, By.ALL));
            }
        }
        marks.clear();
        marks.addAll(coarse);
    }
}
