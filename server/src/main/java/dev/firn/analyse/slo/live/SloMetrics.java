package dev.firn.analyse.slo.live;

import dev.firn.analyse.slo.Burn;
import dev.firn.analyse.slo.SloResult;
import dev.firn.base.OwnMetrics;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What objectives say on Firn's own page.
final class SloMetrics {
    /// Groups of one objective on the page; all are in `v_slo_status`.
    static final int GROUPS_MAX = 100;

    private final Gauge sli;
    private final Gauge left;
    private final Gauge burn;
    private final Gauge status;
    private final Gauge coverage;
    private final Gauge alerting;
    private final Counter rounds;
    private final Counter recounted;
    private final Counter late;
    private final Gauge groupsBeyond;
    private final Set<Labels> shown = new HashSet<>();

    private record Labels(Gauge gauge, List<String> values) {}

    volatile double seconds = Double.NaN;
    volatile double asOf = Double.NaN;
    volatile long objectives;
    volatile long conflicts;
    volatile long minutes;

    SloMetrics(OwnMetrics metrics) {
        sli =
                metrics.gauge(
                        "firn_slo_sli_ratio",
                        "Share of good ones over the objective's window, estimated.",
                        "slo",
                        "group");
        left =
                metrics.gauge(
                        "firn_slo_error_budget_left_ratio",
                        "Share of the error budget that is left; below 0 it is overspent.",
                        "slo",
                        "group");
        burn =
                metrics.gauge(
                        "firn_slo_burn_rate",
                        "How fast the error budget burns: 1 spends it exactly over the window.",
                        "slo",
                        "group",
                        "window");
        status =
                metrics.gauge(
                        "firn_slo_status",
                        "1 at what an objective is: met, breached or undetermined.",
                        "slo",
                        "group",
                        "status");
        coverage =
                metrics.gauge(
                        "firn_slo_coverage_ratio",
                        "Measured share of the window's past.",
                        "slo",
                        "group");
        alerting =
                metrics.gauge(
                        "firn_slo_alert_firing",
                        "1 while the objective's alert fires.",
                        "slo",
                        "group",
                        "severity");
        groupsBeyond =
                metrics.gauge(
                        "firn_slo_groups_not_shown",
                        "Groups that are not on this page, because their objective has more than 100.",
                        "slo");
        rounds = metrics.counter("firn_slo_rounds", "Rounds of evaluation.", "outcome");
        recounted =
                metrics.counter(
                        "firn_slo_recounted_minutes",
                        "Minutes that were counted again because points came later.");
        late =
                metrics.counter(
                        "firn_slo_late_ranges",
                        "Ranges of a series that points touched later than 10 minutes after.");
        metrics.gauge("firn_slo_round_seconds", "Duration of the last round.", () -> seconds);
        metrics.gauge(
                "firn_slo_as_of_timestamp_seconds",
                "Minute up to which objectives are evaluated, seconds since 1970.",
                () -> asOf);
        metrics.gauge("firn_slo_objectives", "Objectives that are evaluated.", () -> objectives);
        metrics.gauge(
                "firn_slo_definition_conflicts",
                "Rows of slo_definitions that say something else than the file's definition, which holds.",
                () -> conflicts);
        metrics.gauge(
                "firn_slo_minutes", "Minutes of objectives and groups in memory.", () -> minutes);
        rounds.labelValues("done").inc(0);
        rounds.labelValues("failed").inc(0);
    }

    void round(boolean done) {
        rounds.labelValues(done ? "done" : "failed").inc();
    }

    void counted(long recountedMinutes, long lateRanges) {
        recounted.inc(recountedMinutes);
        late.inc(lateRanges);
    }

    /// Shows these results, and no others any more.
    void show(Map<String, List<SloResult>> results) {
        var before = new HashSet<>(shown);
        shown.clear();
        results.forEach((slo, groups) -> {
            groups.stream().limit(GROUPS_MAX).forEach(result -> show(slo, result));
            set(groupsBeyond, Math.max(0, groups.size() - GROUPS_MAX), slo);
        });
        before.removeAll(shown);
        before.forEach(old -> old.gauge.remove(old.values.toArray(String[]::new)));
    }

    private void show(String slo, SloResult result) {
        String group = result.group().isEmpty() ? "" : MinuteStore.json(result.group());
        set(sli, result.sli().estimate(), slo, group);
        set(left, result.budget().soFar().estimate(), slo, group);
        set(coverage, result.coverage(), slo, group);
        for (var one : SloResult.Status.values()) {
            set(status, result.status() == one ? 1 : 0, slo, group, ResultView.lower(one));
        }
        for (Burn one : result.burns()) {
            set(burn, one.rate(), slo, group, ResultView.duration(one.minutes()));
        }
        result.alerts()
                .forEach(alert ->
                        set(
                                alerting,
                                ResultView.firing(alert).isEmpty() ? 0 : 1,
                                slo,
                                group,
                                ResultView.lower(alert.severity())));
    }

    private void set(Gauge gauge, double value, String... labels) {
        gauge.labelValues(labels).set(value);
        shown.add(new Labels(gauge, List.of(labels)));
    }
}
