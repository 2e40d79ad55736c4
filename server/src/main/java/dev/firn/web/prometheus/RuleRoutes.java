package dev.firn.web.prometheus;

import dev.firn.alert.rules.ActiveAlert;
import dev.firn.alert.rules.Rule;
import dev.firn.alert.rules.RuleService;
import dev.firn.alert.rules.RuleService.GroupStatus;
import dev.firn.alert.rules.RuleStatus;
import dev.firn.alert.template.Template;
import dev.firn.query.promql.lang.Features;
import dev.firn.query.promql.lang.Parser;
import dev.firn.query.promql.lang.Printer;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// `/api/v1/rules` and `/api/v1/alerts`, which need no engine.
public final class RuleRoutes {
    private final Optional<RuleService> service;

    /// @param service empty where no rules are evaluated
    public RuleRoutes(Optional<RuleService> service) {
        this.service = service;
    }

    /// Adds the routes.
    public void register(HttpRouting.Builder routing) {
        routing.get("/api/v1/rules", handle(this::rules));
        routing.get("/api/v1/alerts", handle((_, reply) -> alerts(reply)));
    }

    private interface Action {
        void run(Parameters parameters, Reply reply);
    }

    private static Handler handle(Action action) {
        return (request, response) -> {
            var reply = new Reply(request, response);
            try {
                action.run(Parameters.of(request), reply);
            } catch (ApiFailure e) {
                reply.failure(e.type(), String.valueOf(e.getMessage()));
            }
        };
    }

    private List<GroupStatus> groups() {
        return service.map(RuleService::groups).orElse(List.of());
    }

    private void alerts(Reply reply) {
        var alerts = new ArrayList<Map<String, Object>>();
        for (GroupStatus group : groups()) {
            group.rules().forEach(rule -> rule.alerts().forEach(one -> alerts.add(alert(one))));
        }
        reply.success(out -> out.writePOJO(Map.of("alerts", alerts)));
    }

    private void rules(Parameters parameters, Reply reply) {
        String type = parameters.text("type").toLowerCase(Locale.ROOT);
        if (!List.of("", "alert", "record").contains(type)) {
            throw ApiFailure.parameter("type", "not supported value \"" + type + "\"");
        }
        boolean quiet = parameters.text("exclude_alerts").equals("true");
        var groups = new ArrayList<Map<String, Object>>();
        for (GroupStatus group : groups()) {
            if (chosen(parameters, "rule_group[]", group.group().name())
                    && chosen(parameters, "file[]", group.group().file())) {
                List<Map<String, Object>> rules =
                        group.rules().stream()
                                .filter(rule -> isOf(type, rule.rule()))
                                .filter(rule ->
                                        chosen(parameters, "rule_name[]", rule.rule().name()))
                                .map(rule -> rule(rule, quiet))
                                .toList();
                boolean all = type.isEmpty() && parameters.all("rule_name[]").isEmpty();
                if (all || !rules.isEmpty()) {
                    groups.add(group(group, rules));
                }
            }
        }
        reply.success(out -> out.writePOJO(Map.of("groups", groups)));
    }

    private static boolean chosen(Parameters parameters, String name, String value) {
        List<String> wanted = parameters.all(name);
        return wanted.isEmpty() || wanted.contains(value);
    }

    private static boolean isOf(String type, Rule rule) {
        return type.isEmpty() || (rule instanceof Rule.Alerting) == type.equals("alert");
    }

    private static Map<String, Object> group(GroupStatus status, List<Map<String, Object>> rules) {
        var group = new LinkedHashMap<String, Object>();
        group.put("name", status.group().name());
        group.put("file", status.group().file());
        group.put("rules", rules);
        group.put("interval", status.intervalMillis() / 1000.0);
        group.put("limit", status.group().limit());
        group.put("evaluationTime", status.nanos() / 1e9);
        group.put("lastEvaluation", time(status.evaluatedAt()));
        return group;
    }

    private static Map<String, Object> rule(RuleStatus status, boolean quiet) {
        var view = new LinkedHashMap<String, Object>();
        switch (status.rule()) {
            case Rule.Alerting rule -> {
                view.put("state", state(status));
                head(view, rule);
                view.put("duration", rule.holdMillis() / 1000.0);
                view.put("keepFiringFor", rule.keepMillis() / 1000.0);
                view.put("labels", texts(rule.labels()));
                view.put("annotations", texts(rule.annotations()));
                if (!quiet) {
                    view.put("alerts", status.alerts().stream().map(RuleRoutes::alert).toList());
                }
            }
            case Rule.Recording rule -> {
                head(view, rule);
                view.put("labels", rule.labels());
            }
        }
        view.put("health", status.health());
        if (!status.error().isEmpty()) {
            view.put("lastError", status.error());
        }
        view.put("evaluationTime", status.nanos() / 1e9);
        view.put("lastEvaluation", time(status.evaluatedAt()));
        view.put("type", status.rule() instanceof Rule.Alerting ? "alerting" : "recording");
        return view;
    }

    private static void head(Map<String, Object> view, Rule rule) {
        view.put("name", rule.name());
        view.put("query", Printer.print(Parser.parse(rule.expr(), Features.ALL)));
    }

    private static String state(RuleStatus status) {
        if (status.evaluatedAt() == 0) {
            return "unknown";
        }
        return status.alerts().isEmpty()
                ? "inactive"
                : status.alerts().stream().anyMatch(ActiveAlert::firing) ? "firing" : "pending";
    }

    private static Map<String, String> texts(Map<String, Template> templates) {
        var texts = new TreeMap<String, String>();
        templates.forEach((name, template) -> texts.put(name, template.text()));
        return texts;
    }

    private static Map<String, Object> alert(ActiveAlert alert) {
        var view = new LinkedHashMap<String, Object>();
        view.put("labels", alert.labels().map());
        view.put("annotations", alert.annotations());
        view.put("state", alert.state());
        view.put("activeAt", time(alert.activeAt()));
        if (alert.keptSince() != 0) {
            view.put("keepFiringSince", time(alert.keptSince()));
        }
        view.put("value", scientific(alert.value()));
        return view;
    }

    /// As Go's `%e` with as few digits as are needed.
    private static String scientific(double value) {
        if (!Double.isFinite(value)) {
            return Double.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
        }
        var decimal = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        int exponent = value == 0 ? 0 : decimal.precision() - decimal.scale() - 1;
        return decimal.movePointLeft(exponent).toPlainString()
                + "e%s%02d".formatted(exponent < 0 ? "-" : "+", Math.abs(exponent));
    }

    private static String time(long millis) {
        return millis == 0 ? "0001-01-01T00:00:00Z" : Instant.ofEpochMilli(millis).toString();
    }
}
