package dev.firn.query;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/// How often what came was within the intervals that were forecast, counted in the [StateFile]: by
/// signal, step and model, each forecast step once.
public final class ForecastCoverage {
    private final StateFile state;

    /// Forecasts that were judged, and how many of them were within their intervals.
    public record Count(long judged, long within80, long within95) {
        /// None.
        public static final Count NONE = new Count(0, 0, 0);

        /// Both together.
        public Count plus(Count more) {
            return new Count(
                    judged + more.judged, within80 + more.within80, within95 + more.within95);
        }
    }

    public ForecastCoverage(StateFile state) {
        this.state = state;
    }

    /// Of a signal and step by model.
    public Map<String, Count> of(String signal, String step) {
        return state.run(
                "read",
                connection -> {
                    var counts = new HashMap<String, Count>();
                    try (PreparedStatement select =
                            connection.prepareStatement(
                                    "SELECT model, judged, within80, within95 FROM forecast_coverage"
                                            + " WHERE signal = ? AND step = ?")) {
                        select.setString(1, signal);
                        select.setString(2, step);
                        ResultSet row = select.executeQuery();
                        while (row.next()) {
                            counts.put(
                                    row.getString(1),
                                    new Count(row.getLong(2), row.getLong(3), row.getLong(4)));
                        }
                    }
                    return counts;
                });
    }

    /// Up to which step they are judged, seconds since 1970; 0 if none was.
    public long until(String signal, String step) {
        return state.run("read", connection -> until(connection, signal, step));
    }

    private static long until(Connection connection, String signal, String step)
            throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement(
                        "SELECT until FROM forecast_judged WHERE signal = ? AND step = ?")) {
            select.setString(1, signal);
            select.setString(2, step);
            ResultSet row = select.executeQuery();
            return row.next() ? row.getLong(1) : 0;
        }
    }

    /// Adds what steps up to a time brought, and remembers that time, in one.
    ///
    /// @param until seconds since 1970
    public void add(String signal, String step, Map<String, Count> byModel, long until) {
        state.run(
                "change",
                connection -> {
                    connection.setAutoCommit(false);
                    for (Map.Entry<String, Count> one : byModel.entrySet()) {
                        add(connection, signal, step, one.getKey(), one.getValue());
                    }
                    try (PreparedStatement put =
                            connection.prepareStatement(
                                    "INSERT OR REPLACE INTO forecast_judged VALUES (?,?,?)")) {
                        put.setString(1, signal);
                        put.setString(2, step);
                        put.setLong(3, until);
                        put.executeUpdate();
                    }
                    connection.commit();
                    return true;
                });
    }

    private static void add(
            Connection connection, String signal, String step, String model, Count count)
            throws SQLException {
        try (PreparedStatement put =
                connection.prepareStatement(
                        "INSERT INTO forecast_coverage VALUES (?,?,?,?,?,?) ON CONFLICT DO UPDATE SET"
                                + " judged = judged + excluded.judged, within80 = within80 +"
                                + " excluded.within80, within95 = within95 + excluded.within95")) {
            put.setString(1, signal);
            put.setString(2, step);
            put.setString(3, model);
            put.setLong(4, count.judged);
            put.setLong(5, count.within80);
            put.setLong(6, count.within95);
            put.executeUpdate();
        }
    }
}
