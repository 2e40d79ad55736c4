package dev.firn.analyse.anomaly.live;

import dev.firn.base.OwnMetrics;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What anomaly detection says on Firn's own page.
final class AnomalyMetrics {
    private static final int SERIES_MAX = 1_000;

    private final Gauge score;
    private final Counter rounds;
    private final Counter points;
    private final Counter leftOut;
    private final Set<List<String>> shown = new HashSet<>();
    private volatile double seconds = Double.NaN;
    private volatile double until = Double.NaN;
    private volatile int series;

    AnomalyMetrics(OwnMetrics metrics) {
        score =
                metrics.gauge(
                        "firn_anomaly_score",
                        "Score of a signal's last interval; above 1 is anomalous. Of 1000 series, and of instances that are not as their peers.",
                        "signal",
                        "environment",
                        "service_name",
                        "http_route",
                        "data_plane_id",
                        "service_instance_id");
        rounds = metrics.counter("firn_anomaly_rounds", "Rounds of anomaly detection.", "outcome");
        points = metrics.counter("firn_anomaly_points", "Points that were judged.");
        leftOut =
                metrics.counter(
                        "firn_anomaly_points_left_out",
                        "Points that were not judged because anomaly.series_max series are.");
        metrics.gauge(
                "firn_anomaly_round_seconds",
                "Duration of the last round of anomaly detection.",
                () -> seconds);
        metrics.gauge(
                "firn_anomaly_until_seconds",
                "End of the last interval that was judged, seconds since 1970.",
                () -> until);
        metrics.gauge("firn_anomaly_series", "Series that are watched.", () -> series);
        rounds.labelValues("done").inc(0);
        rounds.labelValues("failed").inc(0);
    }

    void failed() {
        rounds.labelValues("failed").inc();
    }

    void judged(long count, long notJudged) {
        points.inc(count);
        leftOut.inc(notJudged);
    }

    void done(double took) {
        rounds.labelValues("done").inc();
        seconds = took;
    }

    void judged(SignalWatch watch, List<Judged> newest) {
        until = watch.until() / 1e3;
        series = watch.size();
        var before = new HashSet<>(shown);
        shown.clear();
        for (Judged one : newest.subList(0, Math.min(SERIES_MAX, newest.size()))) {
            SignalKey key = one.key();
            List<String> labels =
                    List.of(
                            key.signal(),
                            key.environment(),
                            key.service(),
                            key.route(),
                            key.plane(),
                            key.instance());
            score.labelValues(labels.toArray(String[]::new)).set(one.verdict().score());
            shown.add(labels);
        }
        before.removeAll(shown);
        before.forEach(labels -> score.remove(labels.toArray(String[]::new)));
    }
}
