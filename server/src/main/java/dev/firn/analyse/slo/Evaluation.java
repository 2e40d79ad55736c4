package dev.firn.analyse.slo;

import dev.firn.analyse.slo.SloResult.Bounded;
import dev.firn.analyse.slo.SloResult.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Says what holds of an objective, from its minutes.
public final class Evaluation {
    /// Windows of burn rates, in minutes: 5 m, 30 m, 1 h, 2 h, 6 h, 1 d, 3 d.
    public static final List<Integer> BURN_MINUTES = List.of(5, 30, 60, 120, 360, 1440, 4320);

    private static final int HOUR = 60;

    private Evaluation() {}

    /// Evaluates at a minute.
    ///
    /// @param asOf the watermark: minutes before it are complete
    public static SloResult at(
            Slo slo, Map<String, String> group, Minutes minutes, long asOf, AlertWindows windows) {
        SloWindow.Span window = slo.window().at(asOf);
        var past = new PastPart(window, asOf);
        MinuteCounts events = past.sum(minutes);
        Share share = past.share(slo.budgeting(), minutes);
        Bounded left =
                new Bounded(
                        left(share.lower(), slo),
                        left(share.upper(), slo),
                        left(share.estimate(), slo));
        double period = 1 - (1 - left.estimate()) * past.minutes() / window.minutes();
        Status status = status(share, slo);
        return new SloResult(
                slo.name(),
                group,
                asOf,
                window,
                events,
                past.minutes() == 0 ? 0 : (double) events.measured() / past.minutes(),
                new Bounded(share.lower(), share.upper(), share.estimate()),
                status,
                Advice.of(slo, status, events, share),
                tier(events),
                new SloResult.Budget(left, period),
                burns(slo, minutes, asOf, past.minutes()),
                exhaustion(slo, minutes, asOf, window, period),
                AlertDecision.at(slo, minutes, asOf, windows));
    }

    /// The part of a window that is past; empty in the first minute of a calendar's period.
    private record PastPart(SloWindow.Span window, long asOf) {
        long minutes() {
            return Math.min(asOf, window.to()) - window.from();
        }

        MinuteCounts sum(Minutes all) {
            return minutes() == 0
                    ? MinuteCounts.NONE
                    : all.sum(new SloWindow.Span(window.from(), window.from() + minutes()));
        }

        Share share(Budgeting budgeting, Minutes all) {
            return minutes() == 0
                    ? Share.ofEvents(MinuteCounts.NONE)
                    : Share.of(
                            budgeting,
                            all,
                            new SloWindow.Span(window.from(), window.from() + minutes()));
        }
    }

    private static Status status(Share share, Slo slo) {
        if (share.total() == 0) {
            return Status.UNDETERMINED;
        }
        if (share.surely(slo.target())) {
            return Status.MET;
        }
        return share.possibly(slo.target()) ? Status.UNDETERMINED : Status.BREACHED;
    }

    private static double left(double ratio, Slo slo) {
        return 1 - (1 - ratio) / slo.budget();
    }

    private static List<Burn> burns(Slo slo, Minutes minutes, long asOf, long past) {
        var burns = new ArrayList<Burn>();
        for (int length : BURN_MINUTES) {
            burns.add(Burn.over(minutes, asOf, length, slo.budget()));
        }
        if (past > 0) {
            burns.add(Burn.over(minutes, asOf, past, slo.budget()));
        }
        return burns;
    }

    private static double exhaustion(
            Slo slo, Minutes minutes, long asOf, SloWindow.Span window, double left) {
        double rate = Burn.over(minutes, asOf, HOUR, slo.budget()).rate();
        if (Double.isNaN(rate) || Double.isNaN(left)) {
            return Double.NaN;
        }
        if (left <= 0) {
            return 0;
        }
        return rate <= 0 ? Double.POSITIVE_INFINITY : left * window.minutes() / rate;
    }

    /// The seed's tiers.
    private static String tier(MinuteCounts events) {
        if (events.total() == 0) {
            return "";
        }
        double ratio = events.goodEstimate() / events.total();
        return ratio >= 0.999
                ? "99.9%"
                : ratio >= 0.99 ? "99%" : ratio >= 0.95 ? "95%" : "Below 95%";
    }

    /// What would decide an objective.
    private static final class Advice {
        static String of(Slo slo, Status status, MinuteCounts events, Share share) {
            if (share.total() == 0) {
                return events.unknownBaseline() > 0
                        ? "no event was counted: the baseline of all points is unknown"
                        : "no event was counted in the window";
            }
            if (status != Status.UNDETERMINED
                    || !(slo.indicator().good() instanceof Indicator.Good.Within(var threshold))) {
                return "";
            }
            return String.format(
                    Locale.ROOT,
                    "%s lies inside the histogram's bucket (%s, %s]: between %.4f %% and %.4f %% are"
                            + " good; give the histogram a bound at %s, or set the threshold to %s",
                    threshold.toPlainString(),
                    show(events.below()),
                    show(events.above()),
                    100 * share.lower(),
                    100 * share.upper(),
                    threshold.toPlainString(),
                    bounds(events));
        }

        private static String bounds(MinuteCounts events) {
            boolean low = !Double.isInfinite(events.below()) && events.below() > 0;
            boolean high = !Double.isInfinite(events.above());
            String below = show(events.below()) + " (then it is breached)";
            String above = show(events.above()) + " (then it is met)";
            return low && high ? below + " or " + above : low ? below : high ? above : "another";
        }

        private static String show(double bound) {
            return Double.isInfinite(bound)
                    ? bound > 0 ? "+Inf" : "-Inf"
                    : new java.math.BigDecimal(Double.toString(bound))
                            .stripTrailingZeros()
                            .toPlainString();
        }
    }
}
