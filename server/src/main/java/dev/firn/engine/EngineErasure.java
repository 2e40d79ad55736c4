package dev.firn.engine;

import dev.firn.base.WorldException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Deletes rows from the engine's tables, its rollups and its kept results, for good. ClickHouse
/// keeps the parts from before for `old_parts_lifetime` (8 minutes), where no query sees them.
public final class EngineErasure {
    /// What is meant.
    ///
    /// @param series condition over table `series`
    /// @param points condition over the tables of points, `time` and cuts
    /// @param fromMillis the times that `points` means begin here, since 1970
    /// @param toMillis and end before this
    public record Rows(String series, String points, long fromMillis, long toMillis) {
        /// The year 2262, in milliseconds: all times that a point can have.
        public static final long EVER = Long.MAX_VALUE / 1_000_000;

        public Rows {
            fromMillis = Math.clamp(fromMillis, 0, EVER);
            toMillis = Math.clamp(toMillis, 0, EVER);
        }
    }

    private final EngineClient client;
    private final Schema schema;
    private final @Nullable EngineFeed feed;
    private final RollupErasure rollups;

    /// @param feed who fills these tables; null if nobody does
    public EngineErasure(EngineClient client, Schema schema, @Nullable EngineFeed feed) {
        this.client = client;
        this.schema = schema;
        this.feed = feed;
        this.rollups = new RollupErasure(client, schema);
    }

    private Map<String, String> parameters(Table table, Rows rows) {
        return Map.of(
                "database",
                schema.database(),
                "table",
                table.label(),
                "series",
                rows.series(),
                "rows",
                rows.points());
    }

    /// Rows that would be deleted, by table.
    public Map<String, Long> count(Rows rows) throws InterruptedException {
        var counts = new LinkedHashMap<String, Long>();
        for (Table table : Table.values()) {
            String sql = EngineSql.read("engine/count_erased", parameters(table, rows));
            counts.put(table.label(), client.query(sql).getFirst().number(0));
        }
        counts.putAll(rollups.count(rows));
        return counts;
    }

    /// Deletes them, between two rounds of who fills the tables: what it reads from the lake
    /// meanwhile could be older than the erasure. The sink's checkpoint must have passed all cuts
    /// that `rows` means: what is counted after a restart is newer.
    ///
    /// @return rows deleted, by table
    public Map<String, Long> deleteRows(Rows rows, long timeoutMillis) throws InterruptedException {
        Map<String, Long> counts = count(rows);
        ReentrantLock stopped = rollups.stopped();
        try {
            rollups.mark(rows);
            for (Table table : Table.values()) {
                if (counts.getOrDefault(table.label(), 0L) > 0) {
                    delete(
                            EngineSql.read("engine/erase_rows", parameters(table, rows)),
                            timeoutMillis);
                }
            }
            rollups.delete(rows);
        } finally {
            stopped.unlock();
        }
        client.execute(EngineSql.read("engine/drop_query_cache", Map.of()));
        return counts;
    }

    /// Deletes the rows of series without points. The sink then looks anew what there is.
    public void deleteSeries(String series, long timeoutMillis) throws InterruptedException {
        String sql =
                EngineSql.read(
                        "engine/erase_series",
                        Map.of("database", schema.database(), "series", series));
        delete(sql, timeoutMillis);
    }

    private void delete(String sql, long timeoutMillis) throws InterruptedException {
        if (feed == null) {
            client.execute(sql);
        } else if (!feed.delete(sql, timeoutMillis)) {
            throw new WorldException(
                    "cannot delete from the engine: who fills it did not come to it within "
                            + timeoutMillis / 1_000
                            + " s; ask again");
        }
    }
}
