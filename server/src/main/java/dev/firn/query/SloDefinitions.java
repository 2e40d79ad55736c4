package dev.firn.query;

import dev.firn.base.InputException;
import dev.firn.base.WorldException;
import dev.firn.engine.EngineClient;
import dev.firn.engine.EngineSql;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The seed's `slo_definitions`. No point tells them, so their home is not the engine, which can be
/// thrown away, but `state/firn.db` (SQLite) in the data directory; the engine shows a copy.
public final class SloDefinitions {
    /// Name of the file below the data directory.
    static final String FILE = "state/firn.db";

    /// `user_version` of the file that this Firn knows.
    private static final int VERSION = 1;

    private final Path file;

    /// One objective.
    ///
    /// @param sloType `latency_p95`, `latency_p99`, `error_rate` or `availability`
    /// @param threshold seconds for latencies, percent of events for the others
    public record Definition(
            String environment,
            String metricName,
            String sloType,
            double threshold,
            String description) {}

    private SloDefinitions(Path file) {
        this.file = file;
    }

    /// Opens the file, and makes it with the seed's four rows where it is not there.
    ///
    /// @param data the data directory
    /// @throws InputException when a newer Firn made it
    public static SloDefinitions open(Path data) {
        var definitions = new SloDefinitions(data.resolve(FILE));
        try {
            Files.createDirectories(data.resolve("state"));
        } catch (IOException e) {
            throw definitions.failure("open", e);
        }
        try (Connection connection = definitions.connect();
                Statement statement = connection.createStatement()) {
            definitions.migrate(connection, statement);
        } catch (SQLException e) {
            throw definitions.failure("open", e);
        }
        return definitions;
    }

    private void migrate(Connection connection, Statement statement) throws SQLException {
        int version;
        try (ResultSet row = statement.executeQuery("PRAGMA user_version")) {
            version = row.getInt(1);
        }
        if (version > VERSION) {
            throw new InputException(
                    "cannot use \"%s\": it has version %d, this Firn knows up to %d; start a newer Firn"
                            .formatted(file, version, VERSION));
        }
        if (version < 1) {
            connection.setAutoCommit(false);
            for (String sql :
                    EngineSql.read("state/001_create_slo_definitions", Map.of()).split(";\n")) {
                statement.execute(sql);
            }
            statement.execute("PRAGMA user_version = 1");
            connection.commit();
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(
                "jdbc:sqlite:" + file + "?journal_mode=WAL&synchronous=FULL&busy_timeout=10000");
    }

    private WorldException failure(String what, Exception cause) {
        return new WorldException(
                "cannot " + what + " \"" + file + "\": " + cause.getMessage(), cause);
    }

    /// All of them, sorted.
    public List<Definition> all() {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT environment, metric_name, slo_type, threshold, description"
                                        + " FROM slo_definitions ORDER BY 1, 2, 3")) {
            var all = new ArrayList<Definition>();
            while (rows.next()) {
                all.add(
                        new Definition(
                                rows.getString(1),
                                rows.getString(2),
                                rows.getString(3),
                                rows.getDouble(4),
                                rows.getString(5)));
            }
            return all;
        } catch (SQLException e) {
            throw failure("read", e);
        }
    }

    /// Makes the engine show what stands in the file.
    ///
    /// @param client as the internal user
    public void show(EngineClient client, String database) throws InterruptedException {
        var names = Map.of("database", database, "table", "slo_definitions_next");
        client.execute(EngineSql.read("query/create_slo_definitions", names));
        List<Definition> all = all();
        if (!all.isEmpty()) {
            var sql = new StringBuilder("INSERT INTO ");
            sql.append(database).append(".slo_definitions_next FORMAT TabSeparated\n");
            all.forEach(one -> sql.append(row(one)));
            client.execute(sql.toString());
        }
        boolean there =
                client.query(EngineSql.read("query/exists_slo_definitions", names))
                                .getFirst()
                                .number(0)
                        > 0;
        client.execute(
                EngineSql.read(
                        there ? "query/exchange_slo_definitions" : "query/rename_slo_definitions",
                        names));
        client.execute(EngineSql.read("query/drop_slo_definitions_next", names));
    }

    private static String row(Definition one) {
        return String.join(
                        "\t",
                        escaped(one.environment),
                        escaped(one.metricName),
                        escaped(one.sloType),
                        Double.toString(one.threshold),
                        escaped(one.description))
                + "\n";
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n");
    }
}
