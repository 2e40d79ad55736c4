package dev.firn.engine;

import static dev.firn.engine.RollupMark.DAY_SECONDS;
import static dev.firn.engine.RollupMark.HOUR_SECONDS;
import static dev.firn.engine.RollupMark.WINDOW_SECONDS;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.engine.RollupMark.By;
import dev.firn.model.Points;
import io.prometheus.metrics.core.metrics.Counter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Computes what marks speak of from stored points and rows: oldest day first, of some series or of
/// all, as much at a time as the engine's memory bears. Belongs to the worker of [Rollups].
final class RollupWork {
    /// Bounds the memory of one computation of marked series, windows times points in them, where
    /// all series' points of these windows are more than [#POINTS_MAX].
    private static final int WINDOWS_MAX = 30_000;

    private static final int SERIES_MAX = 20_000;

    /// The same of one of all series: points, and rows of shorter windows.
    private static final long POINTS_MAX = 1_000_000;

    private static final long ROWS_MAX = 500_000;
    private static final int RANGES_MAX = 1_000;

    /// An hour that is marked again and again is merged when it has been left alone for a while, or
    /// has waited for long.
    static final long HOUR_QUIET_NANOS = 15_000_000_000L;

    private static final long HOUR_WAIT_NANOS = 120_000_000_000L;

    private static final String ALL = "marked_by IN ('all', 'all next')";
    private static final String SERIES = "marked_by IN ('late', 'closed', 'next')";
    private static final String HOURS = "marked_by = 'hours'";

    private final EngineClient client;
    private final String database;
    private final RollupGate gate;
    private final RollupSql sql;
    private final RollupMarks marks;
    private final RollupFirsts firsts;
    private final Retention retention;
    private final Clock clock;
    private final Failpoint failpoint;
    private final Counter windows;
    private final Counter left;

    /// When an hour was marked first and last, by its start.
    private final Map<Long, long[]> marked = new HashMap<>();

    RollupWork(
            EngineClient client,
            Schema schema,
            RollupSql sql,
            RollupMarks marks,
            RollupFirsts firsts,
            Retention retention,
            Clock clock,
            OwnMetrics metrics,
            Failpoint failpoint) {
        this.client = client;
        this.database = schema.database();
        this.gate = schema.rollups();
        this.sql = sql;
        this.marks = marks;
        this.firsts = firsts;
        this.retention = retention;
        this.clock = clock;
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

    /// Marks hours to be merged anew.
    ///
    /// @param from start of the first, seconds
    /// @param to end of the last
    void markHours(long from, long to) throws InterruptedException {
        long now = clock.ticks();
        var fresh = new ArrayList<RollupMark>();
        for (long hour = from; hour < to; hour += HOUR_SECONDS) {
            long[] times = marked.get(hour);
            if (times == null) {
                fresh.add(RollupMark.all(Points.Kind.NUMBERS, hour, hour + HOUR_SECONDS, By.HOURS));
            } else {
                times[1] = now;
            }
        }
        if (!fresh.isEmpty()) {
            marks.write(fresh);
            fresh.forEach(mark -> marked.put(mark.from(), new long[] {now, now}));
        }
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
            long day = row.number(1);
            String own =
                    "kind = '%s' AND day = toDate(%d) AND version < %d"
                            .formatted(kind.table(), day, bound);
            boolean all = by.startsWith(By.ALL.label());
            if (all
                    ? computeAll(kind, day, own + " AND " + ALL, closed)
                    : computeSeries(kind, day, own + " AND " + SERIES, closed)) {
                return true;
            }
        }
        return mergeHours(closed, bound);
    }

    // ---- marked series

    private boolean computeSeries(RollupSql.Kind kind, long day, String own, long closed)
            throws InterruptedException {
        leaveExpired(day, own);
        List<EngineClient.Row> series = marks.series(own, SERIES_MAX);
        if (series.isEmpty()) {
            return false;
        }
        boolean sparse =
                series.size() > WINDOWS_MAX * WINDOW_SECONDS / DAY_SECONDS
                        && isSparse(kind, day * DAY_SECONDS, (day + 1) * DAY_SECONDS);
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

    /// Whether all points of a time are few enough for one computation.
    private boolean isSparse(RollupSql.Kind kind, long from, long to) throws InterruptedException {
        return points(kind, from, to).stream().mapToLong(row -> row.number(1)).sum() <= POINTS_MAX;
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
        if (!mayExpire(day)) {
            return;
        }
        String expired = own + " AND " + expired(day);
        long count =
                client.query(read("count_marks", Map.of("marks", expired))).getFirst().number(0);
        if (count > 0) {
            left.inc(count);
            marks.done(expired);
        }
    }

    private boolean mayExpire(long day) {
        return (day + retention.daysMin()) * DAY_SECONDS < clock.nanos() / 1_000_000_000L;
    }

    private String expired(long day) {
        return "(metric_id, series_id) IN (SELECT metric_id, series_id FROM "
                + database
                + ".series GROUP BY metric_id, series_id HAVING (min(retention_days) + "
                + day
                + ") * "
                + DAY_SECONDS
                + " < "
                + clock.nanos() / 1_000_000_000L
                + ")";
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
        run(sql.rollUp(kind, keys, from, to, gate.nextVersion()), "rollup_5m");
        firsts.noteRows(kind, keys, from, to);
        failpoint.reach("firsts noted");
        long hour = RollupMark.hour(from);
        long hourEnd = Math.min(hourUp(to), RollupMark.hour(closed));
        if (hour < hourEnd) {
            run(
                    sql.rollUp(
                            RollupSql.Longer.HOUR, keys, hour, hourEnd, gate.nextVersion(), true),
                    "rollup_1h");
        }
        long midnight = from - Math.floorMod(from, DAY_SECONDS);
        if (midnight + DAY_SECONDS <= closed) {
            run(
                    sql.rollUp(
                            RollupSql.Longer.DAY,
                            keys,
                            midnight,
                            midnight + DAY_SECONDS,
                            gate.nextVersion(),
                            true),
                    "rollup_1d");
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

    private boolean computeAll(RollupSql.Kind kind, long day, String own, long closed)
            throws InterruptedException {
        List<EngineClient.Row> ranges = marks.ranges(own, RANGES_MAX);
        if (ranges.isEmpty()) {
            return false;
        }
        long from = ranges.getFirst().number(0);
        long dayEnd = (day + 1) * DAY_SECONDS; // what is many points is divided below
        boolean sparse = isSparse(kind, from, dayEnd);
        long to = from;
        boolean alone = true;
        for (EngineClient.Row range : ranges) { // by their starts
            if (range.number(0) > to && !sparse || range.number(1) > dayEnd) {
                break;
            }
            to = Math.max(to, range.number(1));
            alone &= !range.text(2).equals(By.ALL.label());
        }
        String keys = sql.series(kind) + (mayExpire(day) ? " AND NOT (" + expired(day) + ")" : "");
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
        long end = Math.min(hourUp(to), RollupMark.hour(closed));
        if (RollupMark.hour(from) < end) {
            markHours(RollupMark.hour(from), end);
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
        for (String part : parts(keys, points, POINTS_MAX)) {
            run(sql.rollUp(kind, part, from, to, gate.nextVersion()), "rollup_5m");
        }
        firsts.noteRows(kind, keys, from, to);
        failpoint.reach("firsts noted");
    }

    /// Conditions that divide series into parts of about equal size.
    private static List<String> parts(String keys, long size, long sizeMax) {
        long parts = Math.max(1, (size + sizeMax - 1) / sizeMax);
        var conditions = new ArrayList<String>();
        for (long part = 0; part < parts; part++) {
            conditions.add(
                    parts == 1
                            ? keys
                            : keys + " AND intHash64(series_id) %% %d = %d".formatted(parts, part));
        }
        return conditions;
    }

    // ---- hours and days

    private boolean mergeHours(long closed, long bound) throws InterruptedException {
        String own = HOURS + " AND version < " + bound;
        var hours = marks.ranges(own, RANGES_MAX).stream().map(row -> row.number(0)).toList();
        var due = hours.stream().filter(this::isDue).toList();
        if (due.isEmpty()) {
            return false;
        }
        long day = Math.floorDiv(due.getFirst(), DAY_SECONDS);
        long midnight = day * DAY_SECONDS;
        var batch = due.stream().filter(hour -> Math.floorDiv(hour, DAY_SECONDS) == day).toList();
        for (long hour : batch) {
            merge(RollupSql.Longer.HOUR, "rollup_5m", hour, hour + HOUR_SECONDS);
        }
        long ofDay = hours.stream().filter(hour -> Math.floorDiv(hour, DAY_SECONDS) == day).count();
        if (ofDay == batch.size()
                && hours.size() < RANGES_MAX
                && midnight + DAY_SECONDS <= closed) {
            merge(RollupSql.Longer.DAY, "rollup_1h", midnight, midnight + DAY_SECONDS);
        }
        String done =
                batch.stream()
                        .map(hour -> "toDateTime(" + hour + ", 'UTC')")
                        .collect(Collectors.joining(", ", own + " AND from_window IN (", ")"));
        marks.done(done);
        batch.forEach(marked::remove);
        failpoint.reach("hours done");
        return true;
    }

    private boolean isDue(long hour) {
        long[] times = marked.get(hour);
        return times == null
                || clock.ticks() - times[1] >= HOUR_QUIET_NANOS
                || clock.ticks() - times[0] >= HOUR_WAIT_NANOS;
    }

    private void merge(RollupSql.Longer longer, String source, long from, long to)
            throws InterruptedException {
        EngineClient.Row counts =
                client.query(
                                read(
                                        "count_windows",
                                        Map.of(
                                                "table", source,
                                                "from", Long.toString(from),
                                                "to", Long.toString(to))))
                        .getFirst();
        if (counts.number(0) == 0) {
            return;
        }
        boolean emptied = counts.number(1) > 0;
        for (String part : parts("1", counts.number(0), ROWS_MAX)) {
            run(
                    sql.rollUp(longer, part, from, to, gate.nextVersion(), emptied),
                    longer == RollupSql.Longer.HOUR ? "rollup_1h" : "rollup_1d");
        }
    }

    private void run(List<String> statements, String step) throws InterruptedException {
        for (String statement : statements) {
            client.execute(statement);
            failpoint.reach(step);
        }
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
