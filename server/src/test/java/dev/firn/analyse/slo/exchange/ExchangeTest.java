package dev.firn.analyse.slo.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.analyse.slo.OpenSlo;
import dev.firn.analyse.slo.OpenSloWriter;
import dev.firn.analyse.slo.Slo;
import dev.firn.analyse.slo.SloWindow;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Documents of our own, in the forms that Sloth's and Pyrra's examples have.
class ExchangeTest {
    private static final String SLOTH =
            """
            version: "prometheus/v1"
            service: "bakery"
            labels: {owner: ovens, tier: "1"}
            slos:
              - name: "orders-good"
                objective: 99.9
                description: "Orders that were taken."
                labels: {kind: availability}
                sli:
                  events:
                    error_query: sum(rate(order_duration_seconds_count{job="bakery",code=~"(5..|429)"}[{{.window}}]))
                    total_query: sum(rate(order_duration_seconds_count{job="bakery"}[{{.window}}]))
                alerting:
                  name: BakeryOrders
                  labels: {category: "availability"}
                  annotations: {summary: "orders fail"}
                  page_alert: {labels: {severity: pager}}
                  ticket_alert: {disable: true}
              - name: "orders-fast"
                objective: 95
                sli:
                  events:
                    error_query: |
                      (
                        sum(rate(order_duration_seconds_count{job="bakery",verb!="WATCH"}[{{.window}}]))
                        -
                        sum(rate(order_duration_seconds_bucket{le="0.4",job="bakery",verb!="WATCH"}[{{.window}}]))
                      )
                    total_query: sum(rate(order_duration_seconds_count{job="bakery",verb!="WATCH"}[{{.window}}]))
                alerting:
                  page_alert: {}
                  ticket_alert: {}
              - name: "breads-whole"
                objective: 99.5
                sli:
                  events:
                    error_query: sum(rate(breads_total{job="bakery"}[{{.window}}])) - sum(rate(breads_total{job="bakery",state="whole"}[{{.window}}]))
                    total_query: sum(increase(breads_total{job="bakery"}[{{.window}}]))
                alerting: {}
            """;

    private static final String PYRRA =
            """
            apiVersion: pyrra.dev/v1alpha1
            kind: ServiceLevelObjective
            metadata:
              name: oven-errors
              namespace: bakery
              labels: {prometheus: main, pyrra.dev/team: ovens}
            spec:
              target: "99.5"
              window: 4w
              description: Ovens answer.
              indicator:
                ratio:
                  errors: {metric: 'oven_calls_total{job="oven",code=~"5.."}'}
                  total: {metric: 'oven_calls_total{job="oven"}'}
                  grouping: [site]
            ---
            apiVersion: pyrra.dev/v1alpha1
            kind: ServiceLevelObjective
            metadata: {name: oven-fast}
            spec:
              target: "95"
              window: 2w
              alerting: {burnrates: false, absent: false}
              indicator:
                latency:
                  success: {metric: 'oven_heat_seconds_bucket{job="oven",le="1"}'}
                  total: {metric: 'oven_heat_seconds_count{job="oven"}'}
            ---
            apiVersion: pyrra.dev/v1alpha1
            kind: ServiceLevelObjective
            metadata: {name: oven-native}
            spec:
              target: "99"
              window: 1h
              indicator:
                latencyNative: {latency: 250ms, total: {metric: 'oven_heat_seconds{job="oven"}'}}
            ---
            apiVersion: pyrra.dev/v1alpha1
            kind: ServiceLevelObjective
            metadata: {name: oven-up}
            spec:
              target: "99"
              window: 30d
              indicator:
                bool_gauge: {metric: 'up{job="oven"}', grouping: [instance]}
            """;

    private static List<Slo> again(List<Slo> slos) {
        return OpenSlo.read(Map.of("again.yaml", OpenSloWriter.write(slos)));
    }

    private static void same(List<Slo> is, List<Slo> was) {
        assertThat(is)
                .usingRecursiveComparison()
                .ignoringFields("place")
                .withComparatorForType(java.math.BigDecimal::compareTo, java.math.BigDecimal.class)
                .isEqualTo(was);
    }

    @Test
    void slothsDocumentsComeBackThroughOpenSloAndSloth() {
        List<Slo> slos = Sloth.read("sloth.yml", SLOTH);
        assertThat(slos)
                .extracting(Slo::name)
                .containsExactly("bakery-orders-good", "bakery-orders-fast", "bakery-breads-whole");
        assertThat(slos.getFirst().alerting())
                .isEqualTo(new Slo.Alerting("BakeryOrders", true, false));
        assertThat(slos.getFirst().labels())
                .containsEntry("owner", "ovens")
                .containsEntry("kind", "availability");
        same(again(slos), slos);
        List<Slo> twice = Sloth.read("again.yml", Sloth.write(slos));
        assertThat(twice)
                .extracting(Slo::indicator)
                .isEqualTo(slos.stream().map(Slo::indicator).toList());
        same(Sloth.read("thrice.yml", Sloth.write(twice)), twice);
    }

    @Test
    void pyrrasDocumentsComeBackThroughOpenSlo() {
        List<Slo> slos = Pyrra.read("pyrra.yaml", PYRRA);
        assertThat(slos)
                .extracting(slo ->
                        slo.service()
                                + " "
                                + slo.target().toPlainString()
                                + " "
                                + slo.window().minutes())
                .containsExactly(
                        "bakery 0.995 40320",
                        "oven-fast 0.95 20160",
                        "oven-native 0.99 60",
                        "oven-up 0.99 43200");
        assertThat(slos.get(1).alerting()).isEqualTo(new Slo.Alerting("", false, false));
        assertThat(slos.getFirst().labels()).isEqualTo(Map.of("team", "ovens"));
        assertThat(slos.getFirst().window()).isEqualTo(new SloWindow.Rolling(4 * 7 * 1440));
        same(again(slos), slos);
    }

    @Test
    void whatCannotBeCountedInEventsIsRefused() {
        assertThatThrownBy(() ->
                        Sloth.read(
                                "s.yml",
                                SLOTH.replace(
                                        "[{{.window}}]))\n        total_query: sum(rate(order_duration_seconds_count{job=\"bakery\"}",
                                        "[5m]))\n        total_query: sum(rate(order_duration_seconds_count{job=\"bakery\"}")))
                .hasMessageContaining(
                        "s.yml:11: slos[0].sli.events.error_query: expected {{.window}} at \"5m]))\"");
        assertThatThrownBy(() ->
                        Sloth.read(
                                "s.yml",
                                SLOTH.replace(
                                        "sum(rate(breads_total{job=\"bakery\"}",
                                        "sum by (x) (rate(breads_total{job=\"bakery\"}")))
                .hasMessageContaining("only sums of rates of selectors can be counted in events");
        assertThatThrownBy(() ->
                        Sloth.read("s.yml", SLOTH.replace("objective: 99.9", "objectiv: 99.9")))
                .hasMessageContaining(
                        "s.yml:6: slos[0].objectiv: unknown key; did you mean \"objective\"?");
        assertThatThrownBy(() -> Pyrra.read("p.yaml", PYRRA.replace("le=\"1\"", "le=\"fast\"")))
                .hasMessageContaining("a bucket needs le=\"a number\"");
        assertThatThrownBy(() ->
                        Pyrra.read(
                                "p.yaml",
                                PYRRA.replace(
                                        "oven_calls_total{job=\"oven\",code",
                                        "oven_faults_total{job=\"oven\",code")))
                .hasMessageContaining(
                        "errors of \"oven_faults_total\" are not events of \"oven_calls_total\"");
    }

    @Test
    void rulesAreMadeOfTheSameQueries() {
        String rules = PrometheusRules.write(Sloth.read("sloth.yml", SLOTH).subList(1, 2));
        assertThat(rules)
                .contains("slo:sli_error:ratio_rate5m", "slo:sli_error:ratio_rate30d")
                .contains(
                        "sum(rate(order_duration_seconds_bucket{job=\"bakery\",verb!=\"WATCH\",le=\"0.4\"}[3d]))")
                .contains("> (14.4 * 0.05)")
                .contains("sloth_severity: page");
    }

    @Test
    void calendarsAndSlicesAreNotExported() {
        Slo slo = Sloth.read("sloth.yml", SLOTH).getFirst();
        var month =
                new SloWindow.Calendar(
                        SloWindow.Unit.MONTH,
                        1,
                        java.time.LocalDateTime.of(2026, 1, 1, 0, 0),
                        java.time.ZoneId.of("UTC"));
        var calendar =
                new Slo(
                        slo.name(),
                        "",
                        "",
                        slo.service(),
                        slo.indicator(),
                        slo.target(),
                        month,
                        slo.budgeting(),
                        slo.alerting(),
                        Map.of(),
                        "x.yaml:3");
        assertThatThrownBy(() -> PrometheusRules.write(List.of(calendar)))
                .hasMessageContaining(
                        "x.yaml:3: cannot export \"bakery-orders-good\": a rule of Prometheus has no periods of the calendar");
    }
}
