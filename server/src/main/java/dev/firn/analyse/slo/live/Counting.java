package dev.firn.analyse.slo.live;

import dev.firn.analyse.slo.MinuteCounter;
import dev.firn.analyse.slo.SloWindow.Span;
import dev.firn.base.Clock;
import dev.firn.query.Answer;
import dev.firn.query.ResultTables;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/// Counts minutes of objectives over the same metrics that are counted up to the same minute: one
/// reading of the points serves all of them.
final class Counting {
    /// Minutes before the last round's end in which new points are no late ones: the whole range
    /// since them is counted again. Later ones are looked at one by one.
    static final int HOT_MINUTES = 10;

    /// Points between two times of storing what was counted.
    private static final long CHUNK_POINTS = 4L * EnginePoints.POINTS_MAX;

    /// A part of a table is younger than what was read from it, by clocks of seconds.
    private static final long MARGIN_SECONDS = 60;

    /// Minutes with unknown baselines that a late point may explain.
    private static final int EXPLAINED_MAX = 1_000;

    private static final long MINUTE_MILLIS = 60_000;

    private final EnginePoints points;
    private final MinuteStore store;
    private final Duration firstPointMaxAge;
    private final Clock clock;
    private final List<Counted> objectives;
    private final EnginePoints.Metrics metrics;
    private final long oldest;
    private long recounted;
    private long late;

    /// @param objectives with equal metrics, progress and cuts
    /// @param oldest minutes before it are no longer whole in the engine
    Counting(
            EnginePoints points,
            MinuteStore store,
            Duration firstPointMaxAge,
            Clock clock,
            List<Counted> objectives,
            long oldest)
            throws InterruptedException {
        this.points = points;
        this.store = store;
        this.firstPointMaxAge = firstPointMaxAge;
        this.clock = clock;
        this.objectives = objectives;
        this.oldest = oldest;
        this.metrics = points.metrics(names());
    }

    private TreeSet<String> names() {
        var names = new TreeSet<String>();
        objectives.forEach(one -> names.addAll(one.defined().slo().indicator().metrics()));
        return names;
    }

    /// Minutes that were counted again because of points that came after them.
    long recounted() {
        return recounted;
    }

    /// Ranges that late points touched.
    long late() {
        return late;
    }

    /// Counts up to a minute.
    ///
    /// @param needed the first minute that a window needs
    void upTo(long asOf, long needed) throws InterruptedException {
        long now = clock.millis() / 1000;
        Counted first = objectives.getFirst();
        if (first.asOf() == 0) {
            begin(asOf, needed, now);
            return;
        }
        var cuts = new TreeMap<>(first.cuts());
        List<Span> spans = fresh(first, asOf, cuts);
        if (needed < first.from()) {
            spans.add(new Span(needed, first.from()));
        }
        for (Span span : merged(spans)) {
            recounted += Math.max(0, Math.min(span.to(), first.asOf()) - span.from());
            count(span);
        }
        long from = Math.min(needed, first.from());
        objectives.forEach(one -> one.at(from, asOf, now, cuts));
        store.progress(objectives, clock.millis());
    }

    /// The first time. What comes meanwhile has a later cut than those seen before, and so is late.
    private void begin(long asOf, long needed, long now) throws InterruptedException {
        var cuts = new TreeMap<String, Long>();
        for (var table : metrics.ids().entrySet()) {
            see(
                    cuts,
                    points.ask(
                            "read_cuts",
                            Map.of(
                                    "table",
                                    table.getKey().table(),
                                    "metrics",
                                    EnginePoints.unsigned(table.getValue()),
                                    "from",
                                    Long.toString(needed * MINUTE_MILLIS))));
        }
        long from = Math.max(needed, oldest);
        long first = from >= asOf ? asOf : points.first(metrics, new Span(from, asOf));
        objectives.forEach(one -> one.at(needed, Math.max(needed, first), now, cuts));
        if (first < asOf) {
            for (long hour = first; hour < asOf; hour = Math.min(asOf, hour + 60)) {
                long end = Math.min(asOf, hour + 60);
                count(new Span(hour, end));
                objectives.forEach(one -> one.at(needed, end, now, cuts));
                store.progress(objectives, clock.millis());
            }
        }
        objectives.forEach(one -> one.at(needed, asOf, now, cuts));
        store.progress(objectives, clock.millis());
    }

    private static void see(Map<String, Long> cuts, Answer answer) {
        for (int row = 0; row < answer.size(); row++) {
            cuts.merge(answer.text(row, 0), answer.number(row, 1), Math::max);
        }
    }

    /// Ranges to count: since the last round, and those that points touch that came since then.
    private List<Span> fresh(Counted known, long asOf, Map<String, Long> cuts)
            throws InterruptedException {
        long hot = Math.max(oldest, known.asOf() - HOT_MINUTES);
        long begin = known.asOf();
        var spans = new ArrayList<Span>();
        for (var table : metrics.ids().entrySet()) {
            Map<String, String> which = which(table.getKey(), table.getValue(), known, hot, asOf);
            Answer answer = points.ask("read_fresh", which);
            see(cuts, answer);
            long lateOnes = 0;
            for (int row = 0; row < answer.size(); row++) {
                long first = answer.number(row, 2);
                begin = first > 0 ? Math.min(begin, Math.floorDiv(first, MINUTE_MILLIS)) : begin;
                lateOnes += answer.number(row, 3);
            }
            if (lateOnes > 0) {
                which.put("oldest", Long.toString(Math.max(oldest, known.from()) * MINUTE_MILLIS));
                String file =
                        table.getKey() == EngineTable.SAMPLES ? "read_late_samples" : "read_late";
                late(points.ask(file, which), asOf, spans);
            }
        }
        if (begin < asOf) {
            spans.add(new Span(begin, asOf));
        }
        return spans;
    }

    private static Map<String, String> which(
            EngineTable table, TreeSet<Long> ids, Counted known, long hot, long asOf) {
        var which = new HashMap<String, String>();
        which.put("table", table.table());
        which.put("source", table.table());
        which.put("metrics", EnginePoints.unsigned(ids));
        which.put("hot", Long.toString(hot * MINUTE_MILLIS));
        which.put("to", Long.toString(asOf * MINUTE_MILLIS));
        which.put("since", Long.toString(Math.max(0, known.lookedAt() - MARGIN_SECONDS)));
        which.put("cuts", ResultTables.map(known.cuts()));
        return which;
    }

    /// A late point changes its minute and that of the next point of its series; and it may say
    /// that a series that began later was watched.
    private void late(Answer answer, long asOf, List<Span> spans) {
        long earliest = asOf;
        for (int row = 0; row < answer.size(); row++) {
            long from = Math.floorDiv(answer.number(row, 0), MINUTE_MILLIS);
            long next = answer.number(row, 2);
            long last = Math.floorDiv(next > 0 ? next : answer.number(row, 1), MINUTE_MILLIS);
            earliest = Math.min(earliest, from);
            if (from < asOf) {
                spans.add(new Span(from, Math.min(asOf, last + 1)));
                late++;
            }
        }
        for (Counted one : objectives) {
            for (var minutes : one.groups().values()) {
                minutes.all().tailMap(earliest).entrySet().stream()
                        .filter(minute -> minute.getValue().unknownBaseline() > 0)
                        .limit(EXPLAINED_MAX)
                        .forEach(minute ->
                                spans.add(new Span(minute.getKey(), minute.getKey() + 1)));
            }
        }
    }

    /// Ranges without overlaps, in order.
    static List<Span> merged(List<Span> spans) {
        var sorted = new ArrayList<>(spans);
        sorted.sort(java.util.Comparator.comparingLong(Span::from));
        var merged = new ArrayList<Span>();
        for (Span span : sorted) {
            Span before = merged.isEmpty() ? null : merged.getLast();
            if (before != null && span.from() <= before.to()) {
                merged.set(
                        merged.size() - 1,
                        new Span(before.from(), Math.max(before.to(), span.to())));
            } else {
                merged.add(span);
            }
        }
        return merged;
    }

    private void count(Span span) throws InterruptedException {
        if (span.minutes() > 1 && points.count(metrics, span) > CHUNK_POINTS) {
            long middle = span.from() + span.minutes() / 2;
            count(new Span(span.from(), middle));
            count(new Span(middle, span.to()));
            return;
        }
        var counters = new ArrayList<MinuteCounter>();
        objectives.forEach(one ->
                counters.add(
                        new MinuteCounter(
                                one.defined().slo().indicator(), span, firstPointMaxAge)));
        points.read(
                metrics,
                span,
                (metric, series) -> {
                    for (int i = 0; i < counters.size(); i++) {
                        if (objectives
                                .get(i)
                                .defined()
                                .slo()
                                .indicator()
                                .metrics()
                                .contains(metric)) {
                            counters.get(i).add(series);
                        }
                    }
                });
        for (int i = 0; i < counters.size(); i++) {
            Counted one = objectives.get(i);
            store.add(
                    one.defined(),
                    Recount.apply(one, span, counters.get(i).counted()),
                    clock.millis());
        }
    }
}
