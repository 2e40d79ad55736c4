package dev.firn.web.page;

import dev.firn.base.Clock;
import dev.firn.engine.EngineSql;
import dev.firn.model.ExponentialHistograms;
import dev.firn.model.Histograms;
import dev.firn.model.PointWatch;
import dev.firn.model.Points;
import dev.firn.model.Series;
import dev.firn.model.Summaries;
import dev.firn.model.Temporality;
import dev.firn.model.WellKnown;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Requests to HTTP servers of the last minutes by plane, counted as their points are stored: what
/// rollups will say of them, unless points come late or twice. A hot path, but only of histograms
/// with a request's duration: `firn bench ingest` measures it. Thread-safe.
public final class LiveRequests implements PointWatch {
    /// Of a window.
    static final int SECONDS = 10;

    private static final int WINDOWS = 60;
    private static final int PLANES_MAX = 1_000;

    /// Series whose points are sums since their start; what more there are is not counted here.
    private static final int SERIES_MAX = 100_000;

    private static final long IDLE_SECONDS = 600;

    /// @param environment empty if its points name none
    record Plane(String environment, String dataPlane) {}

    /// What a plane got in a window.
    ///
    /// @param start seconds since 1970
    /// @param errors those of them with a status of 5xx
    record Window(Plane plane, long start, long requests, long errors) {}

    private static final class Counts {
        private long requests;
        private long errors;
        private long change;
    }

    /// A series' newest point.
    private static final class Last {
        private long time;
        private long start;
        private long count;
    }

    private final Clock clock;
    private final long since;
    private final TreeMap<Long, Map<Plane, Counts>> windows = new TreeMap<>();
    private final Map<Series, Last> last = new HashMap<>();
    private long oldest;
    private long change;
    private long sweptAt;

    public LiveRequests(Clock clock) {
        this.clock = clock;
        this.since = clock.millis() / 1_000;
    }

    /// From when on it has counted, seconds since 1970.
    long since() {
        return since;
    }

    @Override
    public synchronized void stored(Stored points) {
        long now = clock.millis() / 1_000;
        oldest = now / SECONDS * SECONDS - (WINDOWS - 1L) * SECONDS;
        windows.headMap(oldest).clear();
        if (now - sweptAt >= IDLE_SECONDS) {
            sweptAt = now;
            long idle = (now - IDLE_SECONDS) * 1_000_000_000L;
            last.values().removeIf(one -> one.time < idle);
        }
        change++;
        points.forEach(this::take);
    }

    private void take(Series series, boolean fresh, Points points, int[] order, int from, int to) {
        long[] counts;
        switch (points) {
            case Histograms histograms -> counts = histograms.count;
            case ExponentialHistograms histograms -> counts = histograms.count;
            case Summaries summaries -> counts = summaries.count;
            default -> {
                return;
            }
        }
        if (!EngineSql.REQUEST_METRICS.contains(series.metric().name())) {
            return;
        }
        WellKnown its = series.wellKnown();
        var plane = new Plane(its.environment(), its.dataPlaneId());
        boolean failed = its.httpStatusCode().matches("5[0-9][0-9]");
        boolean delta = series.metric().temporality() == Temporality.DELTA;
        for (int i = from; i < to; i++) {
            int row = order[i];
            if ((points.flags[row] & Points.NO_RECORDED_VALUE) == 0) {
                long came =
                        delta
                                ? counts[row]
                                : came(series, points.time[row], points.start[row], counts[row]);
                add(plane, points.time[row] / 1_000_000_000, came, failed);
            }
        }
    }

    /// How many a point of a sum since its start adds to those of the point before: none where that
    /// one is not known.
    private long came(Series series, long time, long start, long count) {
        Last before = last.get(series);
        if (before == null) {
            if (last.size() >= SERIES_MAX || time / 1_000_000_000 < oldest) {
                return 0;
            }
            before = new Last();
            last.put(series, before);
            before.time = time;
            before.start = start;
            before.count = count;
            return 0;
        }
        if (time <= before.time) {
            return 0;
        }
        boolean anew = start > Math.max(before.start, 1) && before.start != 0;
        long came = anew || count < before.count ? count : count - before.count;
        before.time = time;
        before.start = start;
        before.count = count;
        return came;
    }

    private void add(Plane plane, long seconds, long requests, boolean failed) {
        if (requests <= 0 || seconds < oldest || seconds >= oldest + (WINDOWS + 6L) * SECONDS) {
            return;
        }
        long start = seconds / SECONDS * SECONDS;
        var there = windows.computeIfAbsent(start, _ -> new HashMap<>());
        Counts counts = there.get(plane);
        if (counts == null) {
            if (there.size() >= PLANES_MAX) {
                return;
            }
            counts = new Counts();
            there.put(plane, counts);
        }
        counts.requests += requests;
        counts.errors += failed ? requests : 0;
        counts.change = change;
    }

    /// The newest change, for [#after].
    synchronized long change() {
        return change;
    }

    /// Windows that have changed after a change; 0 for all.
    synchronized List<Window> after(long seen) {
        var changed = new ArrayList<Window>();
        windows.forEach((start, planes) ->
                planes.forEach((plane, counts) -> {
                    if (counts.change > seen) {
                        changed.add(new Window(plane, start, counts.requests, counts.errors));
                    }
                }));
        return changed;
    }
}
