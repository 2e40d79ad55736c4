package dev.firn.analyse.slo.exchange;

import static dev.firn.analyse.slo.YamlText.map;

import dev.firn.analyse.slo.Budgeting;
import dev.firn.analyse.slo.Indicator;
import dev.firn.analyse.slo.Slo;
import dev.firn.analyse.slo.SloWindow;
import dev.firn.analyse.slo.YamlText;
import dev.firn.analyse.slo.exchange.PromQuery.Selector;
import dev.firn.base.InputException;
import dev.firn.config.Section;
import dev.firn.config.YamlDocuments;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Documents of Sloth, `prometheus/v1` (github.com/slok/sloth, pkg/prometheus/api/v1).
public final class Sloth {
    private static final String WINDOW = "{{.window}}";
    private static final long PERIOD = 30 * 1440;

    private Sloth() {}

    /// Reads the objectives of a file; their window is Sloth's usual one of 30 days.
    ///
    /// @throws InputException with all mistakes, and all that cannot be counted in events
    public static List<Slo> read(String file, String text) {
        var problems = new ArrayList<String>();
        var slos = new ArrayList<Slo>();
        for (Section document : YamlDocuments.read(file, text, problems)) {
            document(document, slos);
        }
        if (!problems.isEmpty()) {
            throw new InputException(String.join("\n", problems));
        }
        return slos;
    }

    private static void document(Section document, List<Slo> slos) {
        document.word("version", "", "prometheus/v1");
        if (!document.has("version")) {
            document.problem("version", "is missing; expected prometheus/v1");
        }
        String service = document.text("service", "");
        Map<String, String> labels = document.textMap("labels");
        document.refuse("plugins of Sloth are not run", "slo_plugins");
        for (Section one : document.sections("slos")) {
            Slo slo = slo(one, service, labels);
            if (slo != null) {
                slos.add(slo);
            }
        }
        document.close();
    }

    private static @Nullable Slo slo(Section section, String service, Map<String, String> common) {
        String name = section.text("name", "");
        var labels = new LinkedHashMap<>(common);
        labels.putAll(section.textMap("labels"));
        String description = section.text("description", "");
        String objective = section.text("objective", "");
        section.refuse("plugins of Sloth are not run", "plugins");
        boolean readable = objective.matches("[0-9]{1,2}(\\.[0-9]{1,9})?");
        if (!readable) {
            section.problem("objective", "expected a percentage below 100, such as 99.9");
        }
        Indicator indicator = indicator(section.section("sli"));
        Slo.Alerting alerting = alerting(section.section("alerting"));
        section.close();
        return indicator == null || !readable
                ? null
                : new Slo(
                        service + "-" + name,
                        "",
                        description,
                        service,
                        indicator,
                        new BigDecimal(objective).movePointLeft(2),
                        new SloWindow.Rolling(PERIOD),
                        new Budgeting.Occurrences(),
                        alerting,
                        labels,
                        section.place());
    }

    private static @Nullable Indicator indicator(Section sli) {
        sli.refuse("a ratio has no events to count; write events", "raw");
        sli.refuse("plugins of Sloth are not run; write events", "plugin");
        Section events = sli.section("events");
        String error = events.text("error_query", "");
        String total = events.text("total_query", "");
        events.close();
        sli.close();
        if (error.isEmpty() || total.isEmpty()) {
            events.problem("expected error_query and total_query");
            return null;
        }
        List<Selector> all = sums(events, "total_query", total);
        List<Selector> bad = sums(events, "error_query", error);
        if (all.isEmpty() || bad.isEmpty()) {
            return null;
        }
        try {
            if (all.size() != 1) {
                throw new IllegalArgumentException("all events must be one sum");
            }
            return bad.size() == 1
                    ? PromIndicator.ratio(bad.getFirst(), all.getFirst(), List.of())
                    : difference(bad, all.getFirst());
        } catch (IllegalArgumentException e) {
            events.problem("error_query", e.getMessage() + "");
            return null;
        }
    }

    private static List<Selector> sums(Section events, String key, String query) {
        try {
            return PromQuery.sums(query);
        } catch (IllegalArgumentException e) {
            events.problem(key, e.getMessage() + "");
            return List.of();
        }
    }

    /// All less the good ones.
    private static Indicator difference(List<Selector> sums, Selector total) {
        if (sums.size() != 2 || !sums.getFirst().equals(total)) {
            throw new IllegalArgumentException("expected all events less the good ones");
        }
        Selector good = sums.get(1);
        if (good.metric().endsWith("_bucket")) {
            return PromIndicator.within(good, total, List.of());
        }
        Indicator bad = PromIndicator.ratio(good, total, List.of());
        var matchers = ((Indicator.Good.AllBut) bad.good()).matchers();
        return new Indicator(
                bad.metrics(),
                bad.type(),
                bad.unit(),
                bad.where(),
                new Indicator.Good.Those(matchers),
                bad.groupBy());
    }

    private static Slo.Alerting alerting(Section alerting) {
        String name = alerting.text("name", "");
        boolean page = alert(alerting.section("page_alert"));
        boolean ticket = alert(alerting.section("ticket_alert"));
        alerting.keys(); // labels and annotations are for Alertmanager
        alerting.close();
        return new Slo.Alerting(name, page, ticket);
    }

    private static boolean alert(Section alert) {
        boolean disabled = alert.bool("disable", false);
        alert.textMap("labels");
        alert.textMap("annotations");
        alert.close();
        return !disabled;
    }

    /// Documents with these objectives, one for each service. Sloth has neither groups nor
    /// calendars nor slices: objectives over 28 or 30 rolling days are the same there, others are
    /// refused.
    ///
    /// @throws InputException naming what Sloth has not
    public static String write(List<Slo> slos) {
        var services = new LinkedHashMap<String, List<Slo>>();
        slos.forEach(
                slo -> services.computeIfAbsent(slo.service(), _ -> new ArrayList<>()).add(slo));
        return YamlText.of(
                services.entrySet().stream().map(one -> of(one.getKey(), one.getValue())).toList());
    }

    private static Map<String, Object> of(String service, List<Slo> slos) {
        return map(
                "version",
                "prometheus/v1",
                "service",
                service,
                "slos",
                slos.stream().map(slo -> of(service, slo)).toList());
    }

    private static Map<String, Object> of(String service, Slo slo) {
        Rolled.check(slo, "Sloth");
        String prefix = service + "-";
        return map(
                "name",
                slo.name().startsWith(prefix) ? slo.name().substring(prefix.length()) : slo.name(),
                "objective",
                slo.target().movePointRight(2),
                "description",
                slo.description(),
                "labels",
                slo.labels(),
                "sli",
                map(
                        "events",
                        map(
                                "error_query",
                                error(slo.indicator()),
                                "total_query",
                                PromIndicator.total(slo.indicator(), WINDOW))),
                "alerting",
                map(
                        "name",
                        slo.alerting().name().isEmpty()
                                ? Rolled.alertName(slo)
                                : slo.alerting().name(),
                        "page_alert",
                        slo.alerting().page() ? Map.of() : Map.of("disable", true),
                        "ticket_alert",
                        slo.alerting().ticket() ? Map.of() : Map.of("disable", true)));
    }

    private static String error(Indicator indicator) {
        String bad = PromIndicator.bad(indicator, WINDOW);
        return bad.contains("\n") ? "(\n" + bad + "\n)" : bad;
    }
}
