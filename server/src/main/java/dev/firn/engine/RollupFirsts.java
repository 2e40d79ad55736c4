package dev.firn.engine;

import static dev.firn.engine.RollupMark.DAY_SECONDS;

import dev.firn.model.Points;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// First points of series whose start is old. Nothing in the series says since when such a point
/// counts; but if its stream (resource, scope and metric) was being watched since that start, the
/// series is new there and the point counts in full: the first error of the day.
///
/// They stand in a table, `firn_rollup_firsts`. That one was watched is found out when it comes,
/// and again when points came late; then it is written down for good and its window computed anew,
/// by statements that read the table. Belongs to the worker of [Rollups].
final class RollupFirsts {
    /// Such a point; times in the engine's precision.
    record First(
            Points.Kind kind, int metricId, long id, long time, long start, int retentionDays) {}

    private static final long NEVER = Long.MAX_VALUE;

    /// As many rows of a day are found at once, as the statement says.
    private static final int FOUND_MAX = 10_000;

    private static final int DAYS_MAX = 1_000;
    private static final int ROWS_MAX = 10_000;

    private final EngineClient client;
    private final Schema schema;
    private final RollupMarks marks;
    private final RollupWindows windows;
    private final long ageMaxMillis;
    private long again = 0; // seconds; a process before may not have got to it

    /// @param ageMaxMillis `rollup.first_point_max_age`
    RollupFirsts(
            EngineClient client,
            Schema schema,
            RollupMarks marks,
            RollupWindows windows,
            long ageMaxMillis) {
        this.client = client;
        this.schema = schema;
        this.marks = marks;
        this.windows = windows;
        this.ageMaxMillis = ageMaxMillis;
    }

    /// Whether none is to be looked at.
    boolean idle() {
        return again == NEVER;
    }

    /// Those since then may turn out to have been watched: points came late.
    ///
    /// @param seconds since 1970
    void again(long seconds) {
        again = Math.min(again, seconds);
    }

    /// Notes what came, and looks at it.
    void note(List<First> firsts) throws InterruptedException {
        write(firsts, 0);
        long least = firsts.stream().mapToLong(First::time).min().orElse(0);
        lookSince(seconds(least));
    }

    /// Notes those that computed rows tell of.
    ///
    /// @param keys condition on (metric_id, series_id)
    /// @param from start of the first window, seconds
    /// @param to end of the last
    void noteRows(RollupSql.Kind kind, String keys, long from, long to)
            throws InterruptedException {
        client.execute(
                read(
                        "note_firsts",
                        Map.of(
                                "kind",
                                kind.table(),
                                "rows",
                                keys
                                        + " AND time >= toDateTime(%d, 'UTC') AND time < toDateTime(%d, 'UTC')"
                                                .formatted(from, to),
                                "age_max",
                                Long.toString(ageMaxMillis))));
        again(from);
    }

    /// Looks again where points came late.
    void look() throws InterruptedException {
        if (idle()) {
            return;
        }
        long since = again;
        again = NEVER;
        boolean done = false;
        try {
            lookSince(since);
            done = true;
        } finally {
            if (!done) {
                again(since);
            }
        }
    }

    private void lookSince(long since) throws InterruptedException {
        long from = Math.clamp(since, 0, RollupMark.WINDOWS_END);
        var days = client.query(read("read_unwatched_days", Map.of("from", Long.toString(from))));
        for (EngineClient.Row day : days) {
            RollupSql.Kind kind = RollupSql.Kind.named(day.text(0));
            long begin = day.number(1) * DAY_SECONDS;
            var parameters = new HashMap<String, String>();
            parameters.put("kind", kind.table());
            parameters.put("from", Long.toString(Math.max(begin, from)));
            parameters.put("to", Long.toString(begin + DAY_SECONDS));
            parameters.put("unit", schema.precision().unitName());
            parameters.put(
                    "usable",
                    "bitAnd(flags, 1) = 0"
                            + (kind == RollupSql.Kind.SAMPLES ? " AND isFinite(value)" : ""));
            // Nearly always the point before is one of the last minutes.
            for (String file : List.of("read_watched_by_points", "read_watched_by_rows")) {
                while (settle(kind, client.query(read(file, parameters)))) {}
            }
        }
        if (days.size() == DAYS_MAX) {
            again(days.getLast().number(1) * DAY_SECONDS);
        }
    }

    /// @return whether there may be more
    private boolean settle(RollupSql.Kind kind, List<EngineClient.Row> rows)
            throws InterruptedException {
        if (rows.isEmpty()) {
            return false;
        }
        var firsts = new ArrayList<First>();
        for (EngineClient.Row row : rows) {
            firsts.add(
                    new First(
                            kind.points(),
                            (int) row.number(0),
                            row.number(1),
                            row.number(2),
                            row.number(3),
                            (int) row.number(4)));
        }
        // Marks are worked off by this thread, hence after what is written below.
        Set<RollupMark> late = new HashSet<>();
        RollupGate gate = schema.rollups();
        int size =
                gate.between(() -> {
                    firsts.forEach(first -> windows.recount(first, gate.closedSeconds(), late));
                    return late.size();
                });
        if (size > 0) {
            marks.write(List.copyOf(late));
        }
        write(firsts, 1);
        return rows.size() == FOUND_MAX;
    }

    private void write(List<First> firsts, int watched) throws InterruptedException {
        for (int from = 0; from < firsts.size(); from += ROWS_MAX) {
            String rows =
                    firsts.subList(from, Math.min(firsts.size(), from + ROWS_MAX)).stream()
                            .map(first ->
                                    "('%s',%s,%d,%d,%d,%d,%d)"
                                            .formatted(
                                                    RollupSql.Kind.of(first.kind()).table(),
                                                    Integer.toUnsignedString(first.metricId()),
                                                    first.id(),
                                                    first.time(),
                                                    first.start(),
                                                    watched,
                                                    first.retentionDays()))
                            .collect(Collectors.joining(","));
            client.executeLong(read("write_firsts", Map.of("rows", rows)));
        }
    }

    private long seconds(long units) {
        return Math.floorDiv(units, 1_000_000_000L / schema.precision().unitNanos());
    }

    private String read(String file, Map<String, String> own) {
        return EngineSql.read("engine/" + file, schema.database(), own);
    }
}
