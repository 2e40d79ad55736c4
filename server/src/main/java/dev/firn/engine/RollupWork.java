package dev.firn.engine;

import static dev.firn.engine.RollupMark.DAY_SECONDS;
import static dev.firn.engine.RollupMark.HOUR_SECONDS;
import static dev.firn.engine.RollupMark.WINDOW_SECONDS;

import dev.firn.base.OwnMetrics;
import dev.firn.engine.RollupMark.By;
import io.prometheus.metrics.core.metrics.Counter;
import java.util.List;
import java.util.Map;

/// Computes what marks speak of from stored points and rows: oldest day first, of some series or of
/// all, as much at a time as the engine's memory bears. Belongs to the worker of [Rollups].
final class RollupWork {
    /// Bounds the memory of one computation of marked series, windows times points in them, where
    /// all series' points of a day are more than [#POINTS_MAX].
    private static final int WINDOWS_MAX = 30_000;

    private static final int SERIES_MAX = 20_000;

    /// Points of one of all series.
    private static final long POINTS_MAX = 1_000_000;

    /// The same of several days, where nearly each point makes a row.
    private static final long SPARSE_POINTS_MAX = 250_000;

    private static final int RANGES_MAX = 1_000;

    /// Days that are looked at together at most: rows of more would lie in too many partitions.
    private static final int DAYS_MAX = 32;

    private static final String ALL = "marked_by IN ('all', 'all next')";
    private static final String SERIES = "marked_by IN ('late', 'closed', 'next')";

    private final EngineClient client;
    private final String database;
    private final RollupGate gate;
    private final RollupSql sql;
    private final RollupMarks marks;
    private final RollupFirsts firsts;
    private final ExpiredSeries expired;
    private final RollupHours hours;
    private final RollupStatements statements;
    private final Failpoint failpoint;
    private final Counter windows;
    private final Counter left;

    RollupWork(
            EngineClient client,
            Schema schema,
            RollupSql sql,
            RollupMarks marks,
            RollupFirsts firsts,
            RollupHours hours,
            RollupStatements statements,
            ExpiredSeries expired,
            OwnMetrics metrics,
            Failpoint failpoint) {
        this.client = client;
        this.database = schema.database();
        this.gate = schema.rollups();
        this.sql = sql;
        this.marks = marks;
        this.firsts = firsts;
        this.hours = hours;
        this.statements = statements;
        this.expired = expired;
        this.failpoint = failpoint;
        this.windows =
                metrics.counter(
                        "firn_rollup_windows",
                        "Windows of 5 minutes of marked series that were computed from stored"
                                + " points, at most.");
        this.left =
                metrics.counter(
                        "firn_rollup_windows_left",
                        "Marked windows left as they are because points of theirs have expired.");
    }

    /// Does a part of the work.
    ///
    /// @param summary of the marks
    /// @param closed up to where windows are closed, seconds
    /// @param bound marks of lower versions have their points stored
    /// @return whether there was something to do
    boolean step(List<EngineClient.Row> summary, long closed, long bound)
            throws InterruptedException {
        for (EngineClient.Row row : summary) { // by day, then "all" before the others
            String by = row.text(2);
            if (by.equals(By.OPEN.label()) || by.equals(By.HOURS.label())) {
                continue;
            }
            RollupSql.Kind kind = RollupSql.Kind.named(row.text(0));
            boolean all = by.startsWith(By.ALL.label());
            if (all
                    ? computeAll(kind, row.number(1), bound, closed)
                    : computeSeries(kind, row.number(1), several(summary, row), bound, closed)) {
                return true;
            }
        }
        return hours.step(closed, bound);
    }

    /// Whether series have marks of another of the next days, too.
    private static boolean several(List<EngineClient.Row> summary, EngineClient.Row of) {
        return summary.stream()
                .anyMatch(row ->
                        row.text(0).equals(of.text(0))
                                && row.text(2).equals(of.text(2))
                                && row.number(1) > of.number(1)
                                && row.number(1) < of.number(1) + DAYS_MAX);
    }

    /// A condition on marks of a kind and of days.
    private static String own(RollupSql.Kind kind, long day, long endDay, long bound, String by) {
        return "kind = '%s' AND day >= toDate(%d) AND day < toDate(%d) AND version < %d AND %s"
                .formatted(kind.table(), day, endDay, bound, by);
    }

    /// Up to where all points from a day on are few enough for one computation: the end of a day,
    /// or this day itself if its own are more. Days are taken apart where points may have expired.
    ///
    /// @param ofDay so many are few enough of this day alone
    private long sparseUntil(RollupSql.Kind kind, long day, long ofDay)
            throws InterruptedException {
        long until = day;
        long points = 0;
        for (long days = 1; days <= (expired.mayBe(day) ? 1 : DAYS_MAX); days *= 2) {
            points += count(points(kind, until * DAY_SECONDS, (day + days) * DAY_SECONDS));
            if (points > (days == 1 ? ofDay : SPARSE_POINTS_MAX)) {
                break;
            }
            until = day + days;
        }
        return until;
    }

    private static long count(List<EngineClient.Row> points) {
        return points.stream().mapToLong(row -> row.number(1)).sum();
    }

    // ---- marked series

    private boolean computeSeries(
            RollupSql.Kind kind, long day, boolean several, long bound, long closed)
            throws InterruptedException {
        String own = own(kind, day, day + 1, bound, SERIES);
        leaveExpired(day, own);
        List<EngineClient.Row> series = marks.series(own, SERIES_MAX);
        if (series.isEmpty()) {
            return false;
        }
        boolean sparse = false;
        if (several || series.size() > WINDOWS_MAX * WINDOW_SECONDS / DAY_SECONDS) {
            long until = sparseUntil(kind, day, POINTS_MAX);
            sparse = until > day;
            if (until > day + 1) {
                own = own(kind, day, until, bound, SERIES);
                series = marks.series(own, SERIES_MAX);
            }
        }
        long from = Long.MAX_VALUE;
        long to = 0;
        int size = 0;
        for (EngineClient.Row row : series) {
            long low = Math.min(from, row.number(2));
            long high = Math.max(to, row.number(3));
            if (!sparse && size > 0 && (high - low) / WINDOW_SECONDS * (size + 1) > WINDOWS_MAX) {
                break;
            }
            from = low;
            to = high;
            size++;
        }
        EngineClient.Row last = series.get(size - 1);
        String batch =
                own
                        + " AND (metric_id, series_id) <= (%s, %s)"
                                .formatted(last.text(0), last.text(1));
        computeSeries(kind, batch, from, to, closed);
        windows.inc((to - from) / WINDOW_SECONDS * size);
        return true;
    }

    /// Numbers of points by window.
    private List<EngineClient.Row> points(RollupSql.Kind kind, long from, long to)
            throws InterruptedException {
        return client.query(
                read(
                        "count_points",
                        Map.of(
                                "table", kind.table(),
                                "from", Long.toString(from),
                                "to", Long.toString(to))));
    }

    /// What remains of points that have begun to expire would make rows wrong.
    private void leaveExpired(long day, String own) throws InterruptedException {
        if (!expired.mayBe(day)) {
            return;
        }
        String gone = own + " AND " + expired.condition(day);
        long count = client.query(read("count_marks", Map.of("marks", gone))).getFirst().number(0);
        if (count > 0) {
            left.inc(count);
            marks.done(gone);
        }
    }

    private void computeSeries(RollupSql.Kind kind, String batch, long from, long to, long closed)
            throws InterruptedException {
        String keys = keys(batch);
        execute(
                "mark_next",
                Map.of(
                        "kind", kind.table(),
                        "keys", keys(batch + " AND marked_by != 'next'"),
                        "to", Long.toString(to),
                        "version", version()));
        failpoint.reach("next marked");
        rollUp(kind, keys, from, to);
        firsts.noteRows(kind, keys, from, to);
        failpoint.reach("firsts noted");
        long hour = RollupMark.hour(from);
        long hourEnd = Math.min(hourUp(to), RollupMark.hour(closed));
        if (hour < hourEnd) {
            rollUp(RollupSql.Longer.HOUR, keys, hour, hourEnd);
        }
        long midnight = Math.floorDiv(from, DAY_SECONDS) * DAY_SECONDS;
        long dayEnd = Math.min(Math.ceilDiv(to, DAY_SECONDS), Math.floorDiv(closed, DAY_SECONDS));
        if (midnight < dayEnd * DAY_SECONDS) {
            rollUp(RollupSql.Longer.DAY, keys, midnight, dayEnd * DAY_SECONDS);
        }
        marks.done(batch);
        failpoint.reach("marks done");
    }

    private static long hourUp(long seconds) {
        return RollupMark.hour(seconds + HOUR_SECONDS - 1);
    }

    private String keys(String batch) {
        return "(metric_id, series_id) IN (SELECT metric_id, series_id FROM "
                + database
                + ".firn_rollup_marks FINAL WHERE "
                + batch
                + ")";
    }

    // ---- all series

    private boolean computeAll(RollupSql.Kind kind, long day, long bound, long closed)
            throws InterruptedException {
        if (marks.ranges(own(kind, day, day + 1, bound, ALL), 1).isEmpty()) {
            return false;
        }
        long until = sparseUntil(kind, day, SPARSE_POINTS_MAX);
        boolean sparse = until > day;
        long end = sparse ? until : day + 1; // what is many points is divided below
        String own = own(kind, day, end, bound, ALL);
        List<EngineClient.Row> ranges = marks.ranges(own, RANGES_MAX);
        long from = ranges.getFirst().number(0);
        long to = from;
        boolean alone = true;
        for (EngineClient.Row range : ranges) { // by their starts
            if (range.number(0) > to && !sparse || range.number(1) > end * DAY_SECONDS) {
                break;
            }
            to = Math.max(to, range.number(1));
            alone &= !range.text(2).equals(By.ALL.label());
        }
        String keys = sql.series(kind) + " AND " + expired.others(day);
        if (!alone) {
            execute(
                    "mark_next_of_all",
                    Map.of(
                            "kind", kind.table(),
                            "keys", keys,
                            "from", Long.toString(from),
                            "to", Long.toString(to),
                            "version", version()));
            failpoint.reach("next marked");
        }
        computeAll(kind, keys, from, to);
        long hourEnd = Math.min(hourUp(to), RollupMark.hour(closed));
        if (RollupMark.hour(from) < hourEnd) {
            hours.mark(RollupMark.hour(from), hourEnd);
        }
        marks.done(
                own
                        + " AND from_window >= toDateTime(%d, 'UTC') AND to_window <= toDateTime(%d, 'UTC')"
                                .formatted(from, to));
        failpoint.reach("marks done");
        return true;
    }

    private void computeAll(RollupSql.Kind kind, String keys, long from, long to)
            throws InterruptedException {
        var counts = points(kind, from, to);
        long begin = from;
        long points = 0;
        for (EngineClient.Row row : counts) {
            if (points > 0 && points + row.number(1) > POINTS_MAX) {
                computeParts(kind, keys, begin, row.number(0), points);
                begin = row.number(0);
                points = 0;
            }
            points += row.number(1);
        }
        computeParts(kind, keys, begin, to, points);
    }

    private void computeParts(RollupSql.Kind kind, String keys, long from, long to, long points)
            throws InterruptedException {
        for (String part : RollupSql.parts(keys, points, POINTS_MAX)) {
            rollUp(kind, part, from, to);
        }
        firsts.noteRows(kind, keys, from, to);
        failpoint.reach("firsts noted");
    }

    private void rollUp(RollupSql.Kind kind, String keys, long from, long to)
            throws InterruptedException {
        statements.run(
                "rollup_5m",
                keys,
                from,
                to,
                WINDOW_SECONDS,
                (some, begin, end) -> sql.rollUp(kind, some, begin, end, gate.nextVersion()));
    }

    private void rollUp(RollupSql.Longer longer, String keys, long from, long to)
            throws InterruptedException {
        statements.run(
                longer.table(),
                keys,
                from,
                to,
                longer.seconds(),
                (some, begin, end) ->
                        sql.rollUp(longer, some, begin, end, gate.nextVersion(), true));
    }

    private String version() {
        return Long.toString(gate.nextVersion());
    }

    private void execute(String file, Map<String, String> own) throws InterruptedException {
        client.execute(read(file, own));
    }

    private String read(String file, Map<String, String> own) {
        return EngineSql.read("engine/" + file, database, own);
    }
}
