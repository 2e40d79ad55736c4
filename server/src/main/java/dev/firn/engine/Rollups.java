package dev.firn.engine;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.base.Throttle;
import dev.firn.base.Worker;
import dev.firn.config.RollupConfig;
import dev.firn.engine.RollupFirsts.First;
import dev.firn.engine.RollupMark.By;
import dev.firn.engine.RollupWindows.Stored;
import dev.firn.engine.RollupWindows.Taken;
import dev.firn.model.Points;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the rollups: writes rows of windows that the process has seen whole ([RollupWindows]),
/// closes windows, and lets [RollupWork] compute what marks speak of. Every step may be repeated,
/// so that an end at any moment leaves marks behind and no harm. Runs on one [Worker] beside the
/// sink.
public final class Rollups implements Worker.Duty {
    private static final Logger LOG = LoggerFactory.getLogger(Rollups.class);
    private static final long LOG_SECONDS = 30;
    private static final long IDLE_MILLIS = 1_000;
    private static final long PAUSE_MILLIS_MAX = 10_000;
    private static final long SECOND = 1_000_000_000L;

    /// Rows of closed windows are written so often.
    static final long FLUSH_NANOS = 10 * SECOND;

    private static final long LOOK_NANOS_MAX = 60 * SECOND;

    /// More rows than this are written at once.
    private static final int PENDING_MAX = 200_000;

    private static final int OPEN_MARKS_MAX = 10_000_000;
    private static final int BLOCK_ROWS_MAX = 100_000;

    /// Points that are this much in the future when the process begins are looked at by series.
    private static final long AHEAD_SECONDS = 900;

    private static final int LATER_SERIES_MAX = 10_000;

    /// Part of the heap for the windows of each kind.
    private static final int HEAP_PART = 16;

    private final EngineClient client;
    private final Schema schema;
    private final String database;
    private final RollupGate gate;
    private final RollupConfig options;
    private final Clock clock;
    private final Failpoint failpoint;
    private final RollupSql sql;
    private final RollupMarks marks;
    private final RollupWork work;
    private final RollupHours hours;
    private final RollupWindows windows;
    private final RollupFirsts firsts;
    private final Throttle failureLog;
    private final Counter rows;
    private final Gauge marksGauge;
    private final Deque<Taken> unwritten = new ArrayDeque<>();
    private boolean started;

    /// When the oldest mark was written, seconds since 1970; 0: there is none.
    private volatile long oldestMarkSeconds;

    /// Since when windows wait to be closed, seconds since 1970; 0: none does.
    private volatile long dueSinceSeconds;

    private long closed; // seconds since 1970
    private final List<First> unnoted = new ArrayList<>();
    private long flushTicks;
    private long lookedTicks;
    private boolean flushed; // the gauges want to be set
    private boolean pointMarksLeft = true; // that stored points are computed for
    private boolean marksLeft = true;
    private long bound;

    /// @param retention that points are stored with
    /// @param failpoint [Failpoint#NONE] outside tests
    public Rollups(
            EngineClient client,
            Schema schema,
            RollupConfig options,
            Retention retention,
            Clock clock,
            OwnMetrics metrics,
            Failpoint failpoint) {
        this.client = client;
        this.schema = schema;
        this.database = schema.database();
        this.gate = schema.rollups();
        this.options = options;
        this.clock = clock;
        this.failpoint = failpoint;
        this.failureLog = new Throttle(clock, LOG_SECONDS);
        long ageMaxMillis = options.firstPointAgeMaxNanos() / 1_000_000;
        this.sql = RollupSql.of(database, options);
        this.marks = new RollupMarks(client, database, gate, clock);
        long heapPart = Runtime.getRuntime().maxMemory() / HEAP_PART;
        this.windows =
                new RollupWindows(
                        schema.precision(),
                        ageMaxMillis,
                        (int) Math.clamp(heapPart / OpenWindows.CELL_BYTES, 10_000, 100_000_000));
        this.firsts = new RollupFirsts(client, schema, marks, windows, ageMaxMillis);
        var expired = new ExpiredSeries(database, retention, clock);
        var statements = new RollupStatements(client::execute, clock, metrics, failpoint);
        this.hours =
                new RollupHours(client, schema, sql, marks, statements, expired, clock, failpoint);
        this.work =
                new RollupWork(
                        client,
                        schema,
                        sql,
                        marks,
                        firsts,
                        hours,
                        statements,
                        expired,
                        metrics,
                        failpoint);
        this.flushTicks = clock.ticks();
        this.lookedTicks = clock.ticks();
        this.rows =
                metrics.counter(
                        "firn_rollup_rows",
                        "Rows of windows of 5 minutes that were written without reading points"
                                + " back.");
        this.marksGauge =
                metrics.gauge("firn_rollup_marks", "Marks that wait for their computation.");
        metrics.gauge(
                "firn_rollup_lag_seconds",
                "For how long the oldest mark has been waiting for its computation, or a window that"
                        + " has ended to be written.",
                this::lagSeconds);
        metrics.gauge(
                "firn_rollup_series",
                "Series whose newest window is kept in memory.",
                windows::size);
        metrics.gauge(
                "firn_rollup_memory_bytes",
                "Memory of those windows, without buckets of histograms.",
                windows::bytes);
    }

    /// Makes ready: views, and what is closed. Before the sink's first cut.
    public void open() throws InterruptedException {
        for (String view : sql.views()) {
            client.execute(view);
        }
        var state = client.query(read("read_rollup_state", Map.of())).getFirst();
        gate.startVersions(state.number(1));
        closed = state.number(0);
        if (gate.windows() == null) {
            adoptOpen();
            gate.between(() -> {
                gate.begin(windows);
                look();
                return windows;
            });
        }
        // From the start all points of closed windows get marks.
        gate.close(Math.max(closed, closeable()));
        gate.noteMarks();
        started = true;
    }

    /// What an earlier process had in its memory is computed from stored points.
    private void adoptOpen() throws InterruptedException {
        String open = "marked_by = '" + By.OPEN.label() + "'";
        long now = clock.nanos() / SECOND;
        var left = new ArrayList<RollupMark>();
        for (EngineClient.Row row : marks.ranges(open, OPEN_MARKS_MAX)) {
            RollupSql.Kind kind = RollupSql.Kind.named(row.text(3));
            long to = Math.min(row.number(1), RollupMark.hour(now) + RollupMark.HOUR_SECONDS);
            left.add(RollupMark.all(kind.points(), row.number(0), to, By.ALL));
        }
        if (!left.isEmpty()) {
            marks.write(left);
            failpoint.reach("open marks adopted");
            marks.done(open);
        }
    }

    /// Finds out what is stored, between two cuts.
    private void look() throws InterruptedException {
        long ahead = (clock.nanos() + AHEAD_SECONDS * SECOND) / schema.precision().unitNanos();
        var newest = new EnumMap<Points.Kind, Long>(Points.Kind.class);
        for (RollupSql.Kind kind : RollupSql.Kind.values()) {
            var parameters = Map.of("table", kind.table(), "unit", schema.precision().unitName());
            long time = client.query(read("read_newest_time", parameters)).getFirst().number(1);
            newest.put(kind.points(), time);
            if (time > ahead && look(kind, ahead)) {
                newest.put(kind.points(), ahead);
            }
        }
        windows.begin(newest);
    }

    private boolean look(RollupSql.Kind kind, long after) throws InterruptedException {
        var parameters =
                Map.of(
                        "table", kind.table(),
                        "unit", schema.precision().unitName(),
                        "after", Long.toString(after),
                        "limit", Integer.toString(LATER_SERIES_MAX + 1));
        var series = client.query(read("read_later_series", parameters));
        if (series.size() > LATER_SERIES_MAX) {
            return false;
        }
        for (EngineClient.Row row : series) {
            windows.beginLater(
                    kind.points(), (int) row.number(0), row.number(1), row.number(2), after);
        }
        return true;
    }

    /// One round: closes windows that are due, writes rows, and computes a batch of marked ones.
    @Override
    public void run() throws InterruptedException {
        long begin = clock.ticks();
        if (dueSinceSeconds == 0 && closeable() > closed) {
            dueSinceSeconds = seconds();
        }
        boolean busyRound;
        gate.computing().lockInterruptibly();
        try {
            busyRound = step();
        } catch (EngineException e) {
            started = false; // it may come back as another
            failed(e);
            return;
        } finally {
            gate.computing().unlock();
        }
        if (busyRound) {
            long busy = (clock.ticks() - begin) / 1_000_000;
            double idle = busy * (1 - options.cpu()) / options.cpu();
            Thread.sleep((long) Math.min(idle, PAUSE_MILLIS_MAX));
        } else {
            Thread.sleep(IDLE_MILLIS);
        }
    }

    private void failed(EngineException e) throws InterruptedException {
        long dropped = failureLog.permit();
        if (dropped >= 0) {
            LOG.warn(
                    "rollups wait and are tried again ({} such messages dropped): {}",
                    dropped,
                    e.getMessage());
        }
        Thread.sleep(IDLE_MILLIS);
    }

    /// @return whether there was something to do
    boolean step() throws InterruptedException {
        if (!started) {
            open();
        }
        if (gate.between(windows::blind)) {
            lookAgain();
        }
        writeTaken();
        lookAtFirsts();
        long due = closeable();
        if (due > closed) {
            closeWindows(due);
        }
        flushIfDue();
        return workOff();
    }

    /// Whether nothing is left to do, and nothing in memory that closed windows need.
    boolean idle() throws InterruptedException {
        return started
                && unwritten.isEmpty()
                && closeable() <= closed
                && !marksLeft
                && !pointMarksLeft
                && unnoted.isEmpty()
                && firsts.idle()
                && gate.between(() -> !windows.hasOpenMarks());
    }

    private long closeable() {
        return RollupMark.window((clock.nanos() - options.graceNanos()) / SECOND);
    }

    /// The windows in memory were forgotten: their marks mean stored points.
    private void lookAgain() throws InterruptedException {
        List<Stored> left =
                gate.between(() -> {
                    look();
                    return windows.takeOpen();
                });
        // Rows that wait may tell of what was deleted.
        var late = new ArrayList<RollupMark>();
        unwritten.forEach(taken -> {
            late.addAll(taken.marks());
            left.addAll(taken.done());
        });
        unwritten.clear();
        unwritten.add(new Taken(List.of(), late, List.of()));
        var all = new ArrayList<RollupMark>();
        for (Stored one : left) {
            RollupMark mark = one.mark();
            all.add(RollupMark.all(mark.kind(), mark.from(), mark.to(), By.ALL));
        }
        unwritten.add(new Taken(List.of(), all, left));
        writeTaken();
    }

    /// New ones at once, because windows that are open show them; what late points may have changed
    /// once the rest is done, or after a while.
    private void lookAtFirsts() throws InterruptedException {
        unnoted.addAll(gate.between(windows::takeFirsts));
        firsts.again(gate.between(windows::takeBehind));
        if (!unnoted.isEmpty()) {
            firsts.note(unnoted);
            failpoint.reach("firsts noted");
            unnoted.clear();
        }
        long waited = clock.ticks() - lookedTicks;
        if (waited >= FLUSH_NANOS && !pointMarksLeft || waited >= LOOK_NANOS_MAX) {
            firsts.look();
            failpoint.reach("firsts looked at");
            lookedTicks = clock.ticks();
        }
    }

    private void closeWindows(long to) throws InterruptedException {
        // Whoever comes later marks for himself.
        Taken taken =
                gate.between(() -> {
                    if (windows.cutOutstanding()) {
                        return Taken.NONE;
                    }
                    gate.close(to);
                    windows.retire(to, minute());
                    return windows.takeClosed(to);
                });
        if (taken == Taken.NONE) {
            return;
        }
        failpoint.reach("closed");
        unwritten.add(taken);
        unwritten.add(new Taken(List.of(), unseen(to), List.of()));
        writeTaken();
        long hour = RollupMark.hour(to);
        if (hour > closed) {
            markClosedHours(hour);
        }
        failpoint.reach("hours marked");
        firsts.again(closed); // within open windows points come in any order
        execute("record_rollup_state", Map.of("to", Long.toString(to), "version", version()));
        failpoint.reach("state recorded");
        closed = to;
        dueSinceSeconds = 0;
        gate.between(() -> windows.forgetLater(to));
    }

    /// Windows that were closed now and have points from before this process.
    private List<RollupMark> unseen(long to) throws InterruptedException {
        var unseen = new ArrayList<>(gate.between(() -> windows.unseen(closed, to)));
        for (RollupSql.Kind kind : RollupSql.Kind.values()) {
            long horizon = gate.between(() -> windows.horizonSeconds(kind.points()));
            if (horizon >= closed && horizon > 0) {
                var parameters =
                        Map.of("table", kind.table(), "unit", schema.precision().unitName());
                var times = client.query(read("read_newest_time", parameters)).getFirst();
                long earliest = times.number(0) * schema.precision().unitNanos() / SECOND;
                long from = Math.max(closed, RollupMark.window(earliest));
                long end = Math.min(to, RollupMark.window(horizon) + RollupMark.WINDOW_SECONDS);
                if (from < end) {
                    unseen.add(RollupMark.all(kind.points(), from, end, By.ALL));
                }
            }
        }
        return unseen;
    }

    /// Hours that have ended since windows were closed last; those before the earliest row have
    /// nothing.
    private void markClosedHours(long to) throws InterruptedException {
        var first = client.query(read("read_first_window", Map.of())).getFirst();
        long from = Math.max(RollupMark.hour(closed), RollupMark.hour(first.number(0)));
        if (first.number(1) > 0 && from < to) {
            hours.mark(from, to);
        }
    }

    private void flushIfDue() throws InterruptedException {
        boolean full = clock.ticks() - flushTicks >= FLUSH_NANOS;
        Taken taken =
                gate.between(() -> {
                    pointMarksLeft |= gate.takeMarksWritten();
                    // What was marked before has its points, and all rows that the marks may
                    // be about are on their way.
                    bound = gate.nextVersion();
                    if (full && windows.hasOpenMarks() && !windows.cutOutstanding()) {
                        return windows.takeClosed(closed);
                    }
                    return full || pointMarksLeft || windows.pendingRows() > PENDING_MAX
                            ? windows.takeFinished()
                            : Taken.NONE;
                });
        if (full) {
            flushTicks = clock.ticks();
            flushed = true;
        }
        unwritten.add(taken);
        writeTaken();
    }

    /// Rows first, then marks of what they do not say, then the end of the marks that they were
    /// written for.
    private void writeTaken() throws InterruptedException {
        while (!unwritten.isEmpty()) {
            write(unwritten.getFirst());
            unwritten.removeFirst();
        }
    }

    private void write(Taken taken) throws InterruptedException {
        long first = Long.MAX_VALUE;
        long last = Long.MIN_VALUE;
        for (RollupRows some : taken.rows()) {
            long version = gate.nextVersion();
            for (int[] month : some.months()) {
                for (int from = 0; from < month.length; from += BLOCK_ROWS_MAX) {
                    int to = Math.min(month.length, from + BLOCK_ROWS_MAX);
                    client.insert(
                            database + ".rollup_5m",
                            some.columns(),
                            some.block(month, from, to, schema.precision(), version),
                            "firn-rollup-" + gate.nextVersion());
                    failpoint.reach("rows written");
                }
            }
            rows.inc(some.size());
            for (int row = 0; row < some.size(); row++) {
                first = Math.min(first, some.window(row));
                last = Math.max(last, some.window(row));
            }
        }
        if (!taken.marks().isEmpty()) {
            marks.write(taken.marks());
            failpoint.reach("marks written");
        }
        long hourEnd = RollupMark.hour(closed);
        if (first < hourEnd) {
            hours.mark(
                    RollupMark.hour(first),
                    Math.min(hourEnd, RollupMark.hour(last) + RollupMark.HOUR_SECONDS));
        }
        marks.delete(taken.done());
        failpoint.reach("open marks done");
    }

    private boolean workOff() throws InterruptedException {
        if (!marksLeft && !pointMarksLeft && !flushed) {
            return false;
        }
        flushed = false;
        List<EngineClient.Row> summary = marks.summary();
        marksGauge.set(summary.stream().mapToLong(row -> row.number(3)).sum());
        oldestMarkSeconds = summary.stream().mapToLong(row -> row.number(4)).min().orElse(0);
        marksLeft = summary.stream().anyMatch(row -> !row.text(2).equals(By.OPEN.label()));
        pointMarksLeft =
                summary.stream()
                        .map(row -> row.text(2))
                        .anyMatch(
                                by -> !by.equals(By.OPEN.label()) && !by.equals(By.HOURS.label()));
        return marksLeft && work.step(summary, closed, bound);
    }

    /// Goes on growing while the engine is away.
    private double lagSeconds() {
        return Math.max(waited(oldestMarkSeconds), waited(dueSinceSeconds));
    }

    private long waited(long since) {
        return since == 0 ? 0 : Math.max(0, seconds() - since);
    }

    private long seconds() {
        return clock.millis() / 1_000;
    }

    private long minute() {
        return clock.ticks() / (60 * SECOND);
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
