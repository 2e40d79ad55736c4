package dev.firn.analyse.slo;

import java.util.ArrayList;
import java.util.List;

/// Whether an alert fires.
///
/// @param severity which of the two
/// @param state what it is
/// @param pairs what each pair of windows says
public record AlertDecision(AlertWindows.Severity severity, State state, List<PairState> pairs) {
    /// Bad events from which on few events are enough to decide.
    public static final int BAD_EVENTS_MIN = 10;

    /// What an alert is.
    public enum State {
        FIRING,
        QUIET,
        /// It would fire, but the short window holds too few events to say so: fewer than
        /// [#BAD_EVENTS_MIN] bad ones, and fewer than one that may be bad.
        INSUFFICIENT_DATA
    }

    /// One pair.
    ///
    /// @param factor what both must exceed
    /// @param state of the pair
    public record PairState(
            AlertWindows.Pair pair, double factor, Burn shortBurn, Burn longBurn, State state) {}

    public AlertDecision {
        pairs = List.copyOf(pairs);
    }

    /// Decides at a minute; severities that the objective switched off are not in the list.
    static List<AlertDecision> at(Slo slo, Minutes minutes, long asOf, AlertWindows windows) {
        var decisions = new ArrayList<AlertDecision>();
        for (AlertWindows.Severity severity : AlertWindows.Severity.values()) {
            boolean wanted =
                    switch (severity) {
                        case PAGE -> slo.alerting().page();
                        case TICKET -> slo.alerting().ticket();
                    };
            if (wanted) {
                decisions.add(decide(severity, slo, minutes, asOf, windows));
            }
        }
        return decisions;
    }

    private static AlertDecision decide(
            AlertWindows.Severity severity,
            Slo slo,
            Minutes minutes,
            long asOf,
            AlertWindows windows) {
        long period = slo.window().minutes();
        var pairs = new ArrayList<PairState>();
        for (AlertWindows.Pair pair : windows.pairsFor(period)) {
            if (pair.severity() == severity) {
                pairs.add(pair(pair, pair.factor(period), slo.budget(), minutes, asOf));
            }
        }
        return new AlertDecision(severity, worst(pairs), pairs);
    }

    private static PairState pair(
            AlertWindows.Pair pair, double factor, double budget, Minutes minutes, long asOf) {
        Burn shortBurn = Burn.over(minutes, asOf, pair.shortMinutes(), budget);
        Burn longBurn = Burn.over(minutes, asOf, pair.longMinutes(), budget);
        boolean burns = shortBurn.forAlerts() > factor && longBurn.forAlerts() > factor;
        boolean enough = shortBurn.bad() >= BAD_EVENTS_MIN || shortBurn.total() * budget >= 1;
        State state = !burns ? State.QUIET : enough ? State.FIRING : State.INSUFFICIENT_DATA;
        return new PairState(pair, factor, shortBurn, longBurn, state);
    }

    private static State worst(List<PairState> pairs) {
        if (pairs.stream().anyMatch(pair -> pair.state() == State.FIRING)) {
            return State.FIRING;
        }
        return pairs.stream().anyMatch(pair -> pair.state() == State.INSUFFICIENT_DATA)
                ? State.INSUFFICIENT_DATA
                : State.QUIET;
    }
}
