package dev.firn.receive;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.model.Batch;
import dev.firn.model.Points;
import dev.firn.model.Series;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.GaugeDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/// Points and the newest time by data plane (environment and `data_plane_id`), counted as they are
/// stored: what tells that a plane has fallen silent. Thread-safe; a point costs one look at its
/// series.
public final class PlaneWatch {
    /// Planes with an entry of their own; those beyond share one.
    static final int PLANES_MAX = 1_000;

    private static final String BEYOND = "(other)";

    /// A clock that runs ahead must not hide that nothing comes any more.
    private static final long AHEAD_MAX_NANOS = 60_000_000_000L;

    /// What a plane sends.
    ///
    /// @param environment empty if its points name none
    /// @param dataPlane empty if its points name none
    private record Name(String environment, String dataPlane) {}

    /// A plane as it stands.
    ///
    /// @param newestNanos time of the newest point; 0 if there was none
    /// @param points stored since this process started
    public record Plane(String environment, String dataPlane, long newestNanos, long points) {}

    private static final class Entry {
        private final Name name;
        private final AtomicLong newest = new AtomicLong();
        private final CounterDataPoint points;
        private final GaugeDataPoint newestSeconds;

        private Entry(Name name, CounterDataPoint points, GaugeDataPoint newestSeconds) {
            this.name = name;
            this.points = points;
            this.newestSeconds = newestSeconds;
        }

        private void newest(long nanos) {
            if (newest.accumulateAndGet(nanos, Math::max) == nanos) {
                newestSeconds.set(nanos / 1e9);
            }
        }

        private void add(int count, long nanos) {
            points.inc(count);
            newest(nanos);
        }
    }

    private final Clock clock;
    private final Counter points;
    private final Gauge newest;
    private final Map<Name, Integer> numbers = new ConcurrentHashMap<>();
    private final List<Entry> entries = new CopyOnWriteArrayList<>();

    /// Registers its metrics.
    public PlaneWatch(Clock clock, OwnMetrics metrics) {
        this.clock = clock;
        this.points =
                metrics.counter(
                        "firn_receive_plane_points",
                        "Points stored durably, by data plane.",
                        "environment",
                        "data_plane");
        this.newest =
                metrics.gauge(
                        "firn_receive_plane_last_point_timestamp_seconds",
                        "Time of a data plane's newest point, seconds since 1970.",
                        "environment",
                        "data_plane");
    }

    /// Counts a request's points.
    void stored(Batch batch) {
        long latest = clock.nanos() + AHEAD_MAX_NANOS;
        for (Points.Kind kind : Points.Kind.values()) {
            Points stored = batch.points(kind);
            int plane = -1;
            int count = 0;
            long newestNanos = 0;
            for (int row = 0; row < stored.size(); row++) {
                int of = number(stored.series[row]);
                if (of != plane) {
                    add(plane, count, newestNanos);
                    plane = of;
                    count = 0;
                    newestNanos = 0;
                }
                count++;
                long time = stored.time[row];
                if (time > newestNanos && time <= latest) {
                    newestNanos = time;
                }
            }
            add(plane, count, newestNanos);
        }
    }

    private void add(int plane, int count, long newestNanos) {
        if (count > 0) {
            entries.get(plane).add(count, newestNanos);
        }
    }

    private int number(Series series) {
        int known = series.plane;
        if (known < 0) {
            var columns = series.wellKnown();
            known = number(new Name(columns.environment(), columns.dataPlaneId()));
            series.plane = known;
        }
        return known;
    }

    private int number(Name name) {
        Integer known = numbers.get(name);
        return known != null ? known : newNumber(name);
    }

    private synchronized int newNumber(Name name) {
        Name own = entries.size() < PLANES_MAX ? name : new Name(BEYOND, BEYOND);
        Integer known = numbers.get(own);
        if (known != null) {
            return known;
        }
        int number = entries.size();
        entries.add(
                new Entry(
                        own,
                        points.labelValues(own.environment(), own.dataPlane()),
                        newest.labelValues(own.environment(), own.dataPlane())));
        numbers.put(own, number);
        return number;
    }

    /// A plane that sent before this process started.
    public void known(String environment, String dataPlane, long newestNanos) {
        entries.get(number(new Name(environment, dataPlane))).newest(newestNanos);
    }

    /// All planes, in the order in which they were met.
    public List<Plane> planes() {
        return entries.stream()
                .map(entry ->
                        new Plane(
                                entry.name.environment(),
                                entry.name.dataPlane(),
                                entry.newest.get(),
                                entry.points.getLongValue()))
                .toList();
    }
}
