package dev.firn.query;

import com.github.luben.zstd.Zstd;
import dev.firn.query.ResultTables.Row;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Rows of results that no point tells: anomalies and bands as they were judged, forecasts as they
/// were issued. They stand block by block in the [StateFile]; an engine that has not all of them
/// gets them in their order, so that its tables must be such that repeated rows do no harm.
/// Thread-safe.
public final class KeptRows {
    private static final Logger LOG = LoggerFactory.getLogger(KeptRows.class);
    private static final int BLOCK_ROWS = 20_000;
    private static final int LEVEL = 3;

    /// From so many on, restored lines are sent.
    private static final int SEND_CHARS = 4 << 20;

    /// Compressed bytes of a table; then its oldest blocks go.
    private static final long BYTES_MAX = 512L << 20;

    private final StateFile state;
    private final ResultTables tables;
    private final long bytesMax;

    public KeptRows(StateFile state, ResultTables tables) {
        this(state, tables, BYTES_MAX);
    }

    KeptRows(StateFile state, ResultTables tables, long bytesMax) {
        this.state = state;
        this.tables = tables;
        this.bytesMax = bytesMax;
    }

    /// Keeps rows, then adds them to the engine's table.
    ///
    /// @param until they are kept so long, ms since 1970
    /// @param now ms since 1970
    public synchronized void insert(
            String table, String columns, List<Row> rows, long until, long now)
            throws InterruptedException {
        for (int from = 0; from < rows.size(); from += BLOCK_ROWS) {
            String lines =
                    ResultTables.lines(
                            rows.subList(from, Math.min(rows.size(), from + BLOCK_ROWS)));
            long block = keep(table, columns, lines, until, now);
            tables.send(table, columns, lines);
            note(table, block);
        }
    }

    private void note(String table, long block) throws InterruptedException {
        tables.insert(
                "firn_kept_blocks",
                "table_name, block",
                List.of(new Row().text(table).number(block)));
    }

    private long keep(String table, String columns, String lines, long until, long now) {
        byte[] packed = Zstd.compress(lines.getBytes(StandardCharsets.UTF_8), LEVEL);
        return state.run(
                "change",
                connection -> {
                    connection.setAutoCommit(false);
                    long block;
                    try (PreparedStatement insert =
                                    connection.prepareStatement(
                                            "INSERT INTO kept_rows (table_name, until, columns, lines)"
                                                    + " VALUES (?,?,?,?)");
                            var last = connection.createStatement()) {
                        insert.setString(1, table);
                        insert.setLong(2, until);
                        insert.setString(3, columns);
                        insert.setBytes(4, packed);
                        insert.executeUpdate();
                        block = last.executeQuery("SELECT last_insert_rowid()").getLong(1);
                    }
                    prune(connection, table, now);
                    connection.commit();
                    return block;
                });
    }

    private void prune(Connection connection, String table, long now) throws SQLException {
        try (PreparedStatement old =
                connection.prepareStatement(
                        "DELETE FROM kept_rows WHERE table_name = ? AND until < ?")) {
            old.setString(1, table);
            old.setLong(2, now);
            old.executeUpdate();
        }
        try (PreparedStatement many =
                connection.prepareStatement(
                        "DELETE FROM kept_rows WHERE block IN (SELECT block FROM (SELECT block,"
                                + " sum(length(lines)) OVER (ORDER BY block DESC) AS bytes FROM"
                                + " kept_rows WHERE table_name = ?) WHERE bytes > ?)")) {
            many.setString(1, table);
            many.setLong(2, bytesMax);
            int gone = many.executeUpdate();
            if (gone > 0) {
                LOG.warn(
                        "{} oldest blocks of {} are not kept any more in \"{}\": there are more than"
                                + " {} bytes; the engine has them until it is lost",
                        gone,
                        table,
                        state,
                        bytesMax);
            }
        }
    }

    private record Block(long number, String columns, String lines) {}

    /// Adds what this engine has not; its table must be there.
    public synchronized void restore(String table) throws InterruptedException {
        tables.define(List.of("query/create_kept_blocks"));
        long has = tables.number("query/read_kept_block", Map.of("table", table));
        long before = has;
        String columns = "";
        var lines = new StringBuilder();
        List<Block> next = after(table, has);
        while (!next.isEmpty()) {
            Block block = next.getFirst();
            if (lines.length() > SEND_CHARS || !block.columns.equals(columns)) {
                send(table, columns, lines);
            }
            columns = block.columns;
            lines.append(block.lines);
            has = block.number;
            next = after(table, has);
        }
        send(table, columns, lines);
        if (has > before) {
            note(table, has);
        }
    }

    private void send(String table, String columns, StringBuilder lines)
            throws InterruptedException {
        if (!lines.isEmpty()) {
            tables.send(table, columns, lines.toString());
            lines.setLength(0);
        }
    }

    /// The next one, if there is any.
    private List<Block> after(String table, long block) {
        return state.run(
                "read",
                connection -> {
                    try (PreparedStatement select =
                            connection.prepareStatement(
                                    "SELECT block, columns, lines FROM kept_rows WHERE table_name = ?"
                                            + " AND block > ? ORDER BY block LIMIT 1")) {
                        select.setString(1, table);
                        select.setLong(2, block);
                        ResultSet row = select.executeQuery();
                        return row.next()
                                ? List.of(
                                        new Block(
                                                row.getLong(1),
                                                row.getString(2),
                                                unpacked(row.getBytes(3))))
                                : List.<Block>of();
                    }
                });
    }

    private static String unpacked(byte[] packed) {
        int length = Math.toIntExact(Zstd.getFrameContentSize(packed));
        return new String(Zstd.decompress(packed, length), StandardCharsets.UTF_8);
    }
}
