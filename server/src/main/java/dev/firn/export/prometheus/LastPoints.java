package dev.firn.export.prometheus;

import dev.firn.base.Clock;
import dev.firn.base.Throttle;
import dev.firn.config.PrometheusExporterConfig;
import dev.firn.export.prometheus.SeriesStore.Place;
import dev.firn.model.Batch;
import dev.firn.model.Exemplars;
import dev.firn.model.Points;
import dev.firn.model.Series;
import dev.firn.model.prometheus.Escaping;
import dev.firn.model.prometheus.Names;
import dev.firn.model.prometheus.SeriesLabels;
import java.io.IOException;
import java.io.OutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The last points of an exporter, and the pages that show them.
final class LastPoints {
    private static final Logger LOG = LoggerFactory.getLogger(LastPoints.class);
    private static final long WARN_SECONDS = 300;

    private final String name;
    private final PrometheusExporterConfig config;
    private final Clock clock;
    private final ExporterCounts counts;
    private final SeriesStore store;
    private final Throttle refusalWarnings;
    private final Throttle changeWarnings;

    LastPoints(
            String name,
            PrometheusExporterConfig config,
            long seriesMax,
            ExporterCounts counts,
            Clock clock) {
        this.name = name;
        this.config = config;
        this.clock = clock;
        this.counts = counts;
        store = new SeriesStore(new Index(rendering(config)), seriesMax);
        refusalWarnings = new Throttle(clock, WARN_SECONDS);
        changeWarnings = new Throttle(clock, WARN_SECONDS);
    }

    private static SeriesLabels rendering(PrometheusExporterConfig config) {
        var names =
                new Names(
                        config.namespace(),
                        config.translation().suffixes(),
                        config.translation().utf8(),
                        Escaping.ALLOW_UTF_8);
        return new SeriesLabels(
                names,
                config.constLabels(),
                config.withoutScopeInfo(),
                config.resourceLabels()::takes);
    }

    /// Takes what it needs out of the batch.
    void export(Batch batch) {
        long now = clock.ticks();
        var outcomes = new long[Slot.Outcome.values().length];
        for (Points.Kind kind : Points.Kind.values()) {
            Points points = batch.points(kind);
            for (int row = 0; row < points.size(); row++) {
                take(points, row, now, outcomes);
            }
        }
        exemplars(batch, now);
        for (Slot.Outcome outcome : Slot.Outcome.values()) {
            long number = outcomes[outcome.ordinal()];
            if (number > 0) {
                counts.dropped(outcome, number);
            }
        }
    }

    private void take(Points points, int row, long now, long[] outcomes) {
        Series series = points.series[row];
        Place place = store.place(series, now);
        while (true) {
            switch (place) {
                case Place.Refused refused -> {
                    counts.refused(refused, 1);
                    warn(refused, series);
                    return;
                }
                case Place.Shown(Slot slot, Targets.Target target) -> {
                    Slot.Outcome outcome = slot.take(points, row, target, now);
                    if (outcome != Slot.Outcome.GONE) {
                        outcomes[outcome.ordinal()]++;
                        noteChange(slot, series);
                        return;
                    }
                    place = store.find(series, now);
                }
            }
        }
    }

    private void exemplars(Batch batch, long now) {
        Exemplars exemplars = batch.exemplars;
        for (int i = 0; i < exemplars.size(); i++) {
            if (exemplars.form[i] == dev.firn.model.Numbers.NONE) {
                continue;
            }
            Points points = batch.points(Points.Kind.of(exemplars.pointKind[i]));
            int row = exemplars.pointRow[i];
            Series series = points.series[row];
            if (store.place(series, now) instanceof Place.Shown(Slot slot, _)) {
                slot.offer(exemplars, i, series, points.time[row]);
            }
        }
    }

    private void noteChange(Slot slot, Series series) {
        if (!slot.takeChange()) {
            return;
        }
        counts.changes.inc();
        long dropped = changeWarnings.permit();
        if (dropped >= 0) {
            LOG.warn(
                    "two streams are one series for Prometheus: \"{}\" with attributes {} comes from"
                            + " different resources, units or temporalities; the page shows the"
                            + " later point ({} more such changes since the last warning); give each"
                            + " process its own service.instance.id, or make resource attributes"
                            + " labels with exporters.{}.resource_constant_labels",
                    series.metric().name(),
                    series.attributes(),
                    dropped,
                    name);
        }
    }

    private void warn(Place.Refused refused, Series series) {
        long dropped = refusalWarnings.permit();
        if (dropped < 0) {
            return;
        }
        String why =
                switch (refused) {
                    case NAME -> "no character of its name can stand in a name; rename the metric";
                    case TYPE ->
                            "another type of metric has its name or that of one of its samples;"
                                    + " rename one of them";
                    case TEMPORALITY ->
                            "deltas of a sum that also falls, or a metric without temporality, have"
                                    + " no form in Prometheus; send cumulative points";
                    case SERIES_MAX ->
                            "the page has as many series as limits.series_max allows; raise it or"
                                    + " filter";
                };
        LOG.warn(
                "exporter {} cannot show metric \"{}\": {} ({} more points since the last warning)",
                name,
                series.metric().name(),
                why,
                dropped);
    }

    /// Writes the page; returns its series.
    long write(PageFormat format, OutputStream out) throws IOException {
        long oldest = oldestTicks();
        boolean asTranslated =
                format.escaping() == Escaping.ALLOW_UTF_8 || !store.index().labels().names().utf8();
        Index index = asTranslated ? store.index() : store.index().escaped(format.escaping());
        return PageWriter.of(format, config.sendTimestamps(), out).write(index, oldest);
    }

    private long oldestTicks() {
        return clock.ticks() - Math.min(config.metricExpirationNanos(), Long.MAX_VALUE / 4);
    }

    /// Takes series off the page that had no point for `metric_expiration`.
    void sweep() {
        store.sweep(oldestTicks());
        counts.series.set(store.size());
        counts.hidden.set(store.index().hiddenInOpenMetrics());
    }

    /// Series on the page.
    long series() {
        return store.size();
    }
}
