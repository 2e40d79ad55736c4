package dev.firn.analyse.slo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.InputException;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OpenSloTest {
    private static final String GOOD =
            """
            apiVersion: openslo/v1
            kind: SLO
            metadata:
              name: pay
              displayName: Payments
              labels: {team: money}
              annotations: {firn.dev/alerts: page, firn.dev/empty-slices: bad, acme.example/x: y}
            spec:
              description: Payments that went through.
              service: shop
              indicatorRef: payments
              timeWindow:
                - duration: 1M
                  calendar: {startTime: 2026-01-01 00:00:00, timeZone: America/New_York}
              budgetingMethod: Timeslices
              objectives:
                - {target: 0.995, timeSliceTarget: 0.9, timeSliceWindow: 5m}
            ---
            apiVersion: openslo/v1
            kind: SLI
            metadata: {name: payments}
            spec:
              ratioMetric:
                counter: true
                good:
                  metricSource:
                    type: Firn
                    spec:
                      where:
                        - {attributes: [status, code], notMatches: "5.$"}
                total:
                  metricSource:
                    type: Firn
                    spec:
                      metric: payments
                      groupBy: [region]
            """;

    private static List<Slo> read(String text) {
        return OpenSlo.read(Map.of("slo.yaml", text));
    }

    private static void refuses(String what, String by, String message) {
        assertThat(GOOD).contains(what);
        assertThatThrownBy(() -> read(GOOD.replace(what, by)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message);
    }

    @Test
    void everyFieldIsRead() {
        var indicator =
                new Indicator(
                        List.of("payments"),
                        Indicator.Type.COUNTER,
                        "",
                        List.of(),
                        new Indicator.Good.Those(
                                List.of(
                                        new Matcher(
                                                List.of("status", "code"),
                                                Matcher.Op.NOT_MATCHES,
                                                "5.$"))),
                        List.of(List.of("region")));
        assertThat(read(GOOD))
                .containsExactly(
                        new Slo(
                                "pay",
                                "Payments",
                                "Payments that went through.",
                                "shop",
                                indicator,
                                new BigDecimal("0.995"),
                                new SloWindow.Calendar(
                                        SloWindow.Unit.MONTH,
                                        1,
                                        LocalDateTime.of(2026, 1, 1, 0, 0),
                                        ZoneId.of("America/New_York")),
                                new Budgeting.Timeslices(
                                        new BigDecimal("0.9"), 5, Budgeting.Empty.BAD),
                                new Slo.Alerting("", true, false),
                                Map.of("team", "money"),
                                "slo.yaml:1"));
    }

    @Test
    void whatIsWrittenIsReadAgain() {
        List<Slo> slos = read(GOOD);
        assertThat(read(OpenSloWriter.write(slos)))
                .usingRecursiveComparison()
                .ignoringFields("place")
                .isEqualTo(slos);
    }

    @Test
    void mistakesSayWhereTheyAreAndWhatToDo() {
        refuses(
                "indicatorRef: payments",
                "indicatorRef: payment",
                "slo.yaml:11: spec.indicatorRef: there is no SLI \"payment\" in these files; did"
                        + " you mean \"payments\"?");
        refuses(
                "service: shop",
                "servise: shop",
                "slo.yaml:10: spec.servise: unknown key; did you mean \"service\"?");
        refuses(
                "target: 0.995",
                "target: 1",
                "slo.yaml:17: spec.objectives[0].target: is outside 0 to 1");
        refuses(
                "target: 0.995",
                "targetPercent: 99,5",
                "slo.yaml:17: spec.objectives[0].5: unknown key");
        refuses(
                "duration: 1M",
                "duration: 1 month",
                "slo.yaml:13: spec.timeWindow[0].duration: expected a number and one of m, h, d, w, M, Q, Y");
        refuses(
                "America/New_York",
                "America/New_Yorck",
                "slo.yaml:14: spec.timeWindow[0].calendar: expected startTime");
        refuses(
                "type: Firn",
                "type: Prometheus",
                "is not \"Firn\", the only source that is evaluated");
        refuses("metric: payments", "metrik: payments", "unknown key; did you mean \"metric\"?");
        refuses("notMatches: \"5.$\"", "notMatches: \"5.(\"", "is no regular expression");
        refuses(
                "notMatches: \"5.$\"",
                "equals: a, matches: b",
                "expected one of equals, notEquals, matches, notMatches");
        refuses(
                "timeSliceWindow: 5m",
                "timeSliceWindow: 5d",
                "spec.objectives[0].timeSliceWindow: expected 1m to 1d, not \"5d\"");
        refuses("    good:", "    goood:", "expected total and either good or bad");
        refuses(
                "kind: SLO",
                "kind: SOL",
                "slo.yaml:2: kind: \"SOL\" is not one of SLO, SLI, Service");
        refuses(
                "firn.dev/alerts: page",
                "firn.dev/alerts: all",
                "metadata.annotations.firn.dev/alerts: \"all\" is not one of");
        refuses("kind: SLO", "kind: [", "slo.yaml:");
    }

    @Test
    void aNameIsOneObjectives() {
        String twice = GOOD + "---\n" + GOOD.substring(0, GOOD.indexOf("---"));
        assertThatThrownBy(() -> read(twice))
                .hasMessageContaining("\"pay\" is the name of another objective, at slo.yaml:1");
    }

    @Test
    void theSeedsFourObjectivesAreShipped() throws IOException {
        Path file = Path.of("../config/slo/http.yaml");
        List<Slo> slos = OpenSlo.read(Map.of("http.yaml", Files.readString(file)));
        assertThat(slos)
                .extracting(slo ->
                        slo.name()
                                + " "
                                + slo.target().toPlainString()
                                + " "
                                + slo.window().minutes())
                .containsExactly(
                        "prod-http-latency 0.95 10080",
                        "prod-http-errors 0.99 10080",
                        "dev-http-latency 0.95 10080",
                        "dev-http-errors 0.95 10080");
        assertThat(slos.getFirst().indicator().good())
                .isEqualTo(new Indicator.Good.Within(new BigDecimal("0.5")));
        var dev = slos.get(3).indicator();
        assertThat(Matcher.all(dev.where(), Map.of("deployment.environment", "dev"))).isTrue();
        assertThat(dev.good())
                .isInstanceOfSatisfying(
                        Indicator.Good.AllBut.class,
                        bad ->
                                assertThat(
                                                Matcher.all(
                                                        bad.matchers(),
                                                        Map.of("http.status_code", "503")))
                                        .isTrue());
    }

    @Test
    void tablesOfWindowsGiveTheWorkbooksFactors() {
        assertThat(factors(30)).containsExactly(14.4, 6.0, 3.0, 1.0);
        assertThat(factors(28).getFirst()).isEqualTo(13.44);
        assertThat(factors(7)).containsExactly(13.44, 3.5, 1.4, 0.98);
        assertThat(factors(2)).hasSize(3); // three days are longer than two
    }

    private static List<Double> factors(long days) {
        return WindowTables.of(days * 1440).pairsFor(days * 1440).stream()
                .map(pair -> pair.factor(days * 1440))
                .toList();
    }
}
