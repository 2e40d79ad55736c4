package dev.firn.analyse.slo;

import static dev.firn.analyse.slo.YamlText.map;

import dev.firn.analyse.slo.Indicator.Good;
import java.math.BigDecimal;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Writes objectives in the form that [OpenSlo] reads.
public final class OpenSloWriter {
    private static final DateTimeFormatter START =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");

    private OpenSloWriter() {}

    /// The text of a file with these objectives.
    public static String write(List<Slo> slos) {
        return YamlText.of(slos.stream().map(OpenSloWriter::document).toList());
    }

    private static Map<String, Object> document(Slo slo) {
        return map(
                "apiVersion",
                "openslo/v1",
                "kind",
                "SLO",
                "metadata",
                map(
                        "name",
                        slo.name(),
                        "displayName",
                        slo.displayName(),
                        "labels",
                        slo.labels(),
                        "annotations",
                        annotations(slo)),
                "spec",
                map(
                        "description",
                        slo.description(),
                        "service",
                        slo.service(),
                        "indicator",
                        map("spec", indicator(slo.indicator())),
                        "timeWindow",
                        List.of(window(slo.window())),
                        "budgetingMethod",
                        slo.budgeting().getClass().getSimpleName(),
                        "objectives",
                        List.of(objective(slo))));
    }

    private static Map<String, Object> annotations(Slo slo) {
        Slo.Alerting alerting = slo.alerting();
        Budgeting.Empty empty =
                switch (slo.budgeting()) {
                    case Budgeting.Occurrences _ -> Budgeting.Empty.IGNORE;
                    case Budgeting.Timeslices slices -> slices.empty();
                    case Budgeting.RatioTimeslices slices -> slices.empty();
                };
        String which =
                alerting.page() && alerting.ticket()
                        ? ""
                        : alerting.page() ? "page" : alerting.ticket() ? "ticket" : "none";
        return map(
                OpenSlo.EMPTY_SLICES,
                empty == Budgeting.Empty.IGNORE
                        ? ""
                        : empty.name().toLowerCase(java.util.Locale.ROOT),
                OpenSlo.ALERT_NAME,
                alerting.name(),
                OpenSlo.ALERTS,
                which);
    }

    private static Map<String, Object> window(SloWindow window) {
        return switch (window) {
            case SloWindow.Rolling(long minutes) ->
                    map("duration", duration(minutes), "isRolling", true);
            case SloWindow.Calendar calendar ->
                    map(
                            "duration",
                            calendar.count() + "" + calendar.unit().letter(),
                            "calendar",
                            map(
                                    "startTime",
                                    START.format(calendar.start()),
                                    "timeZone",
                                    calendar.zone().getId()),
                            "isRolling",
                            false);
        };
    }

    /// In the largest whole unit of days, hours and minutes.
    public static String duration(long minutes) {
        return minutes % 1440 == 0
                ? minutes / 1440 + "d"
                : minutes % 60 == 0 ? minutes / 60 + "h" : minutes + "m";
    }

    private static Map<String, Object> objective(Slo slo) {
        var objective = map("target", slo.target());
        if (slo.indicator().good() instanceof Good.Within(BigDecimal threshold)) {
            objective.put("op", "lte");
            objective.put("value", threshold);
        }
        switch (slo.budgeting()) {
            case Budgeting.Occurrences _ -> {}
            case Budgeting.Timeslices slices -> {
                objective.put("timeSliceTarget", slices.target());
                objective.put("timeSliceWindow", slices.minutes() + "m");
            }
            case Budgeting.RatioTimeslices slices ->
                    objective.put("timeSliceWindow", slices.minutes() + "m");
        }
        return objective;
    }

    private static Map<String, Object> indicator(Indicator indicator) {
        Map<String, Object> total = source(total(indicator));
        return switch (indicator.good()) {
            case Good.Within _ -> map("thresholdMetric", total);
            case Good.Those(var matchers) -> ratio("good", map("where", matchers(matchers)), total);
            case Good.AllBut(var matchers) -> ratio("bad", map("where", matchers(matchers)), total);
            case Good.Up _ -> ratio("good", map("up", true), total);
        };
    }

    private static Map<String, Object> ratio(
            String key, Map<String, Object> part, Map<String, Object> total) {
        return map("ratioMetric", map("counter", true, key, source(part), "total", total));
    }

    private static Map<String, Object> source(Map<String, Object> spec) {
        return map("metricSource", map("type", "Firn", "spec", spec));
    }

    private static Map<String, Object> total(Indicator indicator) {
        boolean one = indicator.metrics().size() == 1;
        return map(
                one ? "metric" : "metrics",
                one ? indicator.metrics().getFirst() : indicator.metrics(),
                "type",
                indicator.type().name().toLowerCase(java.util.Locale.ROOT),
                "unit",
                indicator.unit(),
                "where",
                matchers(indicator.where()),
                "groupBy",
                indicator.groupBy().stream().map(OpenSloWriter::attributes).toList());
    }

    private static List<Map<String, Object>> matchers(List<Matcher> matchers) {
        var list = new ArrayList<Map<String, Object>>();
        for (Matcher one : matchers) {
            Map<String, Object> written = attributes(one.attributes());
            written.put(one.op().key(), one.value());
            list.add(written);
        }
        return list;
    }

    private static Map<String, Object> attributes(List<String> names) {
        return names.size() == 1 ? map("attribute", names.getFirst()) : map("attributes", names);
    }
}
