package dev.firn.analyse.slo;

import dev.firn.analyse.slo.PointSource.Point;
import dev.firn.analyse.slo.PointSource.SeriesPoints;
import dev.firn.model.NumberValue;
import dev.firn.model.PointValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What came on top from point to point of one series, aware of resets: nothing is extrapolated,
/// and an increase belongs, undivided, to its later point.
///
/// One point counts for each (time, start). Points with the same start time are a run; a run that
/// begins later than all before it is a reset and counts from zero. Without start times a value
/// that fell is a reset. The first point ever counts from zero if it began at most
/// [#firstPointMaxAge] before, or while its stream was watched; otherwise its baseline is unknown:
/// nothing is counted but that. A start equal to the time says the same.
final class Increases {
    /// Takes what came on top.
    interface Sink {
        /// An increase over (`from`, `time`], nanoseconds; null where the baseline is unknown.
        void add(long from, long time, @Nullable PointValue increase);
    }

    /// What was wrong with the points.
    ///
    /// @param duplicates points that were there already
    /// @param conflicts points that said something else at a time than the one that holds
    /// @param overlaps deltas that began before the end of the one before
    record Findings(long duplicates, long conflicts, long overlaps) {}

    private static final Comparator<Point> ORDER =
            Comparator.comparingLong(Point::time)
                    .thenComparingLong(Point::start)
                    .thenComparing(Point::src, Long::compareUnsigned)
                    .thenComparingLong(Point::seq);

    private final long firstPointMaxAge;
    private final SeriesPoints series;
    private final Sink sink;
    private final Map<Long, Point> runs = new HashMap<>();
    private @Nullable Point last;
    private long newest;
    private long duplicates;
    private long conflicts;
    private long overlaps;

    private Increases(SeriesPoints series, Duration firstPointMaxAge, Sink sink) {
        this.series = series;
        this.firstPointMaxAge = firstPointMaxAge.toNanos();
        this.sink = sink;
    }

    /// Hands over a series' increases in the order of time.
    static Findings of(SeriesPoints series, Duration firstPointMaxAge, Sink sink) {
        return new Increases(series, firstPointMaxAge, sink).run();
    }

    private Findings run() {
        oneEach(series.before()).forEach(this::remember);
        for (Point point : oneEach(series.points())) {
            if (point.value() == null) {
                continue; // a stale marker, which breaks no baseline
            }
            switch (series.temporality()) {
                case CUMULATIVE -> cumulative(point, point.value());
                case DELTA -> delta(point, point.value());
                case UNSPECIFIED -> sample(point, point.value());
            }
            remember(point);
        }
        return new Findings(duplicates, conflicts, overlaps);
    }

    private void remember(Point point) {
        if (point.value() == null) {
            return;
        }
        runs.put(point.start(), point);
        newest = Math.max(newest, point.start());
        last = point;
    }

    /// One point for each (time, start), in order.
    private List<Point> oneEach(List<Point> points) {
        var sorted = new ArrayList<>(points);
        sorted.sort(ORDER);
        var kept = new ArrayList<Point>(sorted.size());
        for (Point point : sorted) {
            Point before = kept.isEmpty() ? null : kept.getLast();
            if (before == null
                    || before.time() != point.time()
                    || before.start() != point.start()) {
                kept.add(point);
                continue;
            }
            if (Objects.equals(before.value(), point.value())) {
                duplicates++;
            } else {
                conflicts++;
            }
            kept.set(kept.size() - 1, point);
        }
        return kept;
    }

    private void cumulative(Point point, PointValue value) {
        Point base = base(point);
        if (base == null) {
            boolean fromZero =
                    point.start() > 0
                            && point.start() < point.time()
                            && (startsAnew(point) || seenFromStart(point));
            sink.add(
                    fromZero ? point.start() : point.time(), point.time(), fromZero ? value : null);
            return;
        }
        PointValue grown = minus(value, Objects.requireNonNull(base.value()));
        sink.add(base.time(), point.time(), grown == null ? value : grown);
    }

    /// The earlier point of the same run; null if the run begins here.
    private @Nullable Point base(Point point) {
        if (last == null) {
            return null;
        }
        if (point.start() == 0) {
            return last;
        }
        if (last.start() == 0) {
            // the run may have been seen before it told its start
            return point.start() < last.time() ? last : null;
        }
        return runs.get(point.start());
    }

    private boolean startsAnew(Point point) {
        return last != null && point.start() > newest;
    }

    private boolean seenFromStart(Point point) {
        return point.time() - point.start() <= firstPointMaxAge
                || series.watched().between(point.start(), point.time());
    }

    /// What came on top; null after a reset. A series that changed its shape began anew.
    private static @Nullable PointValue minus(PointValue value, PointValue before) {
        return value.getClass() == before.getClass() ? value.minus(before) : null;
    }

    private void delta(Point point, PointValue value) {
        boolean begun = point.start() > 0 && point.start() < point.time();
        if (begun && last != null && point.start() < last.time()) {
            overlaps++;
        }
        sink.add(begun ? point.start() : point.time() - 1, point.time(), value);
    }

    /// Each sample of a gauge is an event; it speaks for the time since the one before, if that is
    /// not long ago.
    private void sample(Point point, PointValue value) {
        long lookback = Duration.ofMinutes(5).toNanos(); // Prometheus' own
        boolean near = last != null && point.time() - last.time() <= lookback;
        sink.add(
                near ? Objects.requireNonNull(last).time() : point.time() - 1,
                point.time(),
                NumberValue.of(up(value)));
    }

    private static long up(PointValue value) {
        return value instanceof NumberValue number && number.real() > 0 ? 1 : 0;
    }
}
