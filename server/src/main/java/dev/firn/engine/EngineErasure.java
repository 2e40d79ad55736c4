package dev.firn.engine;

import dev.firn.base.WorldException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Deletes rows from the engine's tables, and from its kept results, for good. ClickHouse keeps the
/// parts from before for `old_parts_lifetime` (8 minutes), where no query sees them.
public final class EngineErasure {
    private final EngineClient client;
    private final Schema schema;
    private final @Nullable EngineFeed feed;

    /// @param feed who fills these tables; null if nobody does
    public EngineErasure(EngineClient client, Schema schema, @Nullable EngineFeed feed) {
        this.client = client;
        this.schema = schema;
        this.feed = feed;
    }

    private Map<String, String> parameters(Table table, String series, String rows) {
        return Map.of(
                "database",
                schema.database(),
                "table",
                table.label(),
                "series",
                series,
                "rows",
                rows);
    }

    /// Rows that would be deleted, by table.
    ///
    /// @param series condition over table `series`
    /// @param rows condition over the tables of points
    public Map<String, Long> count(String series, String rows) throws InterruptedException {
        var counts = new LinkedHashMap<String, Long>();
        for (Table table : Table.values()) {
            String sql = EngineSql.read("engine/count_erased", parameters(table, series, rows));
            counts.put(table.label(), client.query(sql).getFirst().number(0));
        }
        return counts;
    }

    /// Deletes them, between two rounds of who fills the tables: what it reads from the lake
    /// meanwhile could be older than the erasure. The sink's checkpoint must have passed all cuts
    /// that `rows` means: what is counted after a restart is newer.
    ///
    /// @return rows deleted, by table
    public Map<String, Long> deleteRows(String series, String rows, long timeoutMillis)
            throws InterruptedException {
        Map<String, Long> counts = count(series, rows);
        for (Table table : Table.values()) {
            if (counts.getOrDefault(table.label(), 0L) > 0) {
                delete(
                        EngineSql.read("engine/erase_rows", parameters(table, series, rows)),
                        timeoutMillis);
            }
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
