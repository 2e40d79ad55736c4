package dev.firn.alert.rules;

import dev.firn.base.InputException;
import dev.firn.config.Section;
import dev.firn.config.YamlDocuments;
import dev.firn.query.promql.lang.Durations;
import dev.firn.query.promql.lang.Features;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/// A file of tests of rules, as promtool reads them.
///
/// Source: https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/
public final class RuleTests {
    private static final long MINUTE = 60_000;

    private RuleTests() {}

    /// A group of tests and what they run over.
    record Test(
            String name,
            long startMillis,
            long intervalMillis,
            List<String> series,
            List<AlertCase> alerts,
            List<ExprCase> expressions,
            Map<String, String> externalLabels,
            String externalUrl) {}

    /// Which alerts of a name fire at a time.
    record AlertCase(long atMillis, String alertname, List<Expected> expected) {}

    record Expected(Map<String, String> labels, Map<String, String> annotations) {}

    /// What an expression yields at a time.
    record ExprCase(String expr, long atMillis, List<ExpectedSample> samples) {}

    record ExpectedSample(String labels, double value, String histogram) {}

    /// What all tests of a file share.
    record Shared(List<RuleGroup> groups, long evaluationMillis, boolean fuzzy) {}

    /// Runs a file's tests.
    ///
    /// @param chosen names of tests
    /// @return what came out otherwise or could not be read; empty if all is well
    public static List<String> run(Path file, Features features, Predicate<String> chosen) {
        var problems = new ArrayList<String>();
        try {
            List<Section> documents =
                    YamlDocuments.read(file.toString(), RuleFiles.text(file), problems);
            if (!documents.isEmpty()) {
                run(file, documents.getFirst(), features, chosen, problems);
            }
        } catch (InputException e) {
            problems.add(String.valueOf(e.getMessage()));
        }
        return problems;
    }

    private static void run(
            Path file,
            Section root,
            Features features,
            Predicate<String> chosen,
            List<String> problems) {
        List<String> patterns = root.texts("rule_files");
        long evaluation = orElse(millis(root, "evaluation_interval"), MINUTE);
        boolean fuzzy = root.bool("fuzzy_compare", false);
        List<String> order = root.texts("group_eval_order");
        if (order.stream().distinct().count() < order.size()) {
            root.problem("group_eval_order", "a group's name is repeated");
        }
        var tests = new ArrayList<Test>();
        for (Section section : root.sections("tests")) {
            tests.add(test(section, evaluation));
        }
        root.close();
        var groups = new ArrayList<RuleGroup>();
        for (Path rules : files(file, patterns)) {
            String name = rules.toString();
            groups.addAll(RuleFile.parse(name, RuleFiles.text(rules), features, problems).groups());
        }
        if (!problems.isEmpty()) {
            return;
        }
        groups.sort(Comparator.comparing(group -> Math.max(0, order.indexOf(group.name()))));
        var shared = new Shared(groups, evaluation, fuzzy);
        for (Test test : tests) {
            if (chosen.test(test.name)) {
                new RuleTestRun(test, shared, features).run(problems);
            }
        }
    }

    private static long orElse(long millis, long otherwise) {
        return millis == 0 ? otherwise : millis;
    }

    private static List<Path> files(Path file, List<String> patterns) {
        var files = new ArrayList<Path>();
        for (String pattern : patterns) {
            files.addAll(RuleFiles.matching(file.resolveSibling(pattern)));
        }
        return files;
    }

    private static Test test(Section section, long evaluation) {
        long interval = orElse(millis(section, "interval"), evaluation);
        var series = new ArrayList<String>();
        for (Section one : section.sections("input_series")) {
            series.add(one.text("series", "") + " " + one.text("values", ""));
            one.close();
        }
        var alerts = new ArrayList<AlertCase>();
        for (Section one : section.sections("alert_rule_test")) {
            alerts.add(alert(one));
        }
        var expressions = new ArrayList<ExprCase>();
        for (Section one : section.sections("promql_expr_test")) {
            expressions.add(expression(one));
        }
        var test =
                new Test(
                        section.text("name", ""),
                        start(section),
                        interval,
                        series,
                        alerts,
                        expressions,
                        new TreeMap<>(section.textMap("external_labels")),
                        section.text("external_url", ""));
        section.close();
        return test;
    }

    private static AlertCase alert(Section section) {
        String name = section.text("alertname", "");
        if (name.isEmpty()) {
            section.problem("alertname", "misses in an item of alert_rule_test");
        }
        var expected = new ArrayList<Expected>();
        for (Section one : section.sections("exp_alerts")) {
            var labels = new LinkedHashMap<>(one.textMap("exp_labels"));
            labels.put(ActiveAlert.NAME, name);
            expected.add(new Expected(labels, one.textMap("exp_annotations")));
            one.close();
        }
        var alert = new AlertCase(millis(section, "eval_time"), name, expected);
        section.close();
        return alert;
    }

    private static ExprCase expression(Section section) {
        var samples = new ArrayList<ExpectedSample>();
        for (Section one : section.sections("exp_samples")) {
            samples.add(
                    new ExpectedSample(
                            one.text("labels", ""), value(one), one.text("histogram", "")));
            one.close();
        }
        var expression =
                new ExprCase(section.text("expr", ""), millis(section, "eval_time"), samples);
        section.close();
        return expression;
    }

    private static double value(Section section) {
        return switch (section.raw("value")) {
            case null -> 0;
            case Number number -> number.doubleValue();
            default -> {
                section.problem("value", "expected a number");
                yield 0;
            }
        };
    }

    private static long start(Section section) {
        String text = section.text("start_timestamp", "0");
        try {
            return text.matches("[0-9.eE+]+")
                    ? Math.round(Double.parseDouble(text) * 1000)
                    : OffsetDateTime.parse(text).toInstant().toEpochMilli();
        } catch (DateTimeException | NumberFormatException e) {
            section.problem("start_timestamp", "\"" + text + "\" is no time");
            return 0;
        }
    }

    private static long millis(Section section, String key) {
        String text = section.text(key, "0");
        return Durations.parseMillis(text)
                .orElseGet(() -> {
                    section.problem(key, "\"" + text + "\" is no duration such as 5m");
                    return 0;
                });
    }
}
