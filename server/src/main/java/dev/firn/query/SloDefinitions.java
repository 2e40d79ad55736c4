package dev.firn.query;

import dev.firn.base.WorldException;
import dev.firn.engine.EngineClient;
import dev.firn.engine.EngineSql;
import dev.firn.engine.TabSeparated;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The seed's `slo_definitions`. No point tells them, so their home is not the engine, which can be
/// thrown away, but `state/firn.db` (SQLite) in the data directory; the engine shows a copy. Rows
/// that user `admin` inserts into the copy, or deletes there, are taken into the file within a
/// moment. At a start that copy wins which changed since the two were equal last: the engine's, if
/// it is not what was shown last, else the file.
public final class SloDefinitions {
    private static final long PAUSE_MILLIS = 500;
    private static final long LOG_SECONDS = 60;
    private static final Logger LOG = LoggerFactory.getLogger(SloDefinitions.class);

    private final StateFile file;
    private final ReentrantLock copying = new ReentrantLock();
    private long loggedSeconds = Long.MIN_VALUE / 2;
    private String shown = ""; // digest, as far as this process knows it
    private boolean behind; // the engine's copy, as it went away while the file changed

    /// One objective.
    ///
    /// @param sloType `latency_p95`, `latency_p99`, `error_rate` or `availability`
    /// @param threshold seconds for latencies, percent of events for the others
    public record Definition(
            String environment,
            String metricName,
            String sloType,
            double threshold,
            String description) {
        /// What the engine's table would refuse; empty if nothing.
        private String problem() {
            if (environment.isEmpty() || metricName.isEmpty()) {
                return "environment and metric_name are needed";
            }
            if (!(threshold > 0) || Double.isInfinite(threshold)) {
                return "the threshold is not positive";
            }
            return threshold > 100 && !sloType.startsWith("latency")
                    ? "the threshold is more than 100 percent"
                    : "";
        }
    }

    private SloDefinitions(StateFile file) {
        this.file = file;
    }

    /// Opens the file, and makes it with the seed's four rows where it is not there.
    ///
    /// @param data the data directory
    /// @throws InputException when a newer Firn made it
    public static SloDefinitions open(Path data) {
        return new SloDefinitions(StateFile.open(data));
    }

    /// All of them, sorted.
    public List<Definition> all() {
        return file.run("read", SloDefinitions::all);
    }

    private static List<Definition> all(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
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
        }
    }

    /// Adds a row, or replaces the one with its key; see [#change].
    public void put(Definition one) {
        change(
                "INSERT OR REPLACE INTO slo_definitions VALUES (?, ?, ?, ?, ?)",
                one.environment,
                one.metricName,
                one.sloType,
                one.threshold,
                one.description);
    }

    /// Takes a row away; see [#change].
    ///
    /// @return false if there was none
    public boolean remove(String environment, String metricName, String sloType) {
        return change(
                        "DELETE FROM slo_definitions WHERE environment = ? AND metric_name = ? AND"
                                + " slo_type = ?",
                        environment,
                        metricName,
                        sloType)
                > 0;
    }

    private int change(String sql, Object... values) {
        return file.run("change", connection -> StateFile.update(connection, sql, values));
    }

    /// Changes the file and makes the engine show it, after what was changed in its copy until now.
    ///
    /// @param client as the internal user
    public void change(EngineClient client, String database, Runnable change)
            throws InterruptedException {
        copying.lockInterruptibly();
        try {
            takeChanged(client, database);
            behind = true;
            change.run();
            show(client, database);
        } finally {
            copying.unlock();
        }
    }

    private void show(EngineClient client, String database) throws InterruptedException {
        var names = Map.of("database", database, "table", "slo_definitions_next");
        client.execute(EngineSql.read("query/create_slo_definitions", names));
        List<Definition> all = sound();
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
        note(all);
        behind = false;
    }

    private List<Definition> sound() {
        var sound = new ArrayList<Definition>();
        for (Definition one : all()) {
            if (one.problem().isEmpty()) {
                sound.add(one);
            } else {
                LOG.warn("\"{}\": left out {}: {}", file, one, one.problem());
            }
        }
        return sound;
    }

    /// At a start: takes in what was inserted into the engine's copy and did not come here before
    /// the end, and shows what stands in the file.
    ///
    /// @param client as the internal user
    public void begin(EngineClient client, String database) throws InterruptedException {
        copying.lockInterruptibly();
        try {
            takeAtStart(client, database);
            show(client, database);
        } finally {
            copying.unlock();
        }
    }

    private void takeAtStart(EngineClient client, String database) throws InterruptedException {
        var names = Map.of("database", database);
        boolean there =
                client.query(EngineSql.read("query/exists_slo_definitions", names))
                                .getFirst()
                                .number(0)
                        > 0;
        String last = lastShown();
        if (there && !last.isEmpty()) {
            List<Definition> engine = inEngine(client, database);
            if (!digest(engine).equals(last)) {
                store(engine);
            }
        }
    }

    /// A round of the worker: takes in what changed in the engine's copy.
    public void step(EngineClient client, String database) throws InterruptedException {
        try {
            take(client, database);
        } catch (WorldException e) {
            long now = System.nanoTime() / 1_000_000_000L;
            if (now - loggedSeconds >= LOG_SECONDS) {
                loggedSeconds = now;
                LOG.warn(
                        "cannot take in the engine's objectives, trying again: {}", e.getMessage());
            }
        }
        Thread.sleep(PAUSE_MILLIS);
    }

    /// Takes in what changed in the engine's copy since it was shown. Of two rows with the same
    /// environment, metric and kind one stays.
    void take(EngineClient client, String database) throws InterruptedException {
        copying.lockInterruptibly();
        try {
            takeChanged(client, database);
        } finally {
            copying.unlock();
        }
    }

    private void takeChanged(EngineClient client, String database) throws InterruptedException {
        List<Definition> engine = inEngine(client, database);
        if (digest(engine).equals(shown.isEmpty() ? lastShown() : shown)) {
            if (behind) {
                show(client, database);
            }
            return;
        }
        store(engine);
        if (all().size() < engine.size()) {
            show(client, database);
        } else {
            note(engine);
        }
    }

    private static List<Definition> inEngine(EngineClient client, String database)
            throws InterruptedException {
        return client
                .query(EngineSql.read("query/read_slo_definitions", Map.of("database", database)))
                .stream()
                .map(row ->
                        new Definition(
                                row.text(0), row.text(1), row.text(2), row.real(3), row.text(4)))
                .toList();
    }

    private static String digest(List<Definition> all) {
        var sorted = all.stream().map(SloDefinitions::row).sorted().toList();
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(String.join("", sorted).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private String lastShown() {
        return file.run(
                "read",
                connection -> {
                    try (Statement statement = connection.createStatement();
                            ResultSet rows =
                                    statement.executeQuery(
                                            "SELECT digest FROM slo_definitions_shown")) {
                        return rows.next() ? rows.getString(1) : "";
                    }
                });
    }

    private void note(List<Definition> all) {
        String digest = digest(all);
        replace(
                "slo_definitions_shown",
                "INSERT INTO slo_definitions_shown VALUES (?)",
                insert -> {
                    insert.setString(1, digest);
                    insert.execute();
                });
        shown = digest;
    }

    private void store(List<Definition> all) {
        replace(
                "slo_definitions",
                "INSERT OR REPLACE INTO slo_definitions VALUES (?, ?, ?, ?, ?)",
                insert -> {
                    for (Definition one : all) {
                        insert.setString(1, one.environment);
                        insert.setString(2, one.metricName);
                        insert.setString(3, one.sloType);
                        insert.setDouble(4, one.threshold);
                        insert.setString(5, one.description);
                        insert.execute();
                    }
                });
    }

    private interface Inserting {
        void into(PreparedStatement insert) throws SQLException;
    }

    /// Puts other rows in the place of all of a table's.
    private void replace(String table, String insert, Inserting rows) {
        file.run(
                "write",
                connection -> {
                    connection.setAutoCommit(false);
                    try (Statement statement = connection.createStatement();
                            PreparedStatement prepared = connection.prepareStatement(insert)) {
                        statement.execute("DELETE FROM " + table);
                        rows.into(prepared);
                    }
                    connection.commit();
                    return true;
                });
    }

    private static String row(Definition one) {
        return String.join(
                        "\t",
                        TabSeparated.escape(one.environment),
                        TabSeparated.escape(one.metricName),
                        TabSeparated.escape(one.sloType),
                        Double.toString(one.threshold),
                        TabSeparated.escape(one.description))
                + "\n";
    }
}
