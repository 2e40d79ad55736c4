package dev.firn.engine;

import java.util.HashMap;
import java.util.Map;

/// What the engine held of a writer's newer cuts when it was last asked: rows by (table, month,
/// shard, cut).
///
/// Rows that expire before `borderMillis` are in neither this count nor the expected one. A later
/// border therefore compares fewer rows, and a TTL merge cannot change what is compared. Retention
/// counts as `daysMax` at most: the least of what is in force and what rows were stored with, so
/// that a changed setting changes both sides alike.
final class StoredRows {
    private record Key(Table table, int month, int shard, long seq) {}

    private final long borderMillis;
    private final long daysMax;
    private final Map<Key, Long> rows = new HashMap<>();
    private long newest;

    StoredRows(long borderMillis, long daysMax) {
        this.borderMillis = borderMillis;
        this.daysMax = daysMax;
    }

    /// Counts a writer's rows after a cut, with one query a table.
    static StoredRows count(
            EngineClient client,
            Schema schema,
            String writer,
            long after,
            long borderMillis,
            Retention retention)
            throws InterruptedException {
        return count(client, schema, writer, after, -1, borderMillis, retention);
    }

    /// Counts the rows of one cut.
    static StoredRows countOne(
            EngineClient client,
            Schema schema,
            String writer,
            long seq,
            long borderMillis,
            Retention retention)
            throws InterruptedException {
        return count(client, schema, writer, seq - 1, seq, borderMillis, retention);
    }

    private static StoredRows count(
            EngineClient client,
            Schema schema,
            String writer,
            long after,
            long upTo,
            long borderMillis,
            Retention retention)
            throws InterruptedException {
        var parameters = new HashMap<String, String>();
        parameters.put("database", schema.database());
        parameters.put("shard", schema.shards() == 1 ? "0" : "_shard_num - 1");
        parameters.put("src", EngineSql.quoted(writer));
        parameters.put("after", Long.toUnsignedString(after));
        parameters.put("up_to", Long.toUnsignedString(upTo));
        parameters.put("border", Long.toString(borderMillis));
        long days = retention.daysMin();
        for (Table table : Table.values()) {
            parameters.put("table", table.label());
            var least = client.query(EngineSql.read("engine/least_retention", parameters));
            days = Math.min(days, least.getFirst().number(0));
        }
        parameters.put("days", Long.toString(days));
        var stored = new StoredRows(borderMillis, days);
        for (Table table : Table.values()) {
            parameters.put("table", table.label());
            for (var row : client.query(EngineSql.read("engine/count_rows", parameters))) {
                stored.add(
                        table,
                        (int) row.number(0),
                        (int) row.number(1),
                        row.number(2),
                        row.number(3));
            }
        }
        return stored;
    }

    void add(Table table, int month, int shard, long seq, long count) {
        rows.put(new Key(table, month, shard, seq), count);
        newest = Math.max(newest, seq);
    }

    long borderMillis() {
        return borderMillis;
    }

    long daysMax() {
        return daysMax;
    }

    /// The newest cut of which there are rows; 0 if there is none.
    long newest() {
        return newest;
    }

    /// Takes out the number of rows of a block.
    long take(Table table, int month, int shard, long seq) {
        Long count = rows.remove(new Key(table, month, shard, seq));
        return count == null ? 0 : count;
    }

    /// Describes a block of a cut that was counted and never taken; empty if there is none.
    String rest(long seq) {
        for (var entry : rows.entrySet()) {
            if (entry.getKey().seq() == seq) {
                return "%d rows in table %s, month %d"
                        .formatted(
                                entry.getValue(),
                                entry.getKey().table().label(),
                                entry.getKey().month());
            }
        }
        return "";
    }
}
