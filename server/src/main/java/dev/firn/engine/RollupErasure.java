package dev.firn.engine;

import dev.firn.base.WorldException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/// The part of an erasure that is about rollups. Rows of windows that the erased time touches are
/// deleted for good; what is left of their points is marked and computed anew, so that neither the
/// rows nor a later computation tells of what was erased. While it goes on nothing is rolled up.
///
/// A window of which points stay but have expired in the engine loses its row: nothing here could
/// say what it held beside.
final class RollupErasure {
    private static final long DAY_SECONDS = 86_400;
    private static final long PATIENCE_MILLIS = 1_000;

    /// Of a window, in 2106.
    private static final long LAST_SECOND = 0xffff_ffffL;

    /// Rollups by the length of their windows in seconds.
    private static final Map<String, Long> TABLES = new LinkedHashMap<>();

    static {
        TABLES.put("rollup_5m", 300L);
        TABLES.put("rollup_1h", 3_600L);
        TABLES.put("rollup_1d", DAY_SECONDS);
    }

    private final EngineClient client;
    private final Schema schema;

    RollupErasure(EngineClient client, Schema schema) {
        this.client = client;
        this.schema = schema;
    }

    /// Keeps the worker from rolling up; the one who erases unlocks it.
    ReentrantLock stopped() throws InterruptedException {
        ReentrantLock computing = schema.rollups().computing();
        computing.lockInterruptibly();
        return computing;
    }

    /// The same for who must not wait for one who erases, because that one waits for him.
    ///
    /// @throws WorldException if it does not rest soon
    ReentrantLock stoppedSoon() throws InterruptedException {
        ReentrantLock computing = schema.rollups().computing();
        if (!computing.tryLock(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
            throw new WorldException(
                    "cannot take points out of the engine: rollups are being computed, or rows"
                            + " erased; it is tried again");
        }
        return computing;
    }

    /// Rows that [#delete] would delete, by table.
    Map<String, Long> count(EngineErasure.Rows rows) throws InterruptedException {
        var counts = new LinkedHashMap<String, Long>();
        for (var table : TABLES.entrySet()) {
            var parameters = parameters(rows);
            parameters.put("table", table.getKey() + " FINAL");
            parameters.put("rows", touched(rows, table.getValue()));
            String sql = EngineSql.read("engine/count_erased", parameters);
            counts.put(table.getKey(), client.query(sql).getFirst().number(0));
        }
        return counts;
    }

    /// Marks what must be computed anew, before points go: windows of points that stay on the days
    /// concerned, and the first ones behind these, whose increase starts from what goes.
    void mark(EngineErasure.Rows rows) throws InterruptedException {
        long from = floor(rows.fromMillis());
        long to = ceiling(rows.toMillis());
        for (RollupSql.Kind kind : RollupSql.Kind.values()) {
            var parameters = parameters(rows);
            parameters.put("kind", kind.table());
            parameters.put("condition", rows.points());
            parameters.put("days", within(from, to));
            client.executeLong(EngineSql.read("engine/mark_erased", versioned(parameters)));
            if (to < LAST_SECOND) {
                parameters.put("to", Long.toString(to));
                parameters.put(
                        "keys",
                        "series_id IN (SELECT series_id FROM %s.series WHERE (%s) AND type IN (%s))"
                                .formatted(schema.database(), rows.series(), types(kind)));
                client.executeLong(EngineSql.read("engine/mark_next", versioned(parameters)));
            }
        }
        schema.rollups().noteMarks();
    }

    private static String types(RollupSql.Kind kind) {
        return switch (kind) {
            case SAMPLES -> "'gauge', 'sum'";
            case HISTOGRAMS -> "'histogram'";
            case EXPONENTIAL_HISTOGRAMS -> "'exponential_histogram'";
            case SUMMARIES -> "'summary'";
        };
    }

    private Map<String, String> versioned(Map<String, String> parameters) {
        parameters.put("version", Long.toString(schema.rollups().nextVersion()));
        return parameters;
    }

    /// Deletes the rows, after the points went.
    void delete(EngineErasure.Rows rows) throws InterruptedException {
        for (var table : TABLES.entrySet()) {
            var parameters = parameters(rows);
            parameters.put("table", table.getKey());
            parameters.put("rows", touched(rows, table.getValue()));
            client.executeLong(EngineSql.read("engine/erase_rows", parameters));
        }
        var parameters = parameters(rows);
        parameters.put("table", "firn_rollup_firsts");
        parameters.put("rows", touched(rows, 1));
        client.executeLong(EngineSql.read("engine/erase_rows", parameters));
    }

    private Map<String, String> parameters(EngineErasure.Rows rows) {
        var parameters = new HashMap<String, String>();
        parameters.put("database", schema.database());
        parameters.put("series", rows.series());
        return parameters;
    }

    private static String touched(EngineErasure.Rows rows, long windowSeconds) {
        long from = Math.floorDiv(rows.fromMillis(), 1_000) - windowSeconds + 1;
        return within(from, Math.ceilDiv(rows.toMillis(), 1_000));
    }

    /// Condition on `time`, by seconds since 1970.
    private static String within(long from, long to) {
        return "toUnixTimestamp(toDateTime(time, 'UTC')) >= toInt64('%d') AND toUnixTimestamp(toDateTime(time, 'UTC')) < toInt64('%d')"
                .formatted(from, to);
    }

    private static long floor(long millis) {
        return Math.floorDiv(Math.floorDiv(millis, 1_000), DAY_SECONDS) * DAY_SECONDS;
    }

    private static long ceiling(long millis) {
        return Math.ceilDiv(Math.ceilDiv(millis, 1_000), DAY_SECONDS) * DAY_SECONDS;
    }
}
