package dev.firn.alert.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.query.promql.lang.Features;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Tests of rules; what is expected of each, promtool 3.16 said of the same files. The shipped
/// rules' are run by `interop/rules/run`, with promtool beside.
class RuleTestsTest {
    private static final String RULES =
            """
            groups:
              - name: recorded
                interval: 1m
                rules:
                  - record: job:x:sum
                    expr: sum by (job) (x)
                    labels: {kind: sum}
              - name: alerts
                labels: {team: a}
                rules:
                  - alert: High
                    expr: job:x:sum > 10
                    for: 2m
                    keep_firing_for: 2m
                    labels:
                      severity: '{{ if gt $value 20.0 }}page{{ else }}ticket{{ end }}'
                    annotations:
                      summary: '{{ $labels.job }} is at {{ $value | humanize }} in {{ $externalLabels.cluster }}'
            """;

    private static final String TESTS =
            """
            rule_files: ['rule*.yml']
            evaluation_interval: 1m
            group_eval_order: [recorded, alerts]
            tests:
              - name: a peak
                external_labels: {cluster: eu}
                input_series:
                  - series: x{job="j",instance="a"}
                    values: 0 8 8 8 8 1 1 1 1 1
                  - series: x{job="j",instance="b"}
                    values: 0 4x4 1x9
                alert_rule_test:
                  - eval_time: 2m
                    alertname: High
                  - eval_time: 3m
                    alertname: High
                    exp_alerts:
                      - exp_labels: {job: j, kind: sum, severity: ticket, team: a}
                        exp_annotations: {summary: j is at 12 in eu}
                  - eval_time: 6m30s
                    alertname: High
                    exp_alerts:
                      - exp_labels: {job: j, kind: sum, severity: ticket, team: a}
                        exp_annotations: {summary: j is at 12 in eu}
                  - eval_time: 7m
                    alertname: High
                    exp_alerts: []
                promql_expr_test:
                  - expr: job:x:sum
                    eval_time: 4m
                    exp_samples:
                      - labels: job:x:sum{job="j", kind="sum"}
                        value: 12
                  - expr: count_over_time(ALERTS{alertstate="firing"}[10m])
                    eval_time: 9m
                    exp_samples:
                      - labels: '{alertname="High",alertstate="firing",job="j",kind="sum",severity="ticket",team="a"}'
                        value: 4
                  - expr: ALERTS
                    eval_time: 9m
            """;

    @TempDir Path folder;

    @BeforeEach
    void write() throws IOException {
        Files.writeString(folder.resolve("rules.yml"), RULES);
    }

    private List<String> run(String tests) throws IOException {
        Path file = Files.writeString(folder.resolve("tests.yml"), tests);
        return RuleTests.run(file, Features.STABLE, name -> true);
    }

    @Test
    void alertsWaitFireAndAreKept() throws IOException {
        assertThat(run(TESTS)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "value: 12/value: 13",
                "eval_time: 2m/eval_time: 3m",
                "at 12 in eu/at 12 in us",
                "severity: ticket/severity: page",
                "value: 4/value: 5",
                "eval_time: 6m30s/eval_time: 7m30s",
                "sum\"}/max\"}",
                "values: 0 4x4/values: 0 3x4",
                "expr: ALERTS/expr: vector(1)",
                "expr: ALERTS/expr: ALERTS[",
                "alertname: High/alertnam: High",
                "[recorded, alerts]/[alerts, recorded]",
                "[recorded, alerts]/[alerts, alerts]",
            })
    void whatIsOtherwiseFails(String change) throws IOException {
        String[] parts = change.split("/");
        assertThat(TESTS).contains(parts[0]);
        assertThat(run(TESTS.replaceFirst(java.util.regex.Pattern.quote(parts[0]), parts[1])))
                .isNotEmpty();
    }

    @Test
    void ruleThatFailsEndsItsTest() throws IOException {
        Files.writeString(
                folder.resolve("rules.yml"),
                """
                groups: [{name: g, rules: [{record: y, expr: x * on(job) x}]}]
                """);
        assertThat(
                        run(
                                """
                                rule_files: [rules.yml]
                                tests:
                                  - input_series:
                                      - {series: 'x{job="j",a="1"}', values: '1'}
                                      - {series: 'x{job="j",a="2"}', values: '1'}
                                    promql_expr_test: [{expr: y, eval_time: 1m}]
                                """))
                .singleElement()
                .asString()
                .startsWith("rule: y, time: 0s, err: ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sum by (job) (x)/sum by (job (x)",
                "interval: 1m/interval: 1 minute",
                "record: job:x:sum/record: 'sum{x}'",
                "record: job:x:sum/alert: A\n        record: B",
                "keep_firing_for/keep_fireing_for",
                "labels: {kind: sum}/annotations: {kind: sum}",
                "labels: {kind: sum}/for: 5m",
                "name: alerts/name: recorded",
                "| humanize/| humanise",
                "labels: {kind: sum}/labels: {__name__: sum}",
            })
    void filesWithMistakesAreRefused(String change) {
        String[] parts = change.split("/");
        assertThat(RULES).contains(parts[0]);
        var problems = new java.util.ArrayList<String>();
        RuleFile.parse("r.yml", RULES, Features.STABLE, problems);
        assertThat(problems).isEmpty();
        RuleFile.parse("r.yml", RULES.replace(parts[0], parts[1]), Features.STABLE, problems);
        assertThat(problems).isNotEmpty().allMatch(problem -> problem.startsWith("r.yml:"));
    }
}
