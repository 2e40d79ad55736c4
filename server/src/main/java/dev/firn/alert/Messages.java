package dev.firn.alert;

import dev.firn.query.AlertBook.Alert;
import dev.firn.query.AlertBook.Source;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.json.JsonMapper;

/// What is sent, as JSON.
final class Messages {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final int ALERTS_MAX = 200;

    private final String externalUrl;

    /// @param externalUrl for links; empty: none
    Messages(String externalUrl) {
        this.externalUrl = externalUrl.replaceAll("/+$", "");
    }

    /// Alerts for `POST /api/v2/alerts` of an Alertmanager.
    ///
    /// Source: https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
    ///
    /// @param until firing ones end by themselves then, unless they are sent again; ms since 1970
    byte[] forAlertmanager(List<Labelled> alerts, long until) {
        var all = new ArrayList<Map<String, Object>>();
        for (Labelled one : alerts) {
            Long resolved = one.alert().resolvedAt();
            all.add(
                    Map.of(
                            "labels", one.labels(),
                            "annotations", annotations(one.alert()),
                            "startsAt", time(one.alert().startedAt()),
                            "endsAt", time(resolved == null ? until : resolved),
                            "generatorURL", link(one.alert())));
        }
        return MAPPER.writeValueAsBytes(all);
    }

    /// A message of the form that Alertmanager sends to webhooks, so that what reads those reads
    /// these.
    ///
    /// Source: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
    byte[] forWebhook(String receiver, Notice notice) {
        List<Labelled> shown = notice.alerts().stream().limit(ALERTS_MAX).toList();
        var alerts = new ArrayList<Map<String, Object>>();
        for (Labelled one : shown) {
            Long resolved = one.alert().resolvedAt();
            var alert = new LinkedHashMap<String, Object>();
            alert.put("status", one.firing() ? "firing" : "resolved");
            alert.put("labels", one.labels());
            alert.put("annotations", annotations(one.alert()));
            alert.put("startsAt", time(one.alert().startedAt()));
            alert.put("endsAt", resolved == null ? "0001-01-01T00:00:00Z" : time(resolved));
            alert.put("generatorURL", link(one.alert()));
            alert.put("fingerprint", one.id());
            alerts.add(alert);
        }
        var message = new LinkedHashMap<String, Object>();
        message.put("version", "4");
        message.put("groupKey", "{}:" + Notice.key(notice.group()));
        message.put("truncatedAlerts", notice.alerts().size() - shown.size());
        message.put("status", notice.firing() ? "firing" : "resolved");
        message.put("receiver", receiver);
        message.put("groupLabels", notice.group());
        message.put(
                "commonLabels", common(notice.alerts().stream().map(Labelled::labels).toList()));
        message.put(
                "commonAnnotations",
                common(notice.alerts().stream().map(one -> annotations(one.alert())).toList()));
        message.put("externalURL", externalUrl);
        message.put("alerts", alerts);
        return MAPPER.writeValueAsBytes(message);
    }

    /// A line for people.
    static String line(Notice notice) {
        long firing = notice.alerts().stream().filter(Labelled::firing).count();
        var text = new StringBuilder();
        text.append(firing > 0 ? "firing" : "resolved")
                .append(' ')
                .append(Notice.key(notice.group()));
        for (Labelled one : notice.alerts().stream().limit(5).toList()) {
            text.append(one.firing() ? "; firing: " : "; resolved: ").append(one.alert().summary());
        }
        if (notice.alerts().size() > 5) {
            text.append("; and ").append(notice.alerts().size() - 5).append(" more");
        }
        return text.toString();
    }

    private static Map<String, String> annotations(Alert alert) {
        var annotations = new LinkedHashMap<String, String>();
        if (alert.source() == Source.RULE) {
            MAPPER.readTree(alert.detail())
                    .path("annotations")
                    .properties()
                    .forEach(one -> annotations.put(one.getKey(), one.getValue().asString("")));
            return annotations;
        }
        annotations.put("summary", alert.summary());
        if (Double.isFinite(alert.value())) {
            annotations.put("value", Double.toString(alert.value()));
        }
        if (Double.isFinite(alert.threshold())) {
            annotations.put("threshold", Double.toString(alert.threshold()));
        }
        return annotations;
    }

    private String link(Alert alert) {
        return externalUrl.isEmpty() ? "" : externalUrl + "/api/firn/v1/alerts?id=" + alert.id();
    }

    private static Map<String, String> common(List<Map<String, String>> all) {
        var common = new LinkedHashMap<>(all.getFirst());
        common.entrySet()
                .removeIf(one ->
                        all.stream()
                                .anyMatch(other ->
                                        !Objects.equals(other.get(one.getKey()), one.getValue())));
        return common;
    }

    private static String time(long millis) {
        return Instant.ofEpochMilli(millis).toString();
    }
}
