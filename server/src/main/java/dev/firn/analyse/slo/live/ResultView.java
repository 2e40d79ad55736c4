package dev.firn.analyse.slo.live;

import dev.firn.analyse.slo.AlertDecision;
import dev.firn.analyse.slo.Burn;
import dev.firn.analyse.slo.Slo;
import dev.firn.analyse.slo.SloResult;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A result as JSON-able values, the same in the API, in tables and for commands. Numbers that are
/// not known are null.
final class ResultView {
    private ResultView() {}

    static Map<String, Object> of(Defined defined, SloResult result) {
        Slo slo = defined.slo();
        var view = new LinkedHashMap<String, @Nullable Object>();
        view.put("slo", slo.name());
        view.put("group", result.group());
        view.put("display_name", slo.displayName());
        view.put("description", slo.description());
        view.put("service", slo.service());
        view.put("labels", slo.labels());
        view.put("origin", defined.origin());
        view.put("metrics", slo.indicator().metrics());
        view.put("target", slo.target().stripTrailingZeros());
        view.put("status", lower(result.status()));
        view.put("advice", result.advice());
        view.put("as_of", minute(result.asOf()));
        view.put("window", window(result));
        view.put("coverage", number(result.coverage()));
        view.put("sli", bounded(result.sli()));
        view.put("tier", result.tier());
        view.put("events", events(result));
        var budget = new LinkedHashMap<String, @Nullable Object>();
        budget.put("left", bounded(result.budget().soFar()));
        budget.put("left_of_period", number(result.budget().period()));
        view.put("budget", budget);
        view.put("exhaustion", exhaustion(result.minutesToExhaustion()));
        view.put("minutes_to_exhaustion", number(result.minutesToExhaustion()));
        view.put("burn_rates", result.burns().stream().map(ResultView::burn).toList());
        view.put("alerts", result.alerts().stream().map(ResultView::alert).toList());
        @SuppressWarnings("NullAway") // values may be null, which JSON has
        Map<String, Object> done = view;
        return done;
    }

    private static Map<String, @Nullable Object> window(SloResult result) {
        var window = new LinkedHashMap<String, @Nullable Object>();
        window.put("from", minute(result.window().from()));
        window.put("to", minute(result.window().to()));
        window.put("minutes", result.window().minutes());
        return window;
    }

    private static Map<String, @Nullable Object> events(SloResult result) {
        var events = new LinkedHashMap<String, @Nullable Object>();
        events.put("total", result.events().total());
        events.put("good_lower", result.events().goodLower());
        events.put("good_upper", result.events().goodUpper());
        events.put("good_estimate", result.events().goodEstimate());
        events.put("unknown_baselines", result.events().unknownBaseline());
        events.put("measured_minutes", result.events().measured());
        return events;
    }

    private static Map<String, @Nullable Object> bounded(SloResult.Bounded bounded) {
        var values = new LinkedHashMap<String, @Nullable Object>();
        values.put("lower", number(bounded.lower()));
        values.put("upper", number(bounded.upper()));
        values.put("estimate", number(bounded.estimate()));
        return values;
    }

    private static Map<String, @Nullable Object> burn(Burn burn) {
        var values = new LinkedHashMap<String, @Nullable Object>();
        values.put("window", duration(burn.minutes()));
        values.put("minutes", burn.minutes());
        values.put("rate", number(burn.rate()));
        values.put("events", burn.total());
        values.put("bad", number(burn.bad()));
        values.put("coverage", number(burn.coverage()));
        return values;
    }

    private static Map<String, @Nullable Object> alert(AlertDecision decision) {
        var values = new LinkedHashMap<String, @Nullable Object>();
        values.put("severity", lower(decision.severity()));
        values.put("state", lower(decision.state()));
        var pairs = new ArrayList<Map<String, @Nullable Object>>();
        for (AlertDecision.PairState pair : decision.pairs()) {
            var one = new LinkedHashMap<String, @Nullable Object>();
            one.put("short", duration(pair.pair().shortMinutes()));
            one.put("long", duration(pair.pair().longMinutes()));
            one.put("factor", number(pair.factor()));
            one.put("short_burn", number(pair.shortBurn().forAlerts()));
            one.put("long_burn", number(pair.longBurn().forAlerts()));
            one.put("state", lower(pair.state()));
            pairs.add(one);
        }
        values.put("pairs", pairs);
        return values;
    }

    private static String exhaustion(double minutes) {
        return Double.isNaN(minutes)
                ? "unknown"
                : Double.isInfinite(minutes) ? "never" : minutes == 0 ? "spent" : "ahead";
    }

    /// `5m`, `6h`, `3d`.
    static String duration(long minutes) {
        return minutes % 1440 == 0
                ? minutes / 1440 + "d"
                : minutes % 60 == 0 ? minutes / 60 + "h" : minutes + "m";
    }

    static String minute(long minute) {
        return Instant.ofEpochSecond(minute * 60).toString();
    }

    static @Nullable Double number(double value) {
        return Double.isFinite(value) ? (Double) value : null;
    }

    /// As in JSON and tables.
    static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /// A decision in words, for an alert of this severity.
    static String summary(Slo slo, SloResult result, AlertDecision.PairState pair) {
        String group = result.group().isEmpty() ? "" : " " + result.group();
        return String.format(
                Locale.ROOT,
                "%s%s burns its error budget %.1f times too fast over %s (%.1f over %s; %.1f and more"
                        + " alert): %.1f %% of the budget are left",
                slo.name(),
                group,
                pair.longBurn().forAlerts(),
                duration(pair.pair().longMinutes()),
                pair.shortBurn().forAlerts(),
                duration(pair.pair().shortMinutes()),
                pair.factor(),
                100 * result.budget().soFar().estimate());
    }

    /// The firing pair, if one fires.
    static List<AlertDecision.PairState> firing(AlertDecision decision) {
        return decision.pairs().stream()
                .filter(pair -> pair.state() == AlertDecision.State.FIRING)
                .toList();
    }
}
