package dev.firn.export.prometheus;

import dev.firn.base.OwnMetrics;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.GaugeDataPoint;
import io.prometheus.metrics.core.metrics.Counter;

/// Own metrics of one exporter.
final class ExporterCounts {
    final CounterDataPoint sent;
    final CounterDataPoint changes;
    final GaugeDataPoint series;
    final GaugeDataPoint hidden;
    private final CounterDataPoint[] outcomes;
    private final CounterDataPoint[] refusals;
    private final Counter scrapes;
    private final CounterDataPoint scrapeBytes;
    private final String name;

    ExporterCounts(String name, OwnMetrics metrics) {
        this.name = name;
        sent =
                metrics.counter(
                                "otelcol_exporter_sent_metric_points",
                                "Points that an exporter has taken or delivered.",
                                "exporter")
                        .labelValues(name);
        Counter dropped =
                metrics.counter(
                        "firn_export_prometheus_dropped_points",
                        "Points that the page cannot show: older than what it shows, without form in"
                                + " Prometheus, or beyond a limit.",
                        "exporter",
                        "reason");
        outcomes = new CounterDataPoint[Slot.Outcome.values().length];
        for (Slot.Outcome outcome : Slot.Outcome.values()) {
            outcomes[outcome.ordinal()] =
                    outcome.reason().isEmpty() ? sent : dropped.labelValues(name, outcome.reason());
        }
        refusals = new CounterDataPoint[SeriesStore.Place.Refused.values().length];
        for (SeriesStore.Place.Refused refused : SeriesStore.Place.Refused.values()) {
            refusals[refused.ordinal()] = dropped.labelValues(name, refused.reason());
        }
        changes =
                metrics.counter(
                                "firn_export_prometheus_stream_changes",
                                "Times a series of the page went on with the points of another"
                                        + " stream that has the same name and labels.",
                                "exporter")
                        .labelValues(name);
        series =
                metrics.gauge(
                                "firn_export_prometheus_series",
                                "Series that the page can show.",
                                "exporter")
                        .labelValues(name);
        hidden =
                metrics.gauge(
                                "firn_export_prometheus_hidden_families",
                                "Families that OpenMetrics cannot show because another one has one"
                                        + " of their names.",
                                "exporter")
                        .labelValues(name);
        scrapes =
                metrics.counter(
                        "firn_export_prometheus_scrapes",
                        "Scrapes by how they ended: ok, broken, slow, busy.",
                        "exporter",
                        "result");
        scrapeBytes =
                metrics.counter(
                                "firn_export_prometheus_scraped_bytes",
                                "Bytes of pages before compression.",
                                "exporter")
                        .labelValues(name);
        for (String result : new String[] {"ok", "broken", "slow", "busy"}) {
            scrapes.labelValues(name, result);
        }
    }

    void dropped(Slot.Outcome outcome, long points) {
        outcomes[outcome.ordinal()].inc(points);
    }

    void refused(SeriesStore.Place.Refused refused, long points) {
        refusals[refused.ordinal()].inc(points);
    }

    void scraped(String result, long bytes) {
        scrapes.labelValues(name, result).inc();
        scrapeBytes.inc(bytes);
    }
}
