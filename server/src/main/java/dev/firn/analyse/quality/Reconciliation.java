package dev.firn.analyse.quality;

import dev.firn.base.OwnMetrics;
import dev.firn.base.WorldException;
import dev.firn.query.AdmittedBook;
import dev.firn.query.AdmittedBook.Difference;
import dev.firn.query.AdmittedBook.Place;
import dev.firn.query.Answer;
import dev.firn.query.Appended;
import dev.firn.query.Appended.Commit;
import dev.firn.query.LakeAppends;
import dev.firn.query.Queries;
import dev.firn.query.Queries.Question;
import dev.firn.query.Queries.UserClass;
import io.prometheus.metrics.core.metrics.Counter;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Compares what the log admitted with what engine and lake have, cut by cut: each stretch of cuts
/// once, as soon as a store has taken it in, so that what is on its way differs from nothing.
/// Stretches that differ are compared again until they no longer do.
public final class Reconciliation {
    private static final Logger LOG = LoggerFactory.getLogger(Reconciliation.class);
    private static final String ENGINE = "engine";
    private static final String LAKE = "lake";

    private static final long DAY = 86_400;

    /// Differences are told so long.
    private static final long TOLD_SECONDS = 7 * DAY;

    /// Days before the engine's shortest retention in which it may lack points.
    private static final int BORDER_DAYS = 4;

    private static final int EVIDENCE_MAX = 3;

    /// So many are compared with the engine in a round.
    private static final long CUTS_MAX = 50_000;

    private final String writer;
    private final AdmittedBook book;
    private final Queries queries;
    private final LongSupplier engineDone;
    private final int retentionDays;
    private final Appended.@Nullable Source lake;
    private final Counter notCompared;

    /// @param writer of the log
    /// @param engineDone the cut up to which the engine has all; negative while that is not known,
    ///   [Long#MAX_VALUE] if it takes nothing from the log
    /// @param retentionDays for which the engine keeps all points
    /// @param lake null without one
    public Reconciliation(
            String writer,
            AdmittedBook book,
            Queries queries,
            LongSupplier engineDone,
            int retentionDays,
            Appended.@Nullable Source lake,
            OwnMetrics metrics) {
        this.writer = writer;
        this.book = book;
        this.queries = queries;
        this.engineDone = engineDone;
        this.retentionDays = retentionDays;
        this.lake = lake;
        this.notCompared =
                metrics.counter(
                        "firn_quality_cuts_not_reconciled",
                        "Cuts of the log that were not compared with the lake, because it no longer"
                                + " tells what came with them.");
    }

    /// Compares what came in since the last round; what differs, by plane.
    ///
    /// @param now seconds since 1970
    List<Finding> round(long now) throws InterruptedException {
        if (!book.tells(writer)) {
            return List.of();
        }
        long counted = book.counted(writer);
        long compared = engine(counted, now);
        if (lake != null) {
            try {
                compared = Math.min(compared, lake(lake, counted, now));
            } catch (WorldException e) {
                LOG.debug("the lake does not say what it has; asking again later", e);
                compared = 0;
            }
        }
        book.forget(writer, compared, now - TOLD_SECONDS);
        return findings(book.differences(writer));
    }

    private long engine(long counted, long now) throws InterruptedException {
        long done = engineDone.getAsLong();
        if (done == Long.MAX_VALUE) {
            return counted;
        }
        long after = book.compared(writer, ENGINE);
        if (done < 0) {
            return after;
        }
        long border = Math.max(0, now / DAY + BORDER_DAYS - retentionDays);
        long to = Math.min(Math.min(done, counted), after + CUTS_MAX);
        boolean fresh = to > after;
        if (fresh) {
            book.compared(writer, ENGINE, to, inEngine(after, to, border, now));
        }
        var stretches = new TreeMap<Long, Difference>();
        for (Difference one : book.differences(writer)) {
            if (one.store().equals(ENGINE)
                    && one.lastCut() <= done
                    && !(fresh && one.firstCut() > after)) {
                stretches.putIfAbsent(one.firstCut(), one);
            }
        }
        for (Difference one : stretches.values()) {
            book.again(
                    writer,
                    ENGINE,
                    one.firstCut(),
                    inEngine(one.firstCut() - 1, one.lastCut(), border, one.since()));
        }
        return Math.max(after, to);
    }

    /// Cut by cut first; where some differ, those from the first to the last by plane and day.
    private List<Difference> inEngine(long after, long to, long borderDay, long since)
            throws InterruptedException {
        Map<Long, Long> admitted = book.admittedByCut(writer, after, to, borderDay);
        Map<Long, Long> stored = new HashMap<>();
        Answer cuts = ask("count_admitted", parameters(after, to, borderDay));
        for (int row = 0; row < cuts.size(); row++) {
            stored.put(cuts.number(row, 0), cuts.number(row, 1));
        }
        var wrong = new TreeSet<>(admitted.keySet());
        wrong.addAll(stored.keySet());
        wrong.removeIf(cut -> Objects.equals(admitted.get(cut), stored.get(cut)));
        if (wrong.isEmpty()) {
            return List.of();
        }
        long first = wrong.first();
        long last = wrong.last();
        Map<Place, Long> expected = book.admitted(writer, first - 1, last);
        expected.keySet().removeIf(place -> place.day() < borderDay);
        Answer days = ask("count_admitted_days", parameters(first - 1, last, borderDay));
        var has = new HashMap<Place, Long>();
        for (int row = 0; row < days.size(); row++) {
            has.put(new Place(days.text(row, 0), days.number(row, 1)), days.number(row, 2));
        }
        return differences(ENGINE, first, last, expected, has, since);
    }

    private Map<String, String> parameters(long after, long to, long borderDay) {
        return Map.of(
                "writer",
                writer,
                "after",
                Long.toString(after),
                "to",
                Long.toString(to),
                "border",
                Long.toString(borderDay * DAY));
    }

    private Answer ask(String file, Map<String, String> parameters) throws InterruptedException {
        return queries.ask(new Question("quality/" + file, parameters, UserClass.SCHEDULED, false));
    }

    private long lake(Appended.Source from, long counted, long now) {
        long after = book.compared(writer, LAKE);
        Appended since = from.since(writer, after);
        for (Appended.Rewrite one : since.rewrites()) {
            book.again(
                    writer,
                    AdmittedBook.COMPACTION,
                    one.snapshot(),
                    differences(
                            AdmittedBook.COMPACTION,
                            one.snapshot(),
                            one.snapshot(),
                            one.before(),
                            one.after(),
                            now));
        }
        var has = new HashMap<Place, Long>();
        long to = after;
        for (Commit one : since.commits()) {
            if (!one.beside() && one.cut() <= counted) {
                to = Math.max(to, one.cut());
                one.rows().forEach((place, rows) -> has.merge(place, rows, Long::sum));
            }
        }
        if (to > after && since.whole()) {
            Map<Place, Long> admitted = book.admitted(writer, after, to);
            book.compared(
                    writer,
                    LAKE,
                    to,
                    differences(
                            LAKE,
                            after + 1,
                            to,
                            byPartition(admitted, has),
                            byPartition(has, has),
                            now));
        } else if (to > after) {
            notCompared.inc(to - after);
            book.compared(writer, LAKE, to, List.of());
        }
        for (Commit one : since.commits()) {
            if (one.beside() && one.cut() <= to) {
                book.cameIn(writer, LAKE, one.cut(), one.rows());
            }
        }
        return to;
    }

    /// Days in which planes share a partition are told as a whole: which they are is not known.
    private static Map<Place, Long> byPartition(Map<Place, Long> rows, Map<Place, Long> lake) {
        Set<Long> shared = new HashSet<>();
        for (Place one : lake.keySet()) {
            if (one.plane().equals(LakeAppends.OTHER)) {
                shared.add(one.day());
            }
        }
        return rows.entrySet().stream()
                .collect(
                        Collectors.toMap(
                                one ->
                                        shared.contains(one.getKey().day())
                                                ? new Place(LakeAppends.OTHER, one.getKey().day())
                                                : one.getKey(),
                                Map.Entry::getValue,
                                Long::sum));
    }

    private static List<Difference> differences(
            String store,
            long firstCut,
            long lastCut,
            Map<Place, Long> admitted,
            Map<Place, Long> stored,
            long since) {
        var places = new HashSet<>(admitted.keySet());
        places.addAll(stored.keySet());
        var differences = new ArrayList<Difference>();
        for (Place one : places) {
            long was = admitted.getOrDefault(one, 0L);
            long is = stored.getOrDefault(one, 0L);
            if (was != is) {
                differences.add(new Difference(store, firstCut, lastCut, one, was, is, since));
            }
        }
        return differences;
    }

    private static List<Finding> findings(Collection<Difference> differences) {
        var planes = new LinkedHashMap<String, List<Difference>>();
        for (Difference one : differences) {
            if (one.admitted() != one.stored()) {
                planes.computeIfAbsent(one.place().plane(), plane -> new ArrayList<>()).add(one);
            }
        }
        var findings = new ArrayList<Finding>();
        planes.forEach((plane, its) -> {
            long points =
                    its.stream().mapToLong(one -> Math.abs(one.stored() - one.admitted())).sum();
            findings.add(
                    new Finding(
                            Check.RECONCILIATION,
                            plane,
                            "",
                            "",
                            "",
                            points,
                            0,
                            0,
                            points,
                            its.stream()
                                    .limit(EVIDENCE_MAX)
                                    .map(Reconciliation::say)
                                    .collect(Collectors.joining("; "))));
        });
        return findings;
    }

    private static String say(Difference one) {
        long more = one.stored() - one.admitted();
        return "%s, points of %s, %s: %d of %d %s"
                .formatted(
                        one.store(),
                        LocalDate.ofEpochDay(one.place().day()),
                        one.store().equals(AdmittedBook.COMPACTION)
                                ? "snapshot " + one.firstCut()
                                : "cuts " + one.firstCut() + " to " + one.lastCut(),
                        Math.abs(more),
                        one.admitted(),
                        more < 0 ? "lost" : "too many");
    }
}
