package dev.firn.alert.rules;

import dev.firn.query.AlertBook.Alert;
import dev.firn.query.AlertBook.Decision;
import dev.firn.query.AlertBook.Severity;
import dev.firn.query.promql.value.Labels;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Alerts of rules as they stand in the book, and back.
final class RuleAlerts {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final String ANNOTATIONS = "annotations";
    private static final String SEVERITY = "severity";

    /// While Firn was away longer, nobody knows what was.
    private static final long AWAY_MAX_MILLIS = 3_600_000;

    private RuleAlerts() {}

    /// Where an alert's rule stands.
    record Place(String file, String group, String rule) {}

    static Decision decision(RuleGroup group, Rule rule, ActiveAlert alert) {
        var detail = new LinkedHashMap<String, Object>();
        detail.put("file", group.file());
        detail.put("group", group.name());
        detail.put("expr", rule.expr());
        detail.put(ANNOTATIONS, alert.annotations());
        detail.put("active_at", alert.activeAt());
        detail.put("kept_since", alert.keptSince());
        return new Decision(
                rule.name(),
                severity(alert.labels().get(SEVERITY)),
                alert.labels().drop(Set.of(ActiveAlert.NAME)).map(),
                alert.activeAt(),
                alert.firing() ? 0 : Long.MAX_VALUE,
                alert.value(),
                Double.NaN,
                summary(rule.name(), alert.annotations()),
                MAPPER.writeValueAsString(detail));
    }

    private static String summary(String name, Map<String, String> annotations) {
        return annotations.getOrDefault("summary", annotations.getOrDefault("description", name));
    }

    /// Whom it wakes; what names no severity that is known is worth a look.
    static Severity severity(String label) {
        return switch (label) {
            case "page", "critical" -> Severity.PAGE;
            case "info", "none" -> Severity.INFO;
            default -> Severity.TICKET;
        };
    }

    static Place place(Alert alert) {
        JsonNode detail = MAPPER.readTree(alert.detail());
        return new Place(
                detail.path("file").asString(""), detail.path("group").asString(""), alert.rule());
    }

    /// As it goes on now. The time that nobody looked does not count as waiting.
    static ActiveAlert restored(Alert alert, long now) {
        JsonNode detail = MAPPER.readTree(alert.detail());
        var annotations = new TreeMap<String, String>();
        detail.path(ANNOTATIONS)
                .properties()
                .forEach(one -> annotations.put(one.getKey(), one.getValue().asString("")));
        boolean firing = alert.state().equals("firing");
        long active = detail.path("active_at").asLong(alert.startedAt());
        long away = Math.max(0, now - alert.lastSeenAt());
        return new ActiveAlert(
                Labels.of(alert.subject()).with(ActiveAlert.NAME, alert.rule()),
                annotations,
                firing ? active : away > AWAY_MAX_MILLIS ? now : active + away,
                firing,
                alert.value(),
                detail.path("kept_since").asLong(0));
    }
}
