package dev.firn.analyse.slo;

import java.util.List;

/// A table of burn-rate alerts: multi-window, multi-burn-rate, read from a data file that names its
/// source.
///
/// @param name the file's
/// @param periodMinutes of the objectives it was made for
/// @param pairs of windows, pages first
public record AlertWindows(String name, long periodMinutes, List<Pair> pairs) {
    /// Whom an alert wakes.
    public enum Severity {
        PAGE,
        TICKET
    }

    /// Fires while both windows burn faster than its factor.
    ///
    /// @param severity of the alert it belongs to
    /// @param budgetPercent share of the budget that is spent once it fires, in percent
    /// @param shortMinutes the window that lets it end soon
    /// @param longMinutes the window that keeps it from firing for a trifle
    public record Pair(Severity severity, double budgetPercent, int shortMinutes, int longMinutes) {
        public Pair {
            if (shortMinutes < 1 || longMinutes <= shortMinutes) {
                throw new IllegalArgumentException(
                        "windows of " + shortMinutes + " and " + longMinutes + " minutes");
            }
            if (!(budgetPercent > 0 && budgetPercent <= 100)) {
                throw new IllegalArgumentException("a budget of " + budgetPercent + " %");
            }
        }

        /// Times the even burning of the budget over a period.
        public double factor(long periodMinutes) {
            return budgetPercent * periodMinutes / (100.0 * longMinutes);
        }
    }

    public AlertWindows {
        pairs = List.copyOf(pairs);
    }

    /// Its pairs for objectives of another period: factors follow the period, and windows as long
    /// as it are left out.
    public List<Pair> pairsFor(long minutes) {
        return pairs.stream().filter(pair -> pair.longMinutes() < minutes).toList();
    }
}
