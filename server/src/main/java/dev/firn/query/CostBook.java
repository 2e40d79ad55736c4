package dev.firn.query;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What was metered, in the [StateFile]: whole quantities by period and group. What is counted and
/// how far it is counted are written in one transaction, so that nothing counts twice or never.
/// Hours become days once they are old. Thread-safe.
public final class CostBook {
    /// Hours are told apart so long; then days.
    public static final int HOURS_KEPT = 72;

    private static final int DAYS_KEPT = 400;
    private static final int ASKED_DAYS_KEPT = 31;

    /// Labels by metric and source that are kept; more are let go until some are old.
    private static final int LABELS_MAX = 100_000;

    private static final int HOUR = 3_600;
    private static final int DAY = 86_400;
    private static final String KEY =
            "period, seconds, meter, data_plane_id, environment, service_name, team, metric_name,"
                    + " source";

    private final StateFile state;

    /// A quantity.
    ///
    /// @param period start, seconds since 1970
    /// @param seconds length: an hour or a day
    /// @param source of queries: who asked; else empty
    public record Entry(
            long period,
            long seconds,
            String meter,
            String dataPlaneId,
            String environment,
            String serviceName,
            String team,
            String metric,
            String source,
            long quantity) {}

    /// How far a log is counted.
    ///
    /// @param cut the last one that is
    /// @param hour since 1970, in which it was counted
    /// @param missed cuts that were gone before they were counted
    public record Place(long cut, int hour, long missed) {
        /// Nothing yet.
        public static final Place NONE = new Place(0, 0, 0);
    }

    /// A series and the hour in which it was seen last.
    public interface Seen {
        /// Takes one.
        void take(long series, int hour);
    }

    public CostBook(StateFile state) {
        this.state = state;
    }

    /// How far a log is counted.
    public Place place(String writer) {
        return state.run(
                "read",
                connection -> {
                    try (PreparedStatement statement =
                            connection.prepareStatement(
                                    "SELECT cut, hour, missed FROM cost_positions WHERE writer = ?")) {
                        statement.setString(1, writer);
                        try (ResultSet row = statement.executeQuery()) {
                            return row.next()
                                    ? new Place(row.getLong(1), row.getInt(2), row.getLong(3))
                                    : Place.NONE;
                        }
                    }
                });
    }

    /// Notes up to which cut it is not known what the log admitted, if nothing is noted yet.
    ///
    /// @return what is noted
    public long unknownTo(String writer, long cut) {
        return state.run(
                "write",
                connection -> {
                    StateFile.update(
                            connection,
                            "INSERT OR IGNORE INTO reconciled VALUES (?, ?, ?)",
                            writer,
                            AdmittedBook.LOG,
                            cut);
                    try (PreparedStatement statement =
                            connection.prepareStatement(
                                    "SELECT cut FROM reconciled WHERE writer = ? AND store = ?")) {
                        statement.setString(1, writer);
                        statement.setString(2, AdmittedBook.LOG);
                        try (ResultSet row = statement.executeQuery()) {
                            return row.next() ? row.getLong(1) : cut;
                        }
                    }
                });
    }

    /// Goes through the series that were seen since an hour.
    public void series(int sinceHour, Seen each) {
        state.run(
                "read",
                connection -> {
                    try (PreparedStatement statement =
                            connection.prepareStatement(
                                    "SELECT series_id, hour FROM cost_series WHERE hour >= ?")) {
                        statement.setInt(1, sinceHour);
                        try (ResultSet rows = statement.executeQuery()) {
                            while (rows.next()) {
                                each.take(rows.getLong(1), rows.getInt(2));
                            }
                        }
                    }
                    return true;
                });
    }

    /// Adds what was counted of a log, and notes how far.
    ///
    /// @param series seen in the place's hour
    public void add(String writer, Place place, Collection<Entry> more, long[] series) {
        add(writer, place, more, series, List.of(), -1);
    }

    /// The same, with what its cuts admitted.
    ///
    /// @param unknownTo cut up to which that is not known; negative if there is none
    public void add(
            String writer,
            Place place,
            Collection<Entry> more,
            long[] series,
            Collection<AdmittedBook.Admitted> admitted,
            long unknownTo) {
        state.run(
                "write",
                connection -> {
                    connection.setAutoCommit(false);
                    write(connection, more);
                    try (PreparedStatement statement =
                            connection.prepareStatement(
                                    "INSERT OR REPLACE INTO cost_series VALUES (?, ?)")) {
                        for (long one : series) {
                            statement.setLong(1, one);
                            statement.setInt(2, place.hour);
                            statement.addBatch();
                        }
                        statement.executeBatch();
                    }
                    StateFile.update(
                            connection,
                            "INSERT OR REPLACE INTO cost_positions VALUES (?, ?, ?, ?)",
                            writer,
                            place.cut,
                            place.hour,
                            place.missed);
                    if (unknownTo >= 0) {
                        AdmittedBook.write(connection, writer, admitted, unknownTo);
                    }
                    connection.commit();
                    return true;
                });
    }

    /// Writes what was read of a period in place of what was read of it before.
    ///
    /// @param meters all that were read
    /// @param entries of that period
    public void replace(long period, List<String> meters, Collection<Entry> entries) {
        state.run(
                "write",
                connection -> {
                    connection.setAutoCommit(false);
                    for (String meter : meters) {
                        StateFile.update(
                                connection,
                                "DELETE FROM cost_quantities WHERE period = ? AND meter = ?",
                                period,
                                meter);
                    }
                    write(connection, entries);
                    connection.commit();
                    return true;
                });
    }

    private static void write(Connection connection, Collection<Entry> entries)
            throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "INSERT INTO cost_quantities ("
                                + KEY
                                + ", quantity) VALUES (?,?,?,?,?,?,?,?,?,?)"
                                + " ON CONFLICT DO UPDATE SET quantity = quantity + excluded.quantity")) {
            for (Entry one : entries) {
                statement.setLong(1, one.period);
                statement.setLong(2, one.seconds);
                statement.setString(3, one.meter);
                statement.setString(4, one.dataPlaneId);
                statement.setString(5, one.environment);
                statement.setString(6, one.serviceName);
                statement.setString(7, one.team);
                statement.setString(8, one.metric);
                statement.setString(9, one.source);
                statement.setLong(10, one.quantity);
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    /// Notes that labels were asked for.
    ///
    /// @param now seconds since 1970
    public void asked(List<QueryCosts.Use> uses, long now) {
        if (uses.isEmpty()) {
            return;
        }
        state.run(
                "write",
                connection -> {
                    connection.setAutoCommit(false);
                    String how =
                            count(connection, "asked_labels") < LABELS_MAX
                                    ? "INSERT OR REPLACE INTO asked_labels (asked_at, metric_name,"
                                            + " label, source) VALUES (?, ?, ?, ?)"
                                    : "UPDATE asked_labels SET asked_at = ? WHERE metric_name = ?"
                                            + " AND label = ? AND source = ?";
                    for (QueryCosts.Use one : uses) {
                        StateFile.update(
                                connection, how, now, one.metric(), one.label(), one.source());
                    }
                    connection.commit();
                    return true;
                });
    }

    private static long count(Connection connection, String table) throws SQLException {
        try (var statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM " + table)) {
            return row.getLong(1);
        }
    }

    /// Labels that were asked for at a time or later; seconds since 1970.
    public Map<QueryCosts.Use, Long> askedSince(long from) {
        return state.run(
                "read",
                connection -> {
                    var all = new LinkedHashMap<QueryCosts.Use, Long>();
                    try (PreparedStatement statement =
                            connection.prepareStatement(
                                    "SELECT source, metric_name, label, asked_at FROM asked_labels"
                                            + " WHERE asked_at >= ?")) {
                        statement.setLong(1, from);
                        try (ResultSet rows = statement.executeQuery()) {
                            while (rows.next()) {
                                all.put(
                                        new QueryCosts.Use(
                                                rows.getString(1),
                                                rows.getString(2),
                                                rows.getString(3)),
                                        rows.getLong(4));
                            }
                        }
                    }
                    return all;
                });
    }

    /// Makes days of old hours, and drops what is older than 400 days.
    ///
    /// @param now seconds since 1970
    /// @return whether periods changed
    public boolean age(long now) {
        long border = (now - HOURS_KEPT * (long) HOUR) / DAY * DAY;
        return state.run(
                "age",
                connection -> {
                    connection.setAutoCommit(false);
                    List<Entry> hours =
                            entries(connection, "seconds = 3600 AND period < " + border);
                    StateFile.update(
                            connection,
                            "DELETE FROM cost_quantities WHERE seconds = ? AND period < ?",
                            HOUR,
                            border);
                    var days = new ArrayList<Entry>(hours.size());
                    for (Entry one : hours) {
                        days.add(
                                new Entry(
                                        one.period / DAY * DAY,
                                        DAY,
                                        one.meter,
                                        one.dataPlaneId,
                                        one.environment,
                                        one.serviceName,
                                        one.team,
                                        one.metric,
                                        one.source,
                                        one.quantity));
                    }
                    write(connection, days);
                    int dropped =
                            StateFile.update(
                                    connection,
                                    "DELETE FROM cost_quantities WHERE period < ?",
                                    now - DAYS_KEPT * (long) DAY);
                    StateFile.update(
                            connection,
                            "DELETE FROM asked_labels WHERE asked_at < ?",
                            now - ASKED_DAYS_KEPT * (long) DAY);
                    int hour = (int) (now / HOUR);
                    StateFile.update(
                            connection,
                            "DELETE FROM cost_series WHERE hour < ?",
                            hour - DAYS_KEPT * 24);
                    StateFile.update(
                            connection,
                            "DELETE FROM cost_positions WHERE writer LIKE 'queries/%' AND hour < ?",
                            hour - HOURS_KEPT);
                    connection.commit();
                    return dropped > 0 || !days.isEmpty();
                });
    }

    /// The first period; that of today's if there is none yet.
    public long first() {
        return state.run(
                "read",
                connection -> {
                    try (var statement = connection.createStatement();
                            ResultSet row =
                                    statement.executeQuery(
                                            "SELECT ifnull(min(period), unixepoch()) FROM"
                                                    + " cost_quantities")) {
                        return row.getLong(1);
                    }
                });
    }

    /// All quantities of periods that begin in a range of seconds since 1970.
    public List<Entry> entries(long from, long to) {
        return state.run(
                "read",
                connection -> entries(connection, "period >= " + from + " AND period < " + to));
    }

    private static List<Entry> entries(Connection connection, String which) throws SQLException {
        var all = new ArrayList<Entry>();
        try (var statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT "
                                        + KEY
                                        + ", quantity FROM cost_quantities WHERE "
                                        + which
                                        + " ORDER BY "
                                        + KEY)) {
            while (rows.next()) {
                all.add(
                        new Entry(
                                rows.getLong(1),
                                rows.getLong(2),
                                rows.getString(3),
                                rows.getString(4),
                                rows.getString(5),
                                rows.getString(6),
                                rows.getString(7),
                                rows.getString(8),
                                rows.getString(9),
                                rows.getLong(10)));
            }
        }
        return all;
    }
}
