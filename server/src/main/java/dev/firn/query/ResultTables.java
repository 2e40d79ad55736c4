package dev.firn.query;

import dev.firn.engine.EngineClient;
import dev.firn.engine.EngineSql;
import dev.firn.engine.TabSeparated;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Tables of the engine in which analyses keep what they found: functions of the points, or copies
/// of what stands in the [StateFile]. Points themselves are never written here.
public final class ResultTables {
    /// One statement's rows.
    private static final int STATEMENT_CHARS_MAX = 4 << 20;

    private final EngineClient client;
    private final String database;
    private final Map<String, String> parameters;

    /// @param client as the internal user
    public ResultTables(EngineClient client, String database) {
        this.client = client;
        this.database = database;
        this.parameters = Map.of("database", database);
    }

    /// Runs statements that define tables and views; each may be repeated.
    ///
    /// @param files paths below `sql/`, without `.sql`
    public void define(List<String> files) throws InterruptedException {
        for (String file : files) {
            client.execute(EngineSql.read(file, parameters));
        }
    }

    /// Runs a statement.
    ///
    /// @param more parameters besides the database, of values that were checked
    public void run(String file, Map<String, String> more) throws InterruptedException {
        client.execute(EngineSql.read(file, database, more));
    }

    /// The number that a statement answers.
    long number(String file, Map<String, String> more) throws InterruptedException {
        return client.query(EngineSql.read(file, database, more)).getFirst().number(0);
    }

    /// Numbers by name as ClickHouse writes a `Map(String, UInt64)`; the names hold no quotes or
    /// backslashes, as writers' ids.
    public static String map(Map<String, Long> numbers) {
        return numbers.entrySet().stream()
                .map(one -> "'" + one.getKey() + "':" + Long.toUnsignedString(one.getValue()))
                .collect(Collectors.joining(",", "{", "}"));
    }

    /// One row to insert: texts, numbers and booleans, in the order of the columns.
    public static final class Row {
        private final StringBuilder line = new StringBuilder();
        private boolean begun;

        /// Adds a text.
        public Row text(String value) {
            return raw(TabSeparated.escape(value));
        }

        /// Adds an integer.
        public Row number(long value) {
            return raw(Long.toString(value));
        }

        /// Adds a double.
        public Row real(double value) {
            return raw(
                    Double.isNaN(value)
                            ? "nan"
                            : Double.isInfinite(value)
                                    ? value > 0 ? "inf" : "-inf"
                                    : Double.toString(value));
        }

        /// Adds a time, ms since 1970; nothing for null.
        public Row millis(@Nullable Long value) {
            return raw(
                    value == null
                            ? "\\N"
                            : "%d.%03d"
                                    .formatted(
                                            Math.floorDiv(value, 1000L),
                                            Math.floorMod(value, 1000L)));
        }

        /// Adds a double with seven digits.
        public Row rounded(double value) {
            return Double.isFinite(value) && Math.abs(value) < Float.MAX_VALUE
                    ? raw(Float.toString((float) value))
                    : real(value);
        }

        /// Adds a value as ClickHouse's TSV has it.
        public Row raw(String value) {
            line.append(begun ? "\t" : "").append(value);
            begun = true;
            return this;
        }
    }

    /// Adds rows.
    ///
    /// @param columns names, separated by commas
    public void insert(String table, String columns, List<Row> rows) throws InterruptedException {
        var part = new ArrayList<Row>();
        int chars = 0;
        for (Row row : rows) {
            part.add(row);
            chars += row.line.length();
            if (chars > STATEMENT_CHARS_MAX) {
                send(table, columns, part);
                part.clear();
                chars = 0;
            }
        }
        if (!part.isEmpty()) {
            send(table, columns, part);
        }
    }

    private void send(String table, String columns, List<Row> rows) throws InterruptedException {
        send(table, columns, lines(rows));
    }

    /// Rows as the engine's tab-separated lines.
    static String lines(List<Row> rows) {
        var lines = new StringBuilder();
        rows.forEach(row -> lines.append(row.line).append('\n'));
        return lines.toString();
    }

    /// Adds rows that are lines already.
    void send(String table, String columns, String lines) throws InterruptedException {
        client.executeLong(
                "INSERT INTO %s.%s (%s) SETTINGS async_insert=0, insert_deduplicate=0 FORMAT TabSeparated\n"
                                .formatted(database, table, columns)
                        + lines);
    }
}
