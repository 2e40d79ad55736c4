package dev.firn.ops.bench.incidents;

import dev.firn.analyse.anomaly.live.Judged;
import dev.firn.analyse.anomaly.live.SignalWatch;
import dev.firn.analyse.anomaly.live.Signals;
import dev.firn.ops.load.Incident;
import dev.firn.ops.load.LedgerSink;
import dev.firn.ops.load.LoadOptions;
import dev.firn.ops.load.Plane;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/// Delays of detection by kind and strength of incidents, and false alarms where there are none.
public final class IncidentBench {
    private static final long SECOND = LoadOptions.SECOND;
    private static final long HOUR = 3_600 * SECOND;
    private static final long DAY = 24 * HOUR;
    private static final long STEP = Signals.STEP_SECONDS * SECOND;
    private static final int SERIES_MAX = 10_000;

    /// A Monday.
    private static final long FROM = 1_767_571_200L * SECOND;

    /// Strengths by kind, weak to strong; `obvious` and what is stronger a person would call
    /// obvious on a chart.
    private record Strengths(Incident.Kind kind, double obvious, double... factors) {
        boolean isObvious(double factor) {
            return kind == Incident.Kind.TRAFFIC_DROP ? factor <= obvious : factor >= obvious;
        }
    }

    private static final List<Strengths> KINDS =
            List.of(
                    new Strengths(Incident.Kind.LATENCY, 3, 1.5, 2, 3, 5),
                    new Strengths(Incident.Kind.ERRORS, 0.1, 0.02, 0.05, 0.1, 0.25),
                    new Strengths(Incident.Kind.TRAFFIC_DROP, 0.3, 0.7, 0.5, 0.3, 0.1),
                    new Strengths(Incident.Kind.BAD_DEPLOY, 0.1, 0.02, 0.05, 0.1, 0.25),
                    new Strengths(Incident.Kind.SLOW_LEAK, 5, 2, 3, 5, 8));

    /// How it is run.
    ///
    /// @param warmDays before the first incident, or before alarms count
    /// @param days in which there is one incident a day and service
    /// @param stepSeconds between exports
    public record Run(long seed, int warmDays, int days, int stepSeconds) {
        /// What the published table is of.
        public static final Run PUBLISHED = new Run(1, 14, 14, 60);

        private LoadOptions options(String planes, List<Incident> incidents) {
            return LoadOptions.history(seed, FROM, FROM + (warmDays + days) * DAY)
                    .withPlanes(Plane.parse(planes))
                    .withSteps(stepSeconds * SECOND, stepSeconds * SECOND)
                    .withIncidents(incidents);
        }

        private void run(String planes, List<Incident> incidents, ShopSignals.Taker taker) {
            ShopSignals.run(options(planes, incidents), LedgerSink.none(), taker);
        }
    }

    /// One incident and when it was told of.
    ///
    /// @param obvious to a person
    /// @param intervals from its beginning to the end of the interval that was told of; 0 if none
    ///   was
    public record Found(
            Incident.Kind kind, double factor, boolean obvious, int intervals, String where) {}

    /// False alarms: episodes in which a service had an alert.
    ///
    /// @param pointsPerSecond that the watch judged
    public record Clean(
            Map<String, Integer> alarms, int weeks, List<String> examples, double pointsPerSecond) {
        /// Alarms by service and week.
        public double rate() {
            return alarms.values().stream().mapToInt(one -> one).sum()
                    / (double) Math.max(1, alarms.size() * weeks);
        }
    }

    private IncidentBench() {}

    /// Prints both tables.
    public static void print(Run run, Consumer<String> out) {
        List<Found> found = incidents(run);
        out.accept(
                "kind\tstrength\tobvious\tincidents\tdetected\twithin 3\tmedian intervals\tlongest");
        var cells = new LinkedHashMap<String, List<Found>>();
        found.stream()
                .sorted((a, b) ->
                        a.kind() != b.kind()
                                ? a.kind().compareTo(b.kind())
                                : Double.compare(a.factor(), b.factor()))
                .forEach(one ->
                        cells.computeIfAbsent(
                                        one.kind().label() + "\t" + one.factor(),
                                        _ -> new ArrayList<>())
                                .add(one));
        cells.forEach((cell, of) -> out.accept(row(cell, of)));
        found.stream()
                .filter(one -> one.obvious() && (one.intervals() == 0 || one.intervals() > 3))
                .forEach(one -> out.accept("missed or late: " + one));
        OneInstance single = oneInstance(run);
        out.accept(
                String.format(
                        Locale.ROOT,
                        "one instance of several: %d incidents, %d told within 3, median %d, %d false"
                                + " alarms of %d services in %d weeks",
                        single.intervals().size(),
                        single.intervals().stream().filter(n -> n > 0 && n <= 3).count(),
                        single.median(),
                        single.falseAlarms().size(),
                        ofSeveralInstances().size(),
                        Math.max(1, run.days() / 7)));
        single.falseAlarms().forEach(alarm -> out.accept("  " + alarm));
        Clean clean = clean(run);
        out.accept(
                String.format(
                        Locale.ROOT,
                        "clean: %d services, %d weeks, %.2f false alarms a service and week, %.1f µs a"
                                + " point",
                        clean.alarms().size(),
                        clean.weeks(),
                        clean.rate(),
                        1e6 / clean.pointsPerSecond()));
        clean.alarms().forEach((service, alarms) -> out.accept("  " + service + "\t" + alarms));
        clean.examples().forEach(one -> out.accept("  " + one));
    }

    private static String row(String cell, List<Found> of) {
        int[] delays = of.stream().mapToInt(Found::intervals).filter(n -> n > 0).sorted().toArray();
        long soon = java.util.Arrays.stream(delays).filter(n -> n <= 3).count();
        return cell
                + "\t"
                + (of.getFirst().obvious() ? "yes" : "")
                + "\t"
                + of.size()
                + "\t"
                + delays.length
                + "\t"
                + soon
                + "\t"
                + (delays.length == 0 ? "" : delays[delays.length / 2])
                + "\t"
                + (delays.length == 0 ? "" : delays[delays.length - 1]);
    }

    /// One incident a day and service, of each kind and strength in turn.
    public static List<Found> incidents(Run run) {
        var planned = new ArrayList<Incident>();
        var random = new Random(run.seed());
        List<String> services = services();
        int next = 0;
        for (int day = 0; day < run.days(); day++) {
            for (String service : services) {
                Strengths kind = KINDS.get(next % KINDS.size());
                double factor = kind.factors[next / KINDS.size() % kind.factors.length];
                next++;
                long at =
                        FROM
                                + (run.warmDays() + day) * DAY
                                + (4 + random.nextInt(16)) * HOUR
                                + random.nextInt(12) * STEP;
                long length = kind.kind == Incident.Kind.SLOW_LEAK ? 4 * HOUR : HOUR;
                planned.add(
                        new Incident(kind.kind, "prod-1", service, null, factor, at, at + length));
            }
        }
        var watch = new SignalWatch(SERIES_MAX, FROM / 1_000_000);
        var told = new HashMap<Incident, Long>();
        run.run(
                "prod",
                planned,
                (at, points, running) -> {
                    for (Judged one : watch.interval(at, points, running, List.of()).anomalies()) {
                        if (one.alerting()) {
                            tell(planned, one, at, told);
                        }
                    }
                });
        var found = new ArrayList<Found>();
        for (Incident one : planned) {
            long first = Math.floorDiv(obviousFrom(one), STEP);
            Long at = told.get(one);
            found.add(
                    new Found(
                            one.kind(),
                            one.factor(),
                            KINDS.stream()
                                    .anyMatch(kind ->
                                            kind.kind == one.kind()
                                                    && kind.isObvious(one.factor())),
                            at == null
                                    ? 0
                                    : Math.max(
                                            1,
                                            (int) (at / 1_000 / Signals.STEP_SECONDS - first) + 1),
                            one.service()
                                    + " "
                                    + java.time.Instant.ofEpochSecond(one.fromNanos() / SECOND)));
        }
        return found;
    }

    /// Incidents of one instance of several, and what was said of the others.
    ///
    /// @param intervals of each incident until it was told of; 0 if it never was
    public record OneInstance(List<Integer> intervals, List<String> falseAlarms) {
        int median() {
            int[] told = intervals.stream().mapToInt(n -> n).filter(n -> n > 0).sorted().toArray();
            return told.length == 0 ? 0 : told[told.length / 2];
        }
    }

    /// One incident a day and service of one instance in two planes: durations threefold, a tenth
    /// of the requests wrong, or a tenth of the requests only.
    public static OneInstance oneInstance(Run run) {
        var planned = new ArrayList<Incident>();
        var random = new Random(run.seed() + 1);
        List<Strengths> kinds =
                List.of(
                        new Strengths(Incident.Kind.LATENCY, 3, 3),
                        new Strengths(Incident.Kind.ERRORS, 0.1, 0.1),
                        new Strengths(Incident.Kind.TRAFFIC_DROP, 0.1, 0.1));
        List<String> services = ofSeveralInstances();
        for (int day = 0; day < run.days(); day++) {
            for (String service : services) {
                Strengths kind = kinds.get(planned.size() % kinds.size());
                long at = FROM + (2L + day) * DAY + (8 + random.nextInt(10)) * HOUR;
                planned.add(
                        new Incident(
                                kind.kind,
                                "prod-1",
                                service,
                                null,
                                0,
                                kind.obvious,
                                at,
                                at + HOUR));
            }
        }
        var watch = new SignalWatch(SERIES_MAX, FROM / 1_000_000);
        var told = new HashMap<Incident, Long>();
        var falseAlarms = new LinkedHashMap<String, String>();
        new Run(run.seed(), 2, run.days(), run.stepSeconds())
                .run(
                        "prod:2",
                        planned,
                        (at, points, running) -> {
                            for (Judged one :
                                    watch.interval(at, points, running, List.of()).anomalies()) {
                                if (one.alerting() && !one.key().instance().isEmpty()) {
                                    peer(planned, one, at, told, falseAlarms);
                                }
                            }
                        });
        return new OneInstance(
                planned.stream()
                        .map(one -> {
                            Long at = told.get(one);
                            return at == null
                                    ? 0
                                    : (int) ((at * 1_000_000 - one.fromNanos()) / STEP) + 1;
                        })
                        .toList(),
                List.copyOf(falseAlarms.values()));
    }

    private static void peer(
            List<Incident> planned,
            Judged one,
            long at,
            Map<Incident, Long> told,
            Map<String, String> falseAlarms) {
        long nanos = at * 1_000_000;
        for (Incident incident : planned) {
            // an incident is over once two intervals were well
            if (one.key().service().equals(incident.service())
                    && nanos + STEP > incident.fromNanos()
                    && nanos < incident.toNanos() + 2 * STEP) {
                told.putIfAbsent(incident, at);
                return;
            }
        }
        falseAlarms.putIfAbsent(
                one.key() + " " + one.since(),
                java.time.Instant.ofEpochMilli(at) + " " + one.explanation());
    }

    /// A leak grows from nothing: its delay counts from when durations are threefold, where they
    /// get there.
    private static long obviousFrom(Incident one) {
        return one.kind() == Incident.Kind.SLOW_LEAK && one.factor() > 3
                ? one.fromNanos()
                        + (long) ((one.toNanos() - one.fromNanos()) * 2 / (one.factor() - 1))
                : one.fromNanos();
    }

    private static void tell(
            List<Incident> planned, Judged one, long at, Map<Incident, Long> told) {
        long nanos = at * 1_000_000;
        for (Incident incident : planned) {
            if (one.key().service().equals(incident.service())
                    && nanos + STEP > incident.fromNanos()
                    && nanos < incident.toNanos()
                    && one.since() * 1_000_000 + STEP > incident.fromNanos()) {
                told.putIfAbsent(incident, at);
            }
        }
    }

    /// Services that run four instances or more in two planes.
    private static List<String> ofSeveralInstances() {
        var instances = new java.util.TreeMap<String, Set<String>>();
        ShopSignals.run(
                LoadOptions.history(1, FROM, FROM + HOUR / 4).withPlanes(Plane.parse("prod:2")),
                LedgerSink.none(),
                (_, points, _) ->
                        points.forEach(one -> {
                            if (!one.key().instance().isEmpty()) {
                                instances
                                        .computeIfAbsent(one.key().service(), _ -> new HashSet<>())
                                        .add(one.key().instance());
                            }
                        }));
        return instances.entrySet().stream()
                .filter(one -> one.getValue().size() >= 4)
                .map(Map.Entry::getKey)
                .toList();
    }

    private static List<String> services() {
        var names = new java.util.TreeSet<String>();
        ShopSignals.run(
                LoadOptions.history(1, FROM, FROM + HOUR / 4).withPlanes(Plane.parse("prod")),
                LedgerSink.none(),
                (_, points, _) -> points.forEach(one -> names.add(one.key().service())));
        return List.copyOf(names);
    }

    /// Nothing goes wrong: deployments and crashes only, which are everyday life.
    public static Clean clean(Run run) {
        var watch = new SignalWatch(SERIES_MAX, FROM / 1_000_000);
        var alarms = new TreeMap<String, Integer>();
        var examples = new ArrayList<String>();
        var open = new HashSet<String>();
        long[] spent = new long[2];
        run.run(
                "prod,dev",
                List.of(),
                (at, points, running) -> {
                    points.forEach(one -> alarms.putIfAbsent(service(one.key()), 0));
                    long began = System.nanoTime();
                    List<Judged> anomalies =
                            watch.interval(at, points, running, List.of()).anomalies();
                    spent[0] += System.nanoTime() - began;
                    spent[1] += points.size();
                    if (at * 1_000_000 < FROM + run.warmDays() * DAY) {
                        return;
                    }
                    Set<String> now = new HashSet<>();
                    for (Judged one : anomalies) {
                        String service = service(one.key());
                        if (one.alerting() && now.add(service) && !open.contains(service)) {
                            alarms.merge(service, 1, Integer::sum);
                            examples.add(
                                    java.time.Instant.ofEpochMilli(at)
                                            + " "
                                            + String.format(
                                                    Locale.ROOT, "%.2f ", one.verdict().score())
                                            + one.explanation());
                        }
                    }
                    open.clear();
                    open.addAll(now);
                });
        return new Clean(
                alarms,
                Math.max(1, run.days() / 7),
                examples,
                spent[1] / Math.max(1e-9, spent[0] / 1e9));
    }

    private static String service(dev.firn.analyse.anomaly.live.SignalKey key) {
        return key.environment() + " " + key.service();
    }
}
