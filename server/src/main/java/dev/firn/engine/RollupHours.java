package dev.firn.engine;

import static dev.firn.engine.RollupMark.DAY_SECONDS;
import static dev.firn.engine.RollupMark.HOUR_SECONDS;

import dev.firn.base.Clock;
import dev.firn.engine.RollupMark.By;
import dev.firn.model.Points;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Merges marked hours, and days of which all marked hours are merged, of all series. A statement
/// reads all rows of its months whatever hours it is about, hence as many hours in one as its
/// memory bears. Belongs to the worker of [Rollups].
final class RollupHours {
    /// An hour that is marked again and again is merged when it has been left alone for a while, or
    /// has waited for long.
    static final long HOUR_QUIET_NANOS = 15_000_000_000L;

    private static final long HOUR_WAIT_NANOS = 120_000_000_000L;

    /// Bounds the memory of one statement: rows of the shorter windows.
    private static final long ROWS_MAX = 500_000;

    private static final int HOURS_MAX = 1_000;

    /// Rows of more days would lie in too many partitions.
    private static final int DAYS_MAX = 32;

    private static final String HOURS = "marked_by = 'hours'";

    private final EngineClient client;
    private final String database;
    private final RollupGate gate;
    private final RollupSql sql;
    private final RollupMarks marks;
    private final RollupStatements statements;
    private final ExpiredSeries expired;
    private final Clock clock;
    private final Failpoint failpoint;

    /// When an hour was marked first and last, by its start.
    private final Map<Long, long[]> marked = new HashMap<>();

    RollupHours(
            EngineClient client,
            Schema schema,
            RollupSql sql,
            RollupMarks marks,
            RollupStatements statements,
            ExpiredSeries expired,
            Clock clock,
            Failpoint failpoint) {
        this.client = client;
        this.database = schema.database();
        this.gate = schema.rollups();
        this.sql = sql;
        this.marks = marks;
        this.statements = statements;
        this.expired = expired;
        this.clock = clock;
        this.failpoint = failpoint;
    }

    /// Marks hours to be merged anew.
    ///
    /// @param from start of the first, seconds
    /// @param to end of the last
    void mark(long from, long to) throws InterruptedException {
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

    /// Merges what is due of some days.
    ///
    /// @param closed up to where windows are closed, seconds
    /// @param bound marks of lower versions have their rows stored
    /// @return whether there was something to do
    boolean step(long closed, long bound) throws InterruptedException {
        String own = HOURS + " AND version < " + bound;
        List<Long> hours = marks.ranges(own, HOURS_MAX).stream().map(row -> row.number(0)).toList();
        if (hours.size() == HOURS_MAX) { // of the last day some may not have been read
            long day = day(hours.getLast());
            hours = hours.stream().filter(hour -> day(hour) < day).toList();
        }
        List<Long> due = hours.stream().filter(this::isDue).toList();
        if (due.isEmpty()) {
            return false;
        }
        Map<Long, Source> sources = sources(RollupSql.Longer.HOUR, due);
        List<Long> batch = daysOf(due, sources);
        merge(RollupSql.Longer.HOUR, batch, sources);
        Map<Long, Long> waiting = new TreeMap<>();
        hours.forEach(hour -> waiting.merge(day(hour) * DAY_SECONDS, 1L, Long::sum));
        batch.forEach(hour -> waiting.merge(day(hour) * DAY_SECONDS, -1L, Long::sum));
        List<Long> days =
                batch.stream()
                        .map(hour -> day(hour) * DAY_SECONDS)
                        .distinct()
                        .filter(day -> waiting.getOrDefault(day, 0L) == 0)
                        .filter(day -> day + DAY_SECONDS <= closed)
                        .toList();
        if (!days.isEmpty()) {
            merge(RollupSql.Longer.DAY, days, sources(RollupSql.Longer.DAY, days));
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

    private static long day(long seconds) {
        return Math.floorDiv(seconds, DAY_SECONDS);
    }

    /// The hours of the first days, until their rows are many.
    private static List<Long> daysOf(List<Long> hours, Map<Long, Source> sources) {
        long last = day(hours.getFirst());
        long rows = 0;
        for (Long hour : hours) {
            rows += sources.getOrDefault(hour, Source.NONE).rows();
            if (day(hour) >= day(hours.getFirst()) + DAYS_MAX || rows > ROWS_MAX) {
                break;
            }
            last = day(hour);
        }
        long end = last;
        return hours.stream().filter(hour -> day(hour) <= end).toList();
    }

    private boolean isDue(long hour) {
        long[] times = marked.get(hour);
        return times == null
                || clock.ticks() - times[1] >= HOUR_QUIET_NANOS
                || clock.ticks() - times[0] >= HOUR_WAIT_NANOS;
    }

    /// Rows of shorter windows that a longer one is merged from, replaced ones included.
    private record Source(long rows, long emptied) {
        static final Source NONE = new Source(0, 0);

        Source plus(Source other) {
            return new Source(rows + other.rows, emptied + other.emptied);
        }
    }

    /// By the start of the longer window, where there are any.
    private Map<Long, Source> sources(RollupSql.Longer longer, List<Long> windows)
            throws InterruptedException {
        var sources = new HashMap<Long, Source>();
        var parameters =
                Map.of(
                        "table", longer.source(),
                        "window", longer.window(),
                        "from", Long.toString(windows.getFirst()),
                        "to", Long.toString(windows.getLast() + longer.seconds()));
        for (EngineClient.Row row : client.query(read("count_windows", parameters))) {
            sources.put(row.number(0), new Source(row.number(1), row.number(2)));
        }
        return sources;
    }

    /// Merges as many windows at once as have few enough rows; a greater one by parts of its
    /// series.
    private void merge(RollupSql.Longer longer, List<Long> windows, Map<Long, Source> sources)
            throws InterruptedException {
        var some = new ArrayList<Long>();
        Source all = Source.NONE;
        for (Long window : windows) {
            Source its = sources.getOrDefault(window, Source.NONE);
            if (its.rows() == 0) {
                continue;
            }
            if (!some.isEmpty()
                    && (all.rows() + its.rows() > ROWS_MAX || isApart(some.getFirst(), window))) {
                merge(longer, some, all);
                some.clear();
                all = Source.NONE;
            }
            some.add(window);
            all = all.plus(its);
        }
        if (!some.isEmpty()) {
            merge(longer, some, all);
        }
    }

    /// Of which series points may have expired differs by the day.
    private boolean isApart(long first, long window) {
        return day(first) != day(window) && expired.mayBe(day(first));
    }

    private void merge(RollupSql.Longer longer, List<Long> windows, Source source)
            throws InterruptedException {
        long from = windows.getFirst();
        long to = windows.getLast() + longer.seconds();
        // Rows of 5 minutes expire with their points, those of an hour outlive them by far.
        String keys = longer == RollupSql.Longer.HOUR ? expired.others(day(from)) : "1";
        if (windows.size() < (to - from) / longer.seconds()) { // not those between
            keys +=
                    windows.stream()
                            .map(String::valueOf)
                            .collect(
                                    Collectors.joining(
                                            ", ",
                                            " AND toUnixTimestamp(%s(time)) IN ("
                                                    .formatted(longer.window()),
                                            ")"));
        }
        for (String part : RollupSql.parts(keys, source.rows(), ROWS_MAX)) {
            boolean emptied = source.emptied() > 0;
            statements.run(
                    longer.table(),
                    part,
                    from,
                    to,
                    longer.seconds(),
                    (some, begin, end) ->
                            sql.rollUp(longer, some, begin, end, gate.nextVersion(), emptied));
        }
    }

    private String read(String file, Map<String, String> own) {
        return EngineSql.read("engine/" + file, database, own);
    }
}
