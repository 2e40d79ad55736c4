package dev.firn.engine;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.base.Throttle;
import dev.firn.base.Worker;
import dev.firn.config.RollupConfig;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the rollups: closes windows, and computes marked ones anew, oldest day first, some series
/// at a time. Every step may be repeated, so that an end at any moment leaves marks behind and no
/// harm. Runs on one [Worker] beside the sink; what it computes with is one thread of the engine.
public final class Rollups implements Worker.Duty {
    private static final Logger LOG = LoggerFactory.getLogger(Rollups.class);
    private static final long LOG_SECONDS = 30;
    private static final long WINDOW_SECONDS = 300;
    private static final long DAY_SECONDS = 86_400;
    private static final long IDLE_MILLIS = 1_000;
    private static final long PAUSE_MILLIS_MAX = 10_000;

    /// Bounds the memory of one computation: windows of 5 minutes, times points in them.
    private static final int WINDOWS_MAX = 30_000;

    private static final int SERIES_MAX = 20_000;

    private final EngineClient client;
    private final String database;
    private final RollupGate gate;
    private final RollupConfig options;
    private final int retentionDays;
    private final Clock clock;
    private final Failpoint failpoint;
    private final RollupSql sql;
    private final Throttle failureLog;
    private final Counter windows;
    private final Counter left;
    private final Gauge marks;
    private final Gauge lag;
    private boolean started;
    private long closed; // seconds since 1970

    /// @param retentionDays that points are kept at least
    /// @param failpoint [Failpoint#NONE] outside tests
    public Rollups(
            EngineClient client,
            Schema schema,
            RollupConfig options,
            int retentionDays,
            Clock clock,
            OwnMetrics metrics,
            Failpoint failpoint) {
        this.client = client;
        this.database = schema.database();
        this.gate = schema.rollups();
        this.options = options;
        this.retentionDays = retentionDays;
        this.clock = clock;
        this.failpoint = failpoint;
        this.failureLog = new Throttle(clock, LOG_SECONDS);
        this.sql =
                new RollupSql(
                        database,
                        options.firstPointAgeMaxNanos() / 1_000_000,
                        options.keepHoursDays(),
                        options.keepDaysDays());
        this.windows =
                metrics.counter(
                        "firn_rollup_windows",
                        "Windows of 5 minutes of a series that were computed, at most.");
        this.left =
                metrics.counter(
                        "firn_rollup_windows_left",
                        "Marked windows left as they are because points of theirs have expired.");
        this.marks = metrics.gauge("firn_rollup_marks", "Marks that wait for their computation.");
        this.lag =
                metrics.gauge(
                        "firn_rollup_lag_seconds",
                        "For how long the oldest mark has been waiting for its computation.");
    }

    /// Makes ready: views, and what is closed. Before the sink's first cut.
    public void open() throws InterruptedException {
        for (String view : sql.views()) {
            client.execute(view);
        }
        var state = client.query(read("read_rollup_state", Map.of())).getFirst();
        gate.startVersions(state.number(1));
        closed = state.number(0);
        // From the start all points of closed windows get marks.
        gate.close(Math.max(closed, closeable()));
        started = true;
    }

    /// One round: closes windows that are due, and computes a batch of marked ones.
    @Override
    public void run() throws InterruptedException {
        long begin = clock.ticks();
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
        long due = closeable();
        if (due > closed) {
            closeWindows(due);
        }
        return computeMarked();
    }

    private long closeable() {
        long seconds = (clock.nanos() - options.graceNanos()) / 1_000_000_000L;
        return seconds - Math.floorMod(seconds, WINDOW_SECONDS);
    }

    /// Marks what was stored in the windows, whoever comes later marks for himself.
    private void closeWindows(long to) throws InterruptedException {
        gate.close(to);
        failpoint.reach("closed");
        for (RollupSql.Kind kind : RollupSql.Kind.values()) {
            execute(
                    "mark_points",
                    Map.of(
                            "kind", kind.table(),
                            "from", Long.toString(closed),
                            "to", Long.toString(to),
                            "version", version()));
            failpoint.reach("marked " + kind.table());
        }
        execute("record_rollup_state", Map.of("to", Long.toString(to), "version", version()));
        failpoint.reach("state recorded");
        closed = to;
    }

    private boolean computeMarked() throws InterruptedException {
        long version = gate.versionAfterCut();
        var days = client.query(read("read_marked_days", Map.of("version", "" + version)));
        marks.set(days.stream().mapToLong(row -> row.number(2)).sum());
        lag.set(days.stream().mapToLong(row -> row.number(3)).max().orElse(0));
        if (days.isEmpty()) {
            return false;
        }
        var first = days.getFirst();
        var kind = kind(first.text(0));
        long day = first.number(1);
        String marked =
                "kind = '%s' AND day = toDate(%d) AND version < %d"
                        .formatted(kind.table(), day, version);
        long border = clock.nanos() / 1_000_000_000L - retentionDays * DAY_SECONDS;
        if (day * DAY_SECONDS < border) {
            left.inc(first.number(2));
            done(marked);
        } else {
            compute(kind, day, marked);
        }
        return true;
    }

    private static RollupSql.Kind kind(String table) {
        for (RollupSql.Kind kind : RollupSql.Kind.values()) {
            if (kind.table().equals(table)) {
                return kind;
            }
        }
        throw new IllegalStateException("a mark is of kind \"" + table + "\"");
    }

    private void compute(RollupSql.Kind kind, long day, String marked) throws InterruptedException {
        List<EngineClient.Row> series =
                client.query(
                        read(
                                "read_marked_series",
                                Map.of("marks", marked, "limit", "" + SERIES_MAX)));
        long from = Long.MAX_VALUE;
        long to = 0;
        int size = 0;
        for (var row : series) {
            long low = Math.min(from, row.number(2));
            long high = Math.max(to, row.number(3));
            if (size > 0 && (high - low) / WINDOW_SECONDS * (size + 1) > WINDOWS_MAX) {
                break;
            }
            from = low;
            to = high;
            size++;
        }
        var last = series.get(size - 1);
        String batch =
                marked
                        + " AND (metric_id, series_id) <= (%s, %s)"
                                .formatted(last.text(0), last.text(1));
        compute(kind, day, batch, from, to);
        windows.inc((to - from) / WINDOW_SECONDS * size);
    }

    private void compute(RollupSql.Kind kind, long day, String batch, long from, long to)
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
        for (String statement : sql.rollUp(kind, keys, from, to, gate.nextVersion())) {
            client.execute(statement);
            failpoint.reach("rollup_5m");
        }
        long midnight = day * DAY_SECONDS;
        long hour = from - Math.floorMod(from, 3_600);
        long hourEnd = to + Math.floorMod(-to, 3_600);
        for (String statement :
                sql.rollUp(RollupSql.Longer.HOUR, keys, hour, hourEnd, gate.nextVersion())) {
            client.execute(statement);
            failpoint.reach("rollup_1h");
        }
        for (String statement :
                sql.rollUp(
                        RollupSql.Longer.DAY,
                        keys,
                        midnight,
                        midnight + DAY_SECONDS,
                        gate.nextVersion())) {
            client.execute(statement);
            failpoint.reach("rollup_1d");
        }
        done(batch);
    }

    private String keys(String batch) {
        return "(metric_id, series_id) IN (SELECT metric_id, series_id FROM "
                + database
                + ".firn_rollup_marks FINAL WHERE "
                + batch
                + ")";
    }

    private void done(String marks) throws InterruptedException {
        execute("mark_done", Map.of("marks", marks));
        failpoint.reach("marks done");
    }

    private String version() {
        return Long.toString(gate.nextVersion());
    }

    private void execute(String file, Map<String, String> own) throws InterruptedException {
        client.execute(read(file, own));
    }

    private String read(String file, Map<String, String> own) {
        var parameters = new HashMap<>(own);
        parameters.put("database", database);
        return EngineSql.read("engine/" + file, parameters);
    }
}
