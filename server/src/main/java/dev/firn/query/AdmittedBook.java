package dev.firn.query;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What the log admitted, cut by cut, until stores are known to have it, and what they were found
/// not to have, in the [StateFile]. Thread-safe.
public final class AdmittedBook {
    /// Cuts that wait to be compared; older ones are let go.
    private static final long CUTS_MAX = 500_000;

    /// A store of which it is told what rewritten files have, by snapshot in place of cuts.
    public static final String COMPACTION = "compaction";

    /// The name under which it stands up to which cut nothing is known.
    static final String LOG = "log";

    private final StateFile state;

    /// Of what points are.
    ///
    /// @param day since 1970
    public record Place(String plane, long day) {}

    /// Points of a cut.
    public record Admitted(long cut, Place place, long points) {}

    /// A difference.
    ///
    /// @param store the one that has something else
    /// @param firstCut of the stretch that was compared
    /// @param lastCut of it
    /// @param since when it was found, seconds since 1970
    public record Difference(
            String store,
            long firstCut,
            long lastCut,
            Place place,
            long admitted,
            long stored,
            long since) {}

    public AdmittedBook(StateFile state) {
        this.state = state;
    }

    /// Writes what cuts admitted, in a transaction that somebody else ends.
    ///
    /// @param unknownTo cut up to which nothing is known
    static void write(
            Connection connection, String writer, Collection<Admitted> more, long unknownTo)
            throws SQLException {
        StateFile.update(
                connection,
                "INSERT INTO reconciled VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET cut = max(cut,"
                        + " excluded.cut)",
                writer,
                LOG,
                unknownTo);
        long newest = 0;
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "INSERT OR REPLACE INTO admitted_points VALUES (?, ?, ?, ?, ?)")) {
            for (Admitted one : more) {
                newest = Math.max(newest, one.cut);
                statement.setString(1, writer);
                statement.setLong(2, one.cut);
                statement.setString(3, one.place.plane);
                statement.setLong(4, one.place.day);
                statement.setLong(5, one.points);
                statement.addBatch();
            }
            statement.executeBatch();
        }
        if (newest > CUTS_MAX) {
            int late =
                    StateFile.update(
                            connection,
                            "DELETE FROM admitted_points WHERE writer = ? AND cut <= ?",
                            writer,
                            newest - CUTS_MAX);
            if (late > 0) {
                write(connection, writer, List.of(), newest - CUTS_MAX);
            }
        }
    }

    /// Whether anything was told of a log's cuts.
    public boolean tells(String writer) {
        return number(
                        "SELECT count(*) FROM reconciled WHERE writer = ? AND store = '"
                                + LOG
                                + "'",
                        writer)
                > 0;
    }

    /// Up to which cut a store was compared, or nothing is known.
    public long compared(String writer, String store) {
        return number(
                "SELECT ifnull(max(cut), 0) FROM reconciled WHERE writer = ? AND store IN (?, '"
                        + LOG
                        + "')",
                writer,
                store);
    }

    /// The last cut that is counted.
    public long counted(String writer) {
        return number("SELECT ifnull(max(cut), 0) FROM cost_positions WHERE writer = ?", writer);
    }

    /// What was admitted in cuts after one, up to another.
    public Map<Place, Long> admitted(String writer, long after, long to) {
        return state.run(
                "read",
                connection -> {
                    var admitted = new HashMap<Place, Long>();
                    try (PreparedStatement statement =
                            connection.prepareStatement(
                                    "SELECT data_plane_id, day, sum(points) FROM admitted_points"
                                            + " WHERE writer = ? AND cut > ? AND cut <= ? GROUP BY 1, 2")) {
                        StateFile.set(statement, writer, after, to);
                        try (ResultSet rows = statement.executeQuery()) {
                            while (rows.next()) {
                                admitted.put(
                                        new Place(rows.getString(1), rows.getLong(2)),
                                        rows.getLong(3));
                            }
                        }
                    }
                    return admitted;
                });
    }

    /// The same by cut, of days from one on.
    public Map<Long, Long> admittedByCut(String writer, long after, long to, long fromDay) {
        return state.run(
                "read",
                connection -> {
                    var admitted = new HashMap<Long, Long>();
                    try (PreparedStatement statement =
                            connection.prepareStatement(
                                    "SELECT cut, sum(points) FROM admitted_points WHERE writer = ?"
                                            + " AND cut > ? AND cut <= ? AND day >= ? GROUP BY 1")) {
                        StateFile.set(statement, writer, after, to, fromDay);
                        try (ResultSet rows = statement.executeQuery()) {
                            while (rows.next()) {
                                admitted.put(rows.getLong(1), rows.getLong(2));
                            }
                        }
                    }
                    admitted.values().removeIf(points -> points == 0);
                    return admitted;
                });
    }

    /// Notes that a store was compared up to a cut, and what differed.
    public void compared(String writer, String store, long to, Collection<Difference> differences) {
        state.run(
                "write",
                connection -> {
                    connection.setAutoCommit(false);
                    StateFile.update(
                            connection,
                            "INSERT OR REPLACE INTO reconciled VALUES (?, ?, ?)",
                            writer,
                            store,
                            to);
                    write(connection, writer, differences);
                    connection.commit();
                    return true;
                });
    }

    /// Writes a stretch's differences in place of those it had.
    public void again(
            String writer, String store, long firstCut, Collection<Difference> differences) {
        state.run(
                "write",
                connection -> {
                    connection.setAutoCommit(false);
                    StateFile.update(
                            connection,
                            "DELETE FROM unreconciled WHERE writer = ? AND store = ? AND first_cut"
                                    + " = ?",
                            writer,
                            store,
                            firstCut);
                    write(connection, writer, differences);
                    connection.commit();
                    return true;
                });
    }

    private static void write(
            Connection connection, String writer, Collection<Difference> differences)
            throws SQLException {
        for (Difference one : differences) {
            StateFile.update(
                    connection,
                    "INSERT OR REPLACE INTO unreconciled VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    writer,
                    one.store,
                    one.firstCut,
                    one.lastCut,
                    one.place.plane,
                    one.place.day,
                    one.admitted,
                    one.stored,
                    one.since);
        }
    }

    /// Notes once that a cut which a store lacked came in after all, with these points.
    public void cameIn(String writer, String store, long cut, Map<Place, Long> points) {
        state.run(
                "write",
                connection -> {
                    connection.setAutoCommit(false);
                    int fresh =
                            StateFile.update(
                                    connection,
                                    "INSERT OR IGNORE INTO reconciled VALUES (?, ?, ?)",
                                    writer,
                                    store + " " + cut,
                                    cut);
                    if (fresh > 0) {
                        for (Map.Entry<Place, Long> one : points.entrySet()) {
                            StateFile.update(
                                    connection,
                                    "UPDATE unreconciled SET stored = stored + ? WHERE writer = ?"
                                            + " AND store = ? AND first_cut <= ? AND last_cut >= ?"
                                            + " AND data_plane_id = ? AND day = ?",
                                    one.getValue(),
                                    writer,
                                    store,
                                    cut,
                                    cut,
                                    one.getKey().plane,
                                    one.getKey().day);
                        }
                    }
                    connection.commit();
                    return true;
                });
    }

    /// What differs, oldest first.
    public List<Difference> differences(String writer) {
        return state.run(
                "read",
                connection -> {
                    var all = new ArrayList<Difference>();
                    try (PreparedStatement statement =
                            connection.prepareStatement(
                                    "SELECT store, first_cut, last_cut, data_plane_id, day,"
                                            + " admitted, stored, since FROM unreconciled WHERE"
                                            + " writer = ? ORDER BY since, store, first_cut,"
                                            + " data_plane_id, day")) {
                        StateFile.set(statement, writer);
                        try (ResultSet rows = statement.executeQuery()) {
                            while (rows.next()) {
                                all.add(
                                        new Difference(
                                                rows.getString(1),
                                                rows.getLong(2),
                                                rows.getLong(3),
                                                new Place(rows.getString(4), rows.getLong(5)),
                                                rows.getLong(6),
                                                rows.getLong(7),
                                                rows.getLong(8)));
                            }
                        }
                    }
                    return all;
                });
    }

    /// Lets go what all stores have been compared with, and old differences.
    ///
    /// @param cut up to which they have
    /// @param before differences found before, seconds since 1970
    public void forget(String writer, long cut, long before) {
        state.run(
                "write",
                connection -> {
                    StateFile.update(
                            connection,
                            "DELETE FROM unreconciled WHERE writer = ? AND since < ?",
                            writer,
                            before);
                    return StateFile.update(
                            connection,
                            "DELETE FROM admitted_points WHERE writer = ? AND cut <= min(?,"
                                    + " (SELECT ifnull(min(first_cut) - 1, ?) FROM unreconciled"
                                    + " WHERE writer = ? AND store != '"
                                    + COMPACTION
                                    + "'))",
                            writer,
                            cut,
                            cut,
                            writer);
                });
    }

    private long number(String sql, Object... values) {
        return state.run(
                "read",
                connection -> {
                    try (PreparedStatement statement = connection.prepareStatement(sql)) {
                        StateFile.set(statement, values);
                        try (ResultSet row = statement.executeQuery()) {
                            return row.next() ? row.getLong(1) : 0L;
                        }
                    }
                });
    }
}
