package dev.firn.engine;

import java.util.HashMap;
import java.util.Map;

/// What the engine held of a writer's newer cuts when it was last asked: rows by (table, month,
/// cut).
///
/// Rows that expire before `borderMillis` are in neither this count nor the expected one. A later
/// border therefore compares fewer rows, and a TTL merge cannot change what is compared.
final class StoredRows {
    private record Key(Table table, int month, long seq) {}

    private final long borderMillis;
    private final Map<Key, Long> rows = new HashMap<>();
    private long newest;

    StoredRows(long borderMillis) {
        this.borderMillis = borderMillis;
    }

    /// Counts a writer's rows after a cut, with one query a table.
    static StoredRows count(
            EngineClient client, String database, String writer, long after, long borderMillis)
            throws InterruptedException {
        return count(client, database, writer, after, -1, borderMillis);
    }

    /// Counts the rows of one cut.
    static StoredRows countOne(
            EngineClient client, String database, String writer, long seq, long borderMillis)
            throws InterruptedException {
        return count(client, database, writer, seq - 1, seq, borderMillis);
    }

    private static StoredRows count(
            EngineClient client,
            String database,
            String writer,
            long after,
            long upTo,
            long borderMillis)
            throws InterruptedException {
        var stored = new StoredRows(borderMillis);
        for (Table table : Table.values()) {
            var parameters =
                    Map.of(
                            "database", database,
                            "table", table.label(),
                            "src", EngineSql.quoted(writer),
                            "after", Long.toUnsignedString(after),
                            "up_to", Long.toUnsignedString(upTo),
                            "border", Long.toString(borderMillis));
            for (var row : client.query(EngineSql.read("engine/count_rows", parameters))) {
                stored.add(table, (int) row.number(0), row.number(1), row.number(2));
            }
        }
        return stored;
    }

    void add(Table table, int month, long seq, long count) {
        rows.put(new Key(table, month, seq), count);
        newest = Math.max(newest, seq);
    }

    long borderMillis() {
        return borderMillis;
    }

    /// The newest cut of which there are rows; 0 if there is none.
    long newest() {
        return newest;
    }

    /// Takes out the number of rows of a block.
    long take(Table table, int month, long seq) {
        Long count = rows.remove(new Key(table, month, seq));
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
