package dev.firn.analyse.quality;

import dev.firn.base.OwnMetrics;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What data quality says on Firn's own page.
final class QualityMetrics {
    private static final int SOURCES_MAX = 500;

    private final Gauge incidents;
    private final Gauge score;
    private final Counter leftOut;
    private final Set<List<String>> shown = new HashSet<>();
    private volatile double seconds = Double.NaN;

    QualityMetrics(OwnMetrics metrics) {
        incidents =
                metrics.gauge(
                        "firn_quality_incidents_open", "Open incidents of data quality.", "check");
        score =
                metrics.gauge(
                        "firn_quality_score",
                        "Share of checks without an incident, in percent; a warning weighs half.",
                        "data_plane_id",
                        "environment",
                        "service_name");
        leftOut =
                metrics.counter(
                        "firn_quality_points_left_out",
                        "Points that were not checked because there are too many metrics and"
                                + " sources.");
        metrics.gauge(
                "firn_quality_round_seconds",
                "Duration of the last round of data quality checks.",
                () -> seconds);
        for (Check check : Check.values()) {
            incidents.labelValues(check.id()).set(0);
        }
    }

    void leftOut(long points) {
        leftOut.inc(points);
    }

    void done(double took) {
        seconds = took;
    }

    void found(List<Finding> found) {
        var open = new EnumMap<Check, Integer>(Check.class);
        found.forEach(one -> open.merge(one.check(), 1, Integer::sum));
        for (Check check : Check.values()) {
            incidents.labelValues(check.id()).set(open.getOrDefault(check, 0));
        }
    }

    void scores(List<Map<String, Object>> scores) {
        var before = new HashSet<>(shown);
        shown.clear();
        for (Map<String, Object> one : scores.subList(0, Math.min(SOURCES_MAX, scores.size()))) {
            List<String> labels =
                    List.of(
                            String.valueOf(one.get("data_plane_id")),
                            String.valueOf(one.get("environment")),
                            String.valueOf(one.get("service_name")));
            if (one.get("score") instanceof Double value) {
                score.labelValues(labels.toArray(String[]::new)).set(value);
                shown.add(labels);
            }
        }
        before.removeAll(shown);
        before.forEach(labels -> score.remove(labels.toArray(String[]::new)));
    }
}
