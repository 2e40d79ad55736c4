package dev.firn.alert.rules;

import dev.firn.alert.template.Template;
import dev.firn.alert.template.TemplateData;
import dev.firn.alert.template.TemplateSample;
import dev.firn.query.promql.eval.QueryException;
import dev.firn.query.promql.eval.QueryValue.Sample;
import dev.firn.query.promql.value.Labels;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A rule as it goes on from evaluation to evaluation (Prometheus, rules/alerting.go and
/// rules/recording.go). Used by one thread at a time.
final class RuleRun {
    private static final int ALERTS_MAX = 10_000;

    /// Of one alert's templates.
    private static final int QUERIES_MAX = 50;

    private final Rule rule;
    private final Map<String, String> externalLabels;
    private final String externalUrl;
    private final Map<Labels, ActiveAlert> active = new LinkedHashMap<>();

    /// Until when alerts of an earlier run are kept though nothing says so yet.
    private final Map<Labels, Long> grace = new HashMap<>();

    RuleRun(Rule rule, Map<String, String> externalLabels, String externalUrl) {
        this.rule = rule;
        this.externalLabels = externalLabels;
        this.externalUrl = externalUrl;
    }

    Rule rule() {
        return rule;
    }

    List<ActiveAlert> active() {
        return List.copyOf(active.values());
    }

    /// Whether an alert of an earlier run is this rule's, by its name and by labels that are no
    /// templates.
    boolean mayHaveMade(ActiveAlert alert) {
        return rule instanceof Rule.Alerting alerting
                && alerting.name().equals(alert.labels().get(ActiveAlert.NAME))
                && alerting.labels().entrySet().stream()
                        .allMatch(one ->
                                one.getValue().text().contains("{{")
                                        || one.getValue()
                                                .text()
                                                .equals(alert.labels().get(one.getKey())));
    }

    /// An alert of an earlier run.
    ///
    /// @param until when it goes on at least: what it was seen by may have to come in again first
    void restore(ActiveAlert alert, long until) {
        active.put(alert.labels(), alert);
        grace.put(alert.labels(), until);
    }

    /// @param time of the evaluation
    /// @param offset between it and the time that is asked about
    /// @return what is recorded, or the alerts as series
    List<Outcome> evaluate(long time, long offset, int limit, Asking asking) {
        List<Sample> samples = asking.vector(rule.expr(), time - offset);
        return switch (rule) {
            case Rule.Recording recording -> record(recording, samples, time - offset, limit);
            case Rule.Alerting alerting -> alert(alerting, samples, time, offset, limit, asking);
        };
    }

    private static List<Outcome> record(
            Rule.Recording rule, List<Sample> samples, long time, int limit) {
        var seen = new HashSet<Labels>();
        var outcomes = new ArrayList<Outcome>();
        for (Sample sample : samples) {
            Labels labels = recorded(rule, sample.labels());
            if (!seen.add(labels)) {
                throw failure(
                        "vector contains metrics with the same labelset after applying rule"
                                + " labels");
            }
            outcomes.add(new Outcome(labels, time, sample.value(), sample.histogram()));
        }
        if (limit > 0 && outcomes.size() > limit) {
            throw failure("exceeded limit of " + limit + " with " + outcomes.size() + " series");
        }
        return outcomes;
    }

    /// What a series is called when it is recorded.
    static Labels recorded(Rule.Recording rule, Labels of) {
        Labels labels = of.with(Labels.NAME, rule.name());
        for (Map.Entry<String, String> one : rule.labels().entrySet()) {
            labels = labels.with(one.getKey(), one.getValue());
        }
        return labels;
    }

    private static QueryException failure(String message) {
        return new QueryException(QueryException.Kind.EXECUTION, message);
    }

    private List<Outcome> alert(
            Rule.Alerting rule,
            List<Sample> samples,
            long time,
            long offset,
            int limit,
            Asking asking) {
        var yielded = new LinkedHashMap<Labels, ActiveAlert>();
        for (Sample sample : samples) {
            ActiveAlert alert = made(rule, sample, time, asking);
            if (yielded.put(alert.labels(), alert) != null) {
                throw failure(
                        "vector contains metrics with the same labelset after applying alert"
                                + " labels");
            }
        }
        var next = new LinkedHashMap<Labels, ActiveAlert>();
        active.forEach((labels, before) -> {
            ActiveAlert now = yielded.remove(labels);
            ActiveAlert kept = now == null ? kept(rule, before, time) : goesOn(before, now);
            if (now != null) {
                grace.remove(labels);
            } else if (kept == null && time < grace.getOrDefault(labels, 0L)) {
                kept = before;
            }
            if (kept != null) {
                next.put(labels, kept);
            }
        });
        next.putAll(yielded);
        next.replaceAll((_, one) -> {
            boolean held = time - one.activeAt() >= rule.holdMillis();
            return one.firing() == held ? one : one.firing(held);
        });
        if (next.size() > ALERTS_MAX) {
            throw failure("more than " + ALERTS_MAX + " alerts of one rule");
        }
        active.clear();
        if (limit > 0 && next.size() > limit) {
            throw failure("exceeded limit of " + limit + " with " + next.size() + " alerts");
        }
        active.putAll(next);
        return series(rule, time - offset);
    }

    private static ActiveAlert goesOn(ActiveAlert before, ActiveAlert now) {
        return new ActiveAlert(
                before.labels(),
                now.annotations(),
                before.activeAt(),
                before.firing(),
                now.value(),
                0);
    }

    /// Null when it ends.
    private static @Nullable ActiveAlert kept(Rule.Alerting rule, ActiveAlert before, long time) {
        if (!before.firing() || rule.keepMillis() == 0) {
            return null;
        }
        long since = before.keptSince() == 0 ? time : before.keptSince();
        return time - since < rule.keepMillis() ? before.keptSince(since) : null;
    }

    private ActiveAlert made(Rule.Alerting rule, Sample sample, long time, Asking asking) {
        Object value = sample.histogram() == null ? (Object) sample.value() : sample.histogram();
        var asked = new AtomicInteger();
        var data =
                new TemplateData(
                        sample.labels().map(),
                        externalLabels,
                        externalUrl,
                        value,
                        time,
                        query -> {
                            if (asked.incrementAndGet() > QUERIES_MAX) {
                                throw failure("more than " + QUERIES_MAX + " queries of one alert");
                            }
                            return samples(asking.vector(query, time));
                        });
        Labels labels = sample.labels().with(Labels.NAME, "");
        for (Map.Entry<String, Template> one : rule.labels().entrySet()) {
            labels = labels.with(one.getKey(), expanded(one.getValue(), data));
        }
        var annotations = new TreeMap<String, String>();
        rule.annotations()
                .forEach((name, template) -> annotations.put(name, expanded(template, data)));
        return new ActiveAlert(
                labels.with(ActiveAlert.NAME, rule.name()),
                annotations,
                time,
                false,
                sample.value(),
                0);
    }

    private static List<TemplateSample> samples(List<Sample> vector) {
        return vector.stream()
                .map(one ->
                        new TemplateSample(
                                one.labels().map(),
                                one.histogram() == null ? (Object) one.value() : one.histogram()))
                .toList();
    }

    /// What cannot be filled in says so, and the alert goes out all the same.
    private static String expanded(Template template, TemplateData data) {
        try {
            return template.expand(data);
        } catch (RuntimeException e) {
            return "<error expanding template: " + e.getMessage() + ">";
        }
    }

    private List<Outcome> series(Rule.Alerting rule, long time) {
        var outcomes = new ArrayList<Outcome>();
        for (ActiveAlert one : active.values()) {
            Labels labels = one.labels().with(ActiveAlert.NAME, rule.name());
            outcomes.add(
                    new Outcome(
                            labels.with(Labels.NAME, "ALERTS").with("alertstate", one.state()),
                            time,
                            1,
                            null));
            outcomes.add(
                    new Outcome(
                            labels.with(Labels.NAME, "ALERTS_FOR_STATE"),
                            time,
                            Math.floorDiv(one.activeAt(), 1000L),
                            null));
        }
        return outcomes;
    }
}
