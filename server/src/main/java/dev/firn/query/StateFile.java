package dev.firn.query;

import dev.firn.base.InputException;
import dev.firn.base.WorldException;
import dev.firn.engine.EngineSql;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `state/firn.db` (SQLite) in the data directory: what no point tells, so that its home cannot be
/// the engine, which can be thrown away. Numbered migrations, `sql/state/NNN_*.sql`; the file's
/// `user_version` is the last one.
public final class StateFile {
    /// Name of the file below the data directory.
    static final String FILE = "state/firn.db";

    /// In order; only ever append.
    private static final List<String> MIGRATIONS =
            List.of(
                    "001_create_slo_definitions",
                    "002_create_slo_definitions_shown",
                    "003_create_alerts",
                    "004_create_anomaly_marks",
                    "005_create_costs",
                    "006_alerting",
                    "007_create_reconciliation",
                    "008_create_asked_labels",
                    "009_create_kept_rows",
                    "010_alerts_of_rules",
                    "011_create_annotations",
                    "012_create_views");

    private final Path file;

    /// Something to do with the file.
    interface Deed<T> {
        T with(Connection connection) throws SQLException;
    }

    private StateFile(Path file) {
        this.file = file;
    }

    /// Opens the file, and makes it where it is not there.
    ///
    /// @param data the data directory
    /// @throws InputException when a newer Firn made it
    public static StateFile open(Path data) {
        var state = new StateFile(data.resolve(FILE));
        try {
            Files.createDirectories(data.resolve("state"));
        } catch (IOException e) {
            throw state.failure("open", e);
        }
        state.run(
                "open",
                connection -> {
                    state.migrate(connection);
                    return true;
                });
        return state;
    }

    private void migrate(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            int version;
            try (ResultSet row = statement.executeQuery("PRAGMA user_version")) {
                version = row.getInt(1);
            }
            if (version > MIGRATIONS.size()) {
                throw new InputException(
                        "cannot use \"%s\": it has version %d, this Firn knows up to %d; start a newer Firn"
                                .formatted(file, version, MIGRATIONS.size()));
            }
            for (int next = version + 1; next <= MIGRATIONS.size(); next++) {
                connection.setAutoCommit(false);
                String sql = EngineSql.read("state/" + MIGRATIONS.get(next - 1), Map.of());
                for (String one : sql.split(";\n")) {
                    statement.execute(one);
                }
                statement.execute("PRAGMA user_version = " + next);
                connection.commit();
            }
        }
    }

    /// Does something in a connection of its own.
    ///
    /// @param what it is, for the message of a failure
    <T> T run(String what, Deed<T> deed) {
        try (Connection connection =
                DriverManager.getConnection(
                        "jdbc:sqlite:"
                                + file
                                + "?journal_mode=WAL&synchronous=FULL&busy_timeout=10000&transaction_mode=IMMEDIATE")) {
            return deed.with(connection);
        } catch (SQLException e) {
            throw failure(what, e);
        }
    }

    /// Runs a statement that changes rows.
    ///
    /// @return how many
    static int update(Connection connection, String sql, @Nullable Object... values)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            set(statement, values);
            return statement.executeUpdate();
        }
    }

    /// Takes a row away.
    ///
    /// @param table with a column `id`
    /// @return false if there was none
    boolean remove(String table, long id) {
        return run(
                        "change",
                        connection ->
                                update(connection, "DELETE FROM " + table + " WHERE id = ?", id))
                > 0;
    }

    /// Sets all values of a statement.
    static void set(PreparedStatement statement, @Nullable Object... values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            Object value = values[i];
            // SQLite has no NaN
            statement.setObject(i + 1, value instanceof Double real && real.isNaN() ? null : value);
        }
    }

    @Override
    public String toString() {
        return file.toString();
    }

    private WorldException failure(String what, Exception cause) {
        return new WorldException(
                "cannot " + what + " \"" + file + "\": " + cause.getMessage(), cause);
    }
}
