package dev.firn.analyse.anomaly.live;

import dev.firn.analyse.anomaly.Detector.Kind;
import dev.firn.query.Answer;
import dev.firn.query.Queries;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Reads signals from the engine, a range of intervals at once.
final class SignalReader {
    /// How far back a plane's newest point is looked for when a range begins.
    private static final long PLANE_SECONDS = 3_600;

    /// By so much the age of a plane's newest point changes with the moment of its exports.
    private static final double FRESHNESS_SECONDS = 30;

    /// Series of one signal of the configuration in one interval.
    private static final int SQL_SERIES_MAX = 1_000;

    private final Queries queries;
    private final SignalSettings settings;

    SignalReader(Queries queries, SignalSettings settings) {
        this.queries = queries;
        this.settings = settings;
    }

    /// All points by the start of their interval, in ms since 1970; intervals without any are not
    /// there.
    ///
    /// @param from start of the first interval, seconds
    /// @param to end of the last one
    Read read(long from, long to) throws InterruptedException {
        var points = new TreeMap<Long, List<SignalPoint>>();
        var running = new TreeMap<Long, List<SignalWatch.Ran>>();
        requests(from, to, points);
        versions(from, to, running);
        instances(from, to, points);
        if (watches(Signals.PLANE_VOLUME) || watches(Signals.PLANE_FRESHNESS)) {
            planes(from, to, points);
        }
        for (SignalSettings.Sql signal : settings.signals()) {
            sql(signal, from, to, points);
        }
        return new Read(points, running);
    }

    /// What a range of intervals had, by the interval's start, ms since 1970.
    record Read(
            TreeMap<Long, List<SignalPoint>> points,
            TreeMap<Long, List<SignalWatch.Ran>> running) {}

    /// Rows before a time: the first interval since `from` that has any, in seconds (0: none), and
    /// how many rows there are.
    long[] extent(long from, long to) throws InterruptedException {
        Answer answer = ask("read_extent", from, to);
        return new long[] {answer.number(0, 0), answer.number(0, 1)};
    }

    private boolean watches(String signal) {
        return !settings.off().contains(signal);
    }

    private Answer ask(String file, long from, long to) throws InterruptedException {
        return queries.ask(
                new Queries.Question(
                        "anomaly/" + file, range(from, to), Queries.UserClass.SCHEDULED, false));
    }

    private static Map<String, String> range(long from, long to) {
        return Map.of("from", Long.toString(from), "to", Long.toString(to));
    }

    /// Where requests went in an interval.
    private record Place(long at, String environment, String service, String route) {}

    /// What became of them.
    private static final class Requests {
        private final Distribution durations = new Distribution();
        private double all;
        private double errors;
    }

    private void requests(long from, long to, Map<Long, List<SignalPoint>> points)
            throws InterruptedException {
        Answer answer = ask("read_requests", from, to);
        Map<Place, Requests> places = places(answer);
        places.forEach((place, requests) -> add(place, requests, points));
        services(places, points);
    }

    /// Requests to services whose routes are several.
    private void services(Map<Place, Requests> places, Map<Long, List<SignalPoint>> points) {
        if (!watches(Signals.REQUEST_RATE)) {
            return;
        }
        var services = new LinkedHashMap<Place, double[]>();
        places.forEach((place, requests) -> {
            double[] its =
                    services.computeIfAbsent(
                            new Place(place.at, place.environment, place.service, ""),
                            _ -> new double[2]);
            its[0] += requests.all;
            its[1]++;
        });
        services.forEach((place, its) -> {
            if (its[1] > 1) {
                points.computeIfAbsent(place.at * 1_000, _ -> new ArrayList<>())
                        .add(Signals.ofService(place.environment, place.service, its[0]));
            }
        });
    }

    private void versions(long from, long to, Map<Long, List<SignalWatch.Ran>> running)
            throws InterruptedException {
        Answer answer = ask("read_versions", from, to);
        for (int row = 0; row < answer.size(); row++) {
            running.computeIfAbsent(answer.number(row, 0) * 1_000, _ -> new ArrayList<>())
                    .add(
                            new SignalWatch.Ran(
                                    answer.text(row, 1), answer.text(row, 2), answer.text(row, 3)));
        }
    }

    /// Signals of the instances of services that have several.
    private void instances(long from, long to, Map<Long, List<SignalPoint>> points)
            throws InterruptedException {
        places(ask("read_instances", from, to))
                .forEach((place, requests) ->
                        points.computeIfAbsent(place.at * 1_000, _ -> new ArrayList<>())
                                .addAll(
                                        Signals.ofInstance(
                                                        place.environment,
                                                        place.service,
                                                        place.route,
                                                        requests.all,
                                                        requests.errors,
                                                        requests.durations)
                                                .stream()
                                                .filter(one -> watches(one.key().signal()))
                                                .toList()));
    }

    /// What became of requests by time, environment, service, and route or instance.
    private static Map<Place, Requests> places(Answer answer) {
        var places = new LinkedHashMap<Place, Requests>();
        for (int row = 0; row < answer.size(); row++) {
            var place =
                    new Place(
                            answer.number(row, 0),
                            answer.text(row, 1),
                            answer.text(row, 2),
                            answer.text(row, 3));
            Requests here = places.computeIfAbsent(place, _ -> new Requests());
            here.all += answer.real(row, 4);
            here.errors += answer.real(row, 5);
            double unit = answer.real(row, 6);
            here.durations.explicit(
                    Arrays.numbers(answer.text(row, 7)),
                    Arrays.numbers(answer.text(row, 10)),
                    unit);
            double[][] positive = Arrays.pair(answer.text(row, 11));
            here.durations.exponential(
                    (int) answer.number(row, 8),
                    positive[0],
                    positive[1],
                    answer.real(row, 9),
                    unit);
        }
        return places;
    }

    private void add(Place place, Requests requests, Map<Long, List<SignalPoint>> points) {
        points.computeIfAbsent(place.at * 1_000, _ -> new ArrayList<>())
                .addAll(
                        Signals.ofRequests(
                                        place.environment,
                                        place.service,
                                        place.route,
                                        requests.all,
                                        requests.errors,
                                        requests.durations)
                                .stream()
                                .filter(one -> watches(one.key().signal()))
                                .toList());
    }

    private record Plane(String environment, String name) {}

    /// A plane that sends nothing has no volume (missing is not zero), but its newest point grows
    /// older, for as long as it was heard of in the hour before.
    private void planes(long from, long to, Map<Long, List<SignalPoint>> points)
            throws InterruptedException {
        Answer answer = ask("read_planes", from - PLANE_SECONDS, to);
        var volumes = new TreeMap<Long, Map<Plane, Double>>();
        var newest = new HashMap<Long, Map<Plane, Long>>();
        for (int row = 0; row < answer.size(); row++) {
            long at = answer.number(row, 0);
            var plane = new Plane(answer.text(row, 1), answer.text(row, 2));
            volumes.computeIfAbsent(at, _ -> new HashMap<>()).put(plane, answer.real(row, 3));
            newest.computeIfAbsent(at, _ -> new HashMap<>()).put(plane, (long) answer.real(row, 4));
        }
        var last = new LinkedHashMap<Plane, Long>();
        for (long at = from - PLANE_SECONDS; at < to; at += Signals.STEP_SECONDS) {
            long end = at + Signals.STEP_SECONDS;
            newest.getOrDefault(at, Map.of())
                    .forEach((plane, time) -> last.merge(plane, time, Math::max));
            last.values().removeIf(time -> end - time > 2 * PLANE_SECONDS);
            if (at < from || volumes.isEmpty()) {
                continue;
            }
            List<SignalPoint> here = points.computeIfAbsent(at * 1_000, _ -> new ArrayList<>());
            last.forEach((plane, time) ->
                    plane(here, Signals.PLANE_FRESHNESS, Kind.GAUGE, plane, (double) (end - time)));
            volumes.getOrDefault(at, Map.of())
                    .forEach((plane, count) ->
                            plane(here, Signals.PLANE_VOLUME, Kind.COUNT, plane, count));
        }
    }

    private void plane(
            List<SignalPoint> points, String signal, Kind kind, Plane plane, double value) {
        if (!watches(signal)) {
            return;
        }
        var key = new SignalKey(signal, plane.environment, "", "", plane.name);
        points.add(
                kind == Kind.COUNT
                        ? SignalPoint.of(key, kind, value, Double.MAX_VALUE)
                        : new SignalPoint(
                                key,
                                kind,
                                value,
                                value - FRESHNESS_SECONDS,
                                value + FRESHNESS_SECONDS,
                                Double.MAX_VALUE));
    }

    /// Columns by name: `time` and `value`, and those that there are of `events`, `environment`,
    /// `service_name`, `http_route`, `data_plane_id`.
    private void sql(
            SignalSettings.Sql signal, long from, long to, Map<Long, List<SignalPoint>> points)
            throws InterruptedException {
        Answer answer = queries.askText("anomaly/" + signal.name(), signal.sql(), range(from, to));
        int time = answer.column("time");
        int value = answer.column("value");
        int events = answer.columns().indexOf("events");
        var counts = new HashMap<Long, Integer>();
        for (int row = 0; row < answer.size(); row++) {
            long at = answer.number(row, time) / Signals.STEP_SECONDS * Signals.STEP_SECONDS;
            if (at < from || at >= to || counts.merge(at, 1, Integer::sum) > SQL_SERIES_MAX) {
                continue;
            }
            points.computeIfAbsent(at * 1_000, _ -> new ArrayList<>())
                    .add(
                            SignalPoint.of(
                                    new SignalKey(
                                            signal.name(),
                                            text(answer, row, "environment"),
                                            text(answer, row, "service_name"),
                                            text(answer, row, "http_route"),
                                            text(answer, row, "data_plane_id")),
                                    signal.kind(),
                                    answer.real(row, value),
                                    events < 0 ? Double.MAX_VALUE : answer.real(row, events)));
        }
    }

    private static String text(Answer answer, int row, String name) {
        int column = answer.columns().indexOf(name);
        return column < 0 ? "" : answer.text(row, column);
    }

    /// Arrays as ClickHouse's TSV has them.
    private static final class Arrays {
        private Arrays() {}

        static double[] numbers(String text) {
            if (text.length() <= 2) {
                return new double[0];
            }
            String[] parts = text.substring(1, text.length() - 1).split(",");
            double[] numbers = new double[parts.length];
            for (int i = 0; i < parts.length; i++) {
                numbers[i] = Double.parseDouble(parts[i]);
            }
            return numbers;
        }

        /// `([…],[…])`
        static double[][] pair(String text) {
            int middle = text.indexOf("],[");
            return new double[][] {
                numbers(text.substring(1, middle + 1)),
                numbers(text.substring(middle + 2, text.length() - 1))
            };
        }
    }
}
