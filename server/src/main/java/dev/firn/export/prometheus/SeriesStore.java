package dev.firn.export.prometheus;

import dev.firn.export.prometheus.Targets.Target;
import dev.firn.model.Metric;
import dev.firn.model.Series;
import dev.firn.model.prometheus.FamilyType;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// Slots by series. A series is rendered once, when its first point comes; streams that Prometheus
/// cannot tell apart share a slot, and the last point shows.
final class SeriesStore {
    /// Where a series' points go.
    sealed interface Place permits Place.Shown, Place.Refused {
        /// Into a slot of the page.
        record Shown(Slot slot, Target target) implements Place {}

        /// Nowhere, until the page is swept.
        enum Refused implements Place {
            /// No character of the metric's name can stand in a name.
            NAME("name"),
            /// Another family has the name, or one of its samples has.
            TYPE("type"),
            /// Deltas of what goes up and down, or a sum without temporality.
            TEMPORALITY("temporality"),
            /// The page is full.
            SERIES_MAX("series_max");

            private final String reason;

            Refused(String reason) {
                this.reason = reason;
            }

            /// Label of the counter of dropped points.
            String reason() {
                return reason;
            }
        }
    }

    private final ConcurrentHashMap<Series, Place> places = new ConcurrentHashMap<>();
    private final Index index;
    private final Targets targets = new Targets();
    private final long seriesMax;
    private final AtomicLong size = new AtomicLong();

    /// @param seriesMax beyond this many series on the page, new ones are dropped
    SeriesStore(Index index, long seriesMax) {
        this.index = index;
        this.seriesMax = seriesMax;
    }

    Index index() {
        return index;
    }

    /// Series on the page, hidden ones included.
    long size() {
        return size.get();
    }

    /// The place of a series.
    Place place(Series series, long nowTicks) {
        Place known = places.get(series);
        return known != null ? known : find(series, nowTicks);
    }

    /// Looks it up anew: its slot has left the page.
    Place find(Series series, long nowTicks) {
        Place place = make(series, nowTicks);
        places.put(series, place);
        return place;
    }

    private Place make(Series series, long nowTicks) {
        Metric metric = series.metric();
        if (!hasForm(metric)) {
            return Place.Refused.TEMPORALITY;
        }
        Index.Rendered rendered = index.render(series);
        if (rendered == null) {
            return Place.Refused.NAME;
        }
        Target target = targets.of(metric.resource());
        synchronized (index) {
            if (size.get() >= seriesMax && !index.has(rendered)) {
                return Place.Refused.SERIES_MAX;
            }
            Family family = index.family(rendered, metric.description());
            if (family == null) {
                return Place.Refused.TYPE;
            }
            Family.Entry entry = family.entries.get(rendered.key());
            if (entry == null) {
                Slot slot = slot(series, target, family);
                slot.begin(nowTicks);
                entry = new Family.Entry(family, rendered.key(), slot);
                family.entries.put(rendered.key(), entry);
                size.incrementAndGet();
            } else if (!fits(entry.slot, metric)) {
                entry.slot.giveUp();
                entry.slot = slot(series, target, family);
                entry.slot.begin(nowTicks);
            }
            return new Place.Shown(entry.slot, target);
        }
    }

    /// "If the aggregation temporality is delta and the sum is monotonic, it MAY be converted";
    /// what deltas of other sums add up to, nobody knows without the first.
    private static boolean hasForm(Metric metric) {
        return switch (metric.type()) {
            case GAUGE, SUMMARY -> true;
            case SUM ->
                    switch (metric.temporality()) {
                        case CUMULATIVE -> true;
                        case DELTA -> metric.monotonic();
                        case UNSPECIFIED -> false;
                    };
            case HISTOGRAM, EXPONENTIAL_HISTOGRAM ->
                    switch (metric.temporality()) {
                        case CUMULATIVE, DELTA -> true;
                        case UNSPECIFIED -> false;
                    };
        };
    }

    private static Slot slot(Series series, Target target, Family family) {
        return switch (series.metric().type()) {
            case GAUGE, SUM -> new NumberSlot(series, target, family.type == FamilyType.COUNTER);
            case HISTOGRAM -> new HistogramSlot(series, target, family.boundaries);
            case EXPONENTIAL_HISTOGRAM -> new ExponentialSlot(series, target);
            case SUMMARY -> new SummarySlot(series, target, family.boundaries);
        };
    }

    private static boolean fits(Slot slot, Metric metric) {
        return switch (slot) {
            case NumberSlot _ -> true; // the family's type is the same
            case SummarySlot _ -> true;
            case HistogramSlot _ -> metric.type() == dev.firn.model.MetricType.HISTOGRAM;
            case ExponentialSlot _ ->
                    metric.type() == dev.firn.model.MetricType.EXPONENTIAL_HISTOGRAM;
        };
    }

    /// Takes off the page what was not updated since, and lets refused series try again.
    void sweep(long oldestTicks) {
        for (Family family : index.families()) {
            for (Family.Entry entry : family.entries.values()) {
                synchronized (index) {
                    if (entry.slot.leave(oldestTicks)) {
                        index.remove(entry);
                        size.decrementAndGet();
                    }
                }
            }
        }
        places.entrySet()
                .removeIf(place ->
                        place.getKey().evicted
                                || place.getValue() instanceof Place.Refused
                                || (place.getValue() instanceof Place.Shown shown
                                        && shown.slot.left()));
        targets.retain(Targets.live(index, oldestTicks));
    }
}
