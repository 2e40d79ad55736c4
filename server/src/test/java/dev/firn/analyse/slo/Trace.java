package dev.firn.analyse.slo;

import dev.firn.analyse.slo.PointSource.Point;
import dev.firn.analyse.slo.PointSource.SeriesPoints;
import dev.firn.model.NumberValue;
import dev.firn.model.PointValue;
import dev.firn.model.Temporality;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;

/// A service that is played event by event, and what it exported: some points lost, doubled,
/// shuffled, contradicted; processes restarted. The truth is counted from the events themselves,
/// each in the minute of the export that first carried it.
public final class Trace implements PointSource {
    static final long SECOND = 1_000_000_000L;
    static final long MINUTE = 60 * SECOND;
    public static final long BASE = 29_000_000L; // a minute in 2025
    public static final int MINUTES = 40;
    private static final int EVENTS_MAX = 7;
    public static final Duration FIRST_POINT_MAX_AGE = Duration.ofMinutes(10);
    public static final List<String> CODES = List.of("200", "404", "500");

    /// What the points are.
    public enum Shape {
        COUNTER,
        DOUBLES,
        HISTOGRAM,
        EXPONENTIAL
    }

    /// One event; `latency` in seconds.
    record Event(long time, int code, double latency) {}

    private static final Truth[] NOTHING = {new Truth(), new Truth(), new Truth()};

    /// What one minute and code really held.
    static final class Truth {
        long total;
        long fast;
        long unknown;

        void add(List<Event> events, double threshold) {
            total += events.size();
            fast += events.stream().filter(event -> event.latency() <= threshold).count();
        }
    }

    public final Shape shape;
    public final boolean delta;
    public final double threshold;
    private final TreeMap<Long, Truth[]> truth = new TreeMap<>();
    private final boolean starts;
    private final boolean milliseconds;
    private final List<List<Point>> points = new ArrayList<>();
    private final List<List<Point>> late = new ArrayList<>();
    private final List<Long> exported = new ArrayList<>();
    private final Random random;
    private double[] bounds;
    private int scale;
    private int seq;

    /// Bounds always have 0.5; thresholds of 0.3 lie on none.
    public Trace(Random random) {
        this.random = random;
        shape = Shape.values()[random.nextInt(Shape.values().length)];
        delta = random.nextInt(4) == 0;
        starts = delta || random.nextBoolean();
        milliseconds = random.nextBoolean();
        threshold = random.nextBoolean() ? 0.5 : 0.3;
        bounds = bounds();
        scale = random.nextInt(6);
        play();
        for (List<Point> one : points) {
            spoil(one);
        }
    }

    private double[] bounds() {
        double[] all = {0.05, 0.1, 0.25, 0.5, 0.75, 1, 2.5};
        return java.util.Arrays.stream(all)
                .filter(bound -> bound == 0.5 || random.nextInt(3) > 0)
                .toArray();
    }

    private void play() {
        for (int i = 0; i < CODES.size(); i++) {
            points.add(new ArrayList<>());
        }
        long step = (5 + random.nextInt(85)) * SECOND;
        long begin = BASE * MINUTE + random.nextLong(MINUTE);
        // a process that began long ago is not known from its start
        long start = begin - (random.nextBoolean() ? SECOND : 20 * MINUTE);
        var run = new Run(start);
        long previous = begin;
        for (long now = begin + step; now < (BASE + MINUTES) * MINUTE; now += step) {
            if (delta
                    ? random.nextInt(10) == 0
                    : !run.mustExport() && run.mayRestart() && random.nextInt(12) == 0) {
                previous += random.nextLong(step / 2); // what came since the last export is lost
                run = run.next(previous);
            }
            List<Event> events = events(previous, now);
            run.add(events);
            if (run.mustExport() || random.nextInt(5) > 0) {
                run.export(now + random.nextLong(SECOND / 2));
            } else if (delta) {
                run.lose();
            }
            previous = now;
        }
    }

    private List<Event> events(long from, long to) {
        var events = new ArrayList<Event>();
        int count = random.nextInt(EVENTS_MAX + 1);
        for (int i = 0; i < count; i++) {
            int code = random.nextInt(10) < 7 ? 0 : 1 + random.nextInt(2);
            double[] edges = {0.5, 0.25, 0.3};
            double latency =
                    random.nextInt(6) == 0
                            ? edges[random.nextInt(edges.length)]
                            : Math.exp(random.nextGaussian() - 1);
            events.add(new Event(from + random.nextLong(to - from), code, latency));
        }
        return events;
    }

    /// One process.
    private final class Run {
        private final long start;
        private final List<List<Event>> carried = new ArrayList<>();
        private final List<List<Event>> waiting = new ArrayList<>();
        private final long[] lastTime = new long[CODES.size()];
        private final boolean[] mustFall = new boolean[CODES.size()];

        Run(long start) {
            this.start = start;
            for (int i = 0; i < CODES.size(); i++) {
                carried.add(new ArrayList<>());
                waiting.add(new ArrayList<>());
            }
        }

        /// Without start times only a value that falls tells of a restart: each series must have
        /// exported more than the next process has when it exports first.
        boolean mayRestart() {
            return starts
                    || carried.stream().allMatch(one -> one.isEmpty() || one.size() > EVENTS_MAX);
        }

        Run next(long at) {
            var next = new Run(at);
            for (int code = 0; code < CODES.size() && !starts; code++) {
                next.mustFall[code] = !points.get(code).isEmpty();
            }
            return next;
        }

        /// Whether a restart is still to be seen.
        boolean mustExport() {
            for (int code = 0; code < CODES.size(); code++) {
                if (mustFall[code] && lastTime[code] == 0) {
                    return true;
                }
            }
            return false;
        }

        void lose() {
            waiting.forEach(List::clear);
        }

        void add(List<Event> events) {
            events.forEach(event -> waiting.get(event.code()).add(event));
        }

        void export(long time) {
            int before = seq;
            for (int code = 0; code < CODES.size(); code++) {
                List<Event> fresh = waiting.get(code);
                boolean old = lastTime[code] > 0;
                if (!old && fresh.isEmpty()) {
                    continue; // no such series yet
                }
                exportOne(code, time, fresh, old);
                carried.get(code).addAll(fresh);
                lastTime[code] = time;
                fresh.clear();
            }
            if (seq > before) {
                exported.add(time);
            }
        }

        private void exportOne(int code, long time, List<Event> fresh, boolean old) {
            List<Point> series = points.get(code);
            boolean known = old || delta || known(series, time);
            Truth now =
                    truth.computeIfAbsent(
                                    Math.floorDiv(time, MINUTE),
                                    _ -> new Truth[] {new Truth(), new Truth(), new Truth()})[code];
            if (known) {
                now.add(fresh, threshold);
            } else {
                now.unknown++;
            }
            var all = new ArrayList<>(delta ? List.of() : carried.get(code));
            all.addAll(fresh);
            // a delta may reach back over the one before: two workers behind one identity
            long from = old ? lastTime[code] - random.nextInt(2) * SECOND : start;
            long told = delta ? from : starts ? start : 0;
            series.add(new Point(time, told, 1, ++seq, value(all)));
        }

        private boolean known(List<Point> series, long time) {
            if (!starts) {
                return !series.isEmpty();
            }
            return !series.isEmpty()
                    || time - start <= FIRST_POINT_MAX_AGE.toNanos()
                    || exported.stream().anyMatch(one -> one >= start && one < time);
        }
    }

    private PointValue value(List<Event> events) {
        if (random.nextInt(15) == 0) {
            bounds = bounds();
            scale = random.nextInt(6);
        }
        return switch (shape) {
            case COUNTER -> NumberValue.of(events.size());
            case DOUBLES -> NumberValue.of((double) events.size());
            case HISTOGRAM -> Values.histogram(scaled(bounds), latencies(events));
            case EXPONENTIAL -> Values.exponential(scale, latencies(events));
        };
    }

    private double[] latencies(List<Event> events) {
        return scaled(events.stream().mapToDouble(Event::latency).toArray());
    }

    private double[] scaled(double[] seconds) {
        return java.util.Arrays.stream(seconds)
                .map(one -> one * (milliseconds ? 1000 : 1))
                .toArray();
    }

    /// Whether the threshold is a bound of every layout.
    boolean exact() {
        return switch (shape) {
            case HISTOGRAM -> threshold == 0.5;
            case EXPONENTIAL -> threshold == 0.5 && !milliseconds;
            case COUNTER, DOUBLES -> false;
        };
    }

    public boolean histogram() {
        return shape == Shape.HISTOGRAM || shape == Shape.EXPONENTIAL;
    }

    /// Adds duplicates, contradictions of lower rank and stale markers, and shuffles.
    private void spoil(List<Point> series) {
        for (Point point : List.copyOf(series)) {
            if (random.nextInt(6) == 0) {
                series.add(new Point(point.time(), point.start(), 1, ++seq, point.value()));
            }
            if (random.nextInt(9) == 0) {
                series.add(new Point(point.time(), point.start(), 0, ++seq, value(List.of())));
            }
            if (random.nextInt(9) == 0) {
                series.add(new Point(point.time() + 1, point.start(), 1, ++seq, null));
            }
        }
        Collections.shuffle(series, random);
    }

    /// Leaves out points at random, as if they were still to come.
    void delay() {
        for (List<Point> series : points) {
            var gone = series.stream().filter(_ -> random.nextInt(8) == 0).toList();
            series.removeAll(gone);
            late.add(gone);
        }
    }

    /// Brings them; returns the minutes that they touch: the one of each and of the next of its
    /// series, with those back to the one before, which may have been measured now, and those up to
    /// the first of all series, whose baseline may be known now.
    List<SloWindow.Span> arrive() {
        for (int code = 0; code < points.size(); code++) {
            points.get(code).addAll(late.get(code));
        }
        var touched = new ArrayList<SloWindow.Span>();
        for (int code = 0; code < points.size(); code++) {
            for (Point point : late.get(code)) {
                touched.add(
                        new SloWindow.Span(
                                previous(code, point.time()), next(code, point.time()) + 1));
            }
            points.get(code).stream()
                    .filter(one -> one.value() != null)
                    .mapToLong(one -> Math.floorDiv(one.time(), MINUTE))
                    .min()
                    .ifPresent(first -> touched.add(new SloWindow.Span(BASE, first + 1)));
        }
        return touched;
    }

    private long previous(int code, long time) {
        return points.get(code).stream()
                .filter(one -> one.value() != null && one.time() < time)
                .mapToLong(one -> Math.floorDiv(one.time(), MINUTE))
                .max()
                .orElse(Math.floorDiv(time, MINUTE));
    }

    private long next(int code, long time) {
        return points.get(code).stream()
                .filter(one -> one.value() != null && one.time() > time)
                .mapToLong(one -> Math.floorDiv(one.time(), MINUTE))
                .min()
                .orElse(Math.floorDiv(time, MINUTE));
    }

    @Override
    public void read(Indicator indicator, SloWindow.Span minutes, Consumer<SeriesPoints> each) {
        long from = minutes.from() * MINUTE;
        long to = minutes.to() * MINUTE;
        for (int code = 0; code < CODES.size(); code++) {
            List<Point> series = points.get(code);
            long next =
                    series.stream()
                            .filter(one -> one.time() >= to && one.value() != null)
                            .mapToLong(Point::time)
                            .min()
                            .orElse(to - 1);
            var inside =
                    series.stream()
                            .filter(one -> one.time() >= from && one.time() <= next)
                            .toList();
            each.accept(
                    new SeriesPoints(
                            Map.of("code", CODES.get(code), "service.name", "shop"),
                            milliseconds ? "ms" : "s",
                            delta ? Temporality.DELTA : Temporality.CUMULATIVE,
                            series.stream().filter(one -> one.time() < from).toList(),
                            inside,
                            this::watched));
        }
    }

    private boolean watched(long start, long time) {
        return points.stream()
                .flatMap(List::stream)
                .anyMatch(one -> one.value() != null && one.time() >= start && one.time() < time);
    }

    /// Its unit.
    public String unit() {
        return milliseconds ? "ms" : "s";
    }

    /// What was exported, by the place of its code.
    public List<List<Point>> points() {
        return points;
    }

    /// What counted of each code.
    Truth[] truth(long minute) {
        return truth.getOrDefault(minute, NOTHING);
    }
}
