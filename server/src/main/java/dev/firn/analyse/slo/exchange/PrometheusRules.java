package dev.firn.analyse.slo.exchange;

import static dev.firn.analyse.slo.YamlText.map;

import dev.firn.analyse.slo.AlertWindows;
import dev.firn.analyse.slo.AlertWindows.Pair;
import dev.firn.analyse.slo.AlertWindows.Severity;
import dev.firn.analyse.slo.OpenSloWriter;
import dev.firn.analyse.slo.Slo;
import dev.firn.analyse.slo.WindowTables;
import dev.firn.analyse.slo.YamlText;
import dev.firn.base.InputException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/// Rules for those who run their own Prometheus: recorded error ratios over each window, and two
/// alerts for each objective, under the names and labels that Sloth gives them, so that dashboards
/// made for it work.
///
/// The ratio over the whole period is one of events; Sloth's is an average of averages.
public final class PrometheusRules {
    private static final int DAY = 1440;

    private PrometheusRules() {}

    /// A file of rules.
    ///
    /// @throws InputException naming what rules cannot say
    public static String write(List<Slo> slos) {
        var groups = new ArrayList<Map<String, Object>>();
        for (Slo slo : slos) {
            Rolled.check(slo, "a rule of Prometheus");
            AlertWindows windows = WindowTables.of(slo.window().minutes());
            groups.add(group("sli-recordings", slo, recordings(slo, windows)));
            groups.add(group("meta-recordings", slo, meta(slo)));
            List<Map<String, Object>> alerts = alerts(slo, windows);
            if (!alerts.isEmpty()) {
                groups.add(group("alerts", slo, alerts));
            }
        }
        return YamlText.of(List.of(map("groups", groups)));
    }

    private static Map<String, Object> group(
            String what, Slo slo, List<Map<String, Object>> rules) {
        return map("name", "firn-slo-" + what + "-" + slo.name(), "rules", rules);
    }

    private static Map<String, Object> labels(Slo slo) {
        var labels = new LinkedHashMap<String, Object>();
        slo.labels().forEach((name, value) -> labels.put(PromIndicator.label(name), value));
        labels.putAll(identity(slo));
        return labels;
    }

    private static Map<String, String> identity(Slo slo) {
        var identity = new LinkedHashMap<String, String>();
        identity.put("sloth_id", slo.name());
        identity.put("sloth_service", slo.service());
        identity.put("sloth_slo", slo.name());
        return identity;
    }

    private static List<Map<String, Object>> recordings(Slo slo, AlertWindows windows) {
        var lengths = new TreeSet<Long>();
        for (Pair pair : windows.pairsFor(slo.window().minutes())) {
            lengths.add((long) pair.shortMinutes());
            lengths.add((long) pair.longMinutes());
        }
        lengths.add(slo.window().minutes());
        var rules = new ArrayList<Map<String, Object>>();
        for (long minutes : lengths) {
            String window = OpenSloWriter.duration(minutes);
            Map<String, Object> labels = labels(slo);
            labels.put("sloth_window", window);
            String expression =
                    "("
                            + PromIndicator.bad(slo.indicator(), window)
                            + ")\n/\n("
                            + PromIndicator.total(slo.indicator(), window)
                            + ")";
            rules.add(map("record", ratio(minutes), "expr", expression, "labels", labels));
        }
        return rules;
    }

    private static String ratio(long minutes) {
        return "slo:sli_error:ratio_rate" + OpenSloWriter.duration(minutes);
    }

    private static List<Map<String, Object>> meta(Slo slo) {
        String budget = budget(slo);
        long period = slo.window().minutes();
        String by = "\n/ on(sloth_id, sloth_slo, sloth_service) group_left\n";
        String ofBudget = by + "slo:error_budget:ratio" + selector(slo);
        return List.of(
                meta(slo, "slo:objective:ratio", "vector(" + slo.target().toPlainString() + ")"),
                meta(slo, "slo:error_budget:ratio", "vector(" + budget + ")"),
                meta(slo, "slo:time_period:days", "vector(" + days(period) + ")"),
                meta(slo, "slo:current_burn_rate:ratio", ratio(5) + selector(slo) + ofBudget),
                meta(slo, "slo:period_burn_rate:ratio", ratio(period) + selector(slo) + ofBudget),
                meta(
                        slo,
                        "slo:period_error_budget_remaining:ratio",
                        "1 - slo:period_burn_rate:ratio" + selector(slo)));
    }

    private static Map<String, Object> meta(Slo slo, String record, String expression) {
        return map("record", record, "expr", expression, "labels", labels(slo));
    }

    private static String days(long minutes) {
        return minutes % DAY == 0
                ? Long.toString(minutes / DAY)
                : Double.toString((double) minutes / DAY);
    }

    private static String budget(Slo slo) {
        return BigDecimal.ONE.subtract(slo.target()).stripTrailingZeros().toPlainString();
    }

    private static List<Map<String, Object>> alerts(Slo slo, AlertWindows windows) {
        var alerts = new ArrayList<Map<String, Object>>();
        for (Severity severity : Severity.values()) {
            boolean wanted =
                    switch (severity) {
                        case PAGE -> slo.alerting().page();
                        case TICKET -> slo.alerting().ticket();
                    };
            List<String> pairs =
                    windows.pairsFor(slo.window().minutes()).stream()
                            .filter(pair -> pair.severity() == severity)
                            .map(pair -> pair(slo, pair))
                            .toList();
            if (wanted && !pairs.isEmpty()) {
                alerts.add(
                        alert(slo, severity, String.join("or ignoring (sloth_window)\n", pairs)));
            }
        }
        return alerts;
    }

    private static Map<String, Object> alert(Slo slo, Severity severity, String expression) {
        String word = severity.name().toLowerCase(Locale.ROOT);
        return map(
                "alert",
                slo.alerting().name().isEmpty() ? Rolled.alertName(slo) : slo.alerting().name(),
                "expr",
                expression,
                "labels",
                map("sloth_severity", word),
                "annotations",
                map(
                        "summary",
                        "{{$labels.sloth_service}} {{$labels.sloth_slo}} burns its error budget too"
                                + " fast.",
                        "title",
                        "("
                                + word
                                + ") {{$labels.sloth_service}} {{$labels.sloth_slo}} SLO error"
                                + " budget burn rate is too fast."));
    }

    private static String pair(Slo slo, Pair pair) {
        String above = selector(slo) + " > (" + factor(slo, pair) + " * " + budget(slo) + "))\n";
        return "(\n    ("
                + ratio(pair.shortMinutes())
                + above
                + "    and ignoring (sloth_window)\n    ("
                + ratio(pair.longMinutes())
                + above
                + ")\n";
    }

    private static String factor(Slo slo, Pair pair) {
        return BigDecimal.valueOf(pair.factor(slo.window().minutes()))
                .stripTrailingZeros()
                .toPlainString();
    }

    private static String selector(Slo slo) {
        var parts = new ArrayList<String>();
        identity(slo).forEach((name, value) -> parts.add(name + "=\"" + value + "\""));
        return "{" + String.join(", ", parts) + "}";
    }
}
