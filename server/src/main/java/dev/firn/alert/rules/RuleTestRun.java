package dev.firn.alert.rules;

import dev.firn.alert.rules.RuleTests.AlertCase;
import dev.firn.alert.rules.RuleTests.ExpectedSample;
import dev.firn.alert.rules.RuleTests.ExprCase;
import dev.firn.alert.rules.RuleTests.Shared;
import dev.firn.alert.rules.RuleTests.Test;
import dev.firn.base.WorldException;
import dev.firn.query.promql.eval.QueryEngine;
import dev.firn.query.promql.eval.QueryException;
import dev.firn.query.promql.eval.QueryOptions;
import dev.firn.query.promql.eval.QueryResult;
import dev.firn.query.promql.eval.QueryValue.Sample;
import dev.firn.query.promql.lang.Durations;
import dev.firn.query.promql.lang.Features;
import dev.firn.query.promql.lang.GoNumber;
import dev.firn.query.promql.lang.ParseException;
import dev.firn.query.promql.script.TestSeries;
import dev.firn.query.promql.value.Labels;
import dev.firn.query.promql.value.NativeHistogram;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Runs one group of tests as promtool does (cmd/promtool/unittest.go).
final class RuleTestRun {
    private static final int LOOKBACK_MILLIS = 300_000;
    private static final int SAMPLES_MAX = 50_000_000;

    private final Test test;
    private final Shared shared;
    private final SampleMemory memory = new SampleMemory();
    private final Asking asking;
    private final List<GroupRun> groups;
    private final List<Loading> loading = new ArrayList<>();

    /// A series of which so many samples are loaded.
    private static final class Loading {
        private final TestSeries series;
        private int next;

        private Loading(TestSeries series) {
            this.series = series;
        }
    }

    RuleTestRun(Test test, Shared shared, Features features) {
        this.test = test;
        this.shared = shared;
        var options =
                new QueryOptions(
                        features,
                        LOOKBACK_MILLIS,
                        shared.evaluationMillis(),
                        false,
                        false,
                        false,
                        SAMPLES_MAX,
                        Duration.ofSeconds(100));
        var engine = new QueryEngine(options, System::nanoTime);
        asking =
                new Asking() {
                    @Override
                    public QueryResult at(String expr, long timeMillis) {
                        return engine.instant(expr, timeMillis, memory, () -> false);
                    }
                };
        groups =
                shared.groups().stream()
                        .map(group ->
                                new GroupRun(
                                        group,
                                        test.externalLabels(),
                                        test.externalUrl(),
                                        System::nanoTime))
                        .toList();
    }

    void run(List<String> problems) {
        String where = test.name().isEmpty() ? "" : "name: " + test.name() + ", ";
        for (String line : test.series()) {
            try {
                loading.add(new Loading(TestSeries.parse(line)));
            } catch (IllegalArgumentException | ParseException e) {
                problems.add(where + "series: " + line + ": " + e.getMessage());
                return;
            }
        }
        long last =
                Math.max(
                        test.alerts().stream().mapToLong(AlertCase::atMillis).max().orElse(0),
                        test.expressions().stream().mapToLong(ExprCase::atMillis).max().orElse(0));
        List<AlertCase> due = new ArrayList<>(test.alerts());
        due.sort(Comparator.comparing(AlertCase::atMillis));
        for (long at = 0; at <= last; at += shared.evaluationMillis()) {
            List<String> failures = evaluate(test.startMillis() + at);
            if (!failures.isEmpty()) {
                failures.forEach(one -> problems.add(where + one));
                return;
            }
            while (!due.isEmpty() && due.getFirst().atMillis() < at + shared.evaluationMillis()) {
                String difference = alerts(due.removeFirst());
                if (!difference.isEmpty()) {
                    problems.add(where + difference);
                }
            }
        }
        for (ExprCase one : test.expressions()) {
            String difference = expression(one);
            if (!difference.isEmpty()) {
                problems.add(
                        "%sexpr: %s, time: %s, %s"
                                .formatted(
                                        where,
                                        one.expr(),
                                        Durations.format(one.atMillis()),
                                        difference));
            }
        }
    }

    /// Returns what failed.
    private List<String> evaluate(long time) {
        var failures = new ArrayList<String>();
        for (Loading one : loading) {
            List<TestSeries.Sample> samples = one.series.samples();
            while (one.next < samples.size()) {
                TestSeries.Sample sample = samples.get(one.next);
                long at = test.startMillis() + sample.step() * test.intervalMillis();
                if (at > time) {
                    break;
                }
                one.next++;
                add(one.series.labels(), at, sample.value(), sample.histogram(), failures);
            }
        }
        for (GroupRun group : groups) {
            group.evaluate(time, asking, this::keep);
            for (RuleStatus rule : group.status()) {
                if (!rule.error().isEmpty()) {
                    failures.add(
                            "rule: %s, time: %s, err: %s"
                                    .formatted(
                                            rule.rule().name(),
                                            Durations.format(time),
                                            rule.error()));
                }
            }
        }
        return failures;
    }

    private void add(
            Labels labels,
            long time,
            double value,
            @Nullable NativeHistogram histogram,
            List<String> failures) {
        String wrong = memory.append(labels, time, value, histogram);
        if (!wrong.isEmpty()) {
            failures.add(labels + ": " + wrong);
        }
    }

    private void keep(Rule rule, List<Outcome> outcomes, List<Outcome> ended) {
        var failures = new ArrayList<String>();
        outcomes.forEach(
                one -> add(one.labels(), one.timeMillis(), one.value(), one.histogram(), failures));
        ended.forEach(one -> memory.end(one.labels(), one.timeMillis()));
        if (!failures.isEmpty()) {
            throw new WorldException(failures.getFirst());
        }
    }

    private String alerts(AlertCase expected) {
        List<String> wanted =
                expected.expected().stream()
                        .map(one -> text(Labels.of(one.labels()), Labels.of(one.annotations())))
                        .sorted()
                        .toList();
        List<String> got =
                groups.stream()
                        .flatMap(group -> group.rules().stream())
                        .filter(rule ->
                                rule.rule() instanceof Rule.Alerting alerting
                                        && alerting.name().equals(expected.alertname()))
                        .flatMap(rule -> rule.active().stream())
                        .filter(ActiveAlert::firing)
                        .map(one -> text(one.labels(), Labels.of(one.annotations())))
                        .sorted()
                        .toList();
        return wanted.equals(got)
                ? ""
                : "alertname: %s, time: %s,%n    exp: %s%n    got: %s"
                        .formatted(
                                expected.alertname(),
                                Durations.format(expected.atMillis()),
                                wanted,
                                got);
    }

    private static String text(Labels labels, Labels annotations) {
        return "labels " + labels + " annotations " + annotations;
    }

    private String expression(ExprCase expected) {
        List<Sample> got;
        var wanted = new ArrayList<Sample>();
        try {
            got =
                    new ArrayList<>(
                            asking.vector(
                                    expected.expr(), test.startMillis() + expected.atMillis()));
            for (ExpectedSample one : expected.samples()) {
                wanted.add(
                        new Sample(
                                TestSeries.labels(one.labels()),
                                one.value(),
                                one.histogram().isEmpty()
                                        ? null
                                        : TestSeries.histogram(one.histogram())));
            }
        } catch (QueryException | ParseException | IllegalArgumentException e) {
            return "err: " + e.getMessage();
        }
        wanted.sort(Comparator.comparing(Sample::labels));
        got.sort(Comparator.comparing(Sample::labels));
        boolean same = wanted.size() == got.size();
        for (int i = 0; same && i < got.size(); i++) {
            same = isSame(wanted.get(i), got.get(i));
        }
        return same ? "" : "%n    exp: %s%n    got: %s".formatted(text(wanted), text(got));
    }

    private static String text(List<Sample> samples) {
        var text = new TreeMap<String, String>();
        for (Sample one : samples) {
            NativeHistogram histogram = one.histogram();
            text.put(
                    one.labels().toString(),
                    histogram == null ? GoNumber.value(one.value()) : histogram.toString());
        }
        return text.toString();
    }

    private boolean isSame(Sample wanted, Sample got) {
        NativeHistogram one = wanted.histogram();
        NativeHistogram other = got.histogram();
        if (!wanted.labels().equals(got.labels()) || (one == null) != (other == null)) {
            return false;
        }
        if (one != null && other != null) {
            return one.compact().equals(other.compact());
        }
        double a = wanted.value();
        double b = got.value();
        // to a neighbour only: rounding, not a tolerance
        return a == b || (shared.fuzzy() && (Math.nextUp(a) == b || Math.nextDown(a) == b));
    }
}
