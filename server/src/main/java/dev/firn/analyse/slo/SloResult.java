package dev.firn.analyse.slo;

import java.util.List;
import java.util.Map;

/// What holds of one objective and group at some minute.
///
/// @param slo the objective's name
/// @param group values of the attributes it counts by
/// @param asOf minute since 1970 up to which, exclusive, everything is counted
/// @param window whole window; of a calendar's period a part may be to come
/// @param events of its past part
/// @param coverage measured share of its past part
/// @param sli share of good ones by the objective's budgeting
/// @param status whether it is met
/// @param advice what would decide it or what is missing, empty if nothing is
/// @param tier '99.9%', '99%', '95%' or 'Below 95%' by the share of good events; empty without
///   events
/// @param budget what is left of it
/// @param burns over 5 minutes to 3 days and the window
/// @param minutesToExhaustion until the budget is spent at the pace of the last hour; infinite if
///   it never is, NaN if that is unknown
/// @param alerts decisions
public record SloResult(
        String slo,
        Map<String, String> group,
        long asOf,
        SloWindow.Span window,
        MinuteCounts events,
        double coverage,
        Bounded sli,
        Status status,
        String advice,
        String tier,
        Budget budget,
        List<Burn> burns,
        double minutesToExhaustion,
        List<AlertDecision> alerts) {
    /// Whether an objective is met.
    public enum Status {
        /// Also if all events in doubt were bad.
        MET,
        /// Also if all events in doubt were good.
        BREACHED,
        /// Neither is sure, or there is nothing to judge.
        UNDETERMINED
    }

    /// A number with bounds; all NaN without events.
    public record Bounded(double lower, double upper, double estimate) {}

    /// The budget left, as a share of what may be bad: 1 untouched, 0 spent, below that overspent;
    /// NaN without events.
    ///
    /// @param soFar of the events so far
    /// @param period of the whole period, if its events go on as they did so far; the same for
    ///   rolling windows
    public record Budget(Bounded soFar, double period) {}
}
