package dev.firn.query;

import dev.firn.base.InputException;
import dev.firn.query.ResultTables.Row;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What people said of anomalies. It stands in the [StateFile]; the engine shows a copy as
/// `anomaly_marks`. Thread-safe.
public final class AnomalyMarks {
    private static final int MARKS_MAX = 10_000;
    private static final String COLUMNS =
            "id, kind, signal, environment, service_name, http_route, from_millis, to_millis,"
                    + " comment, marked_at";

    private final StateFile state;
    private final ResultTables tables;
    private volatile List<Mark> marks;

    /// What is said.
    public enum Kind {
        /// Seen and in order: no alert.
        EXPECTED,
        /// No time to judge or to learn from: a test, a deployment.
        EXCLUDED
    }

    /// One mark; an empty text fits all.
    ///
    /// @param id 0 for a new one
    /// @param from inclusive, ms since 1970
    /// @param to exclusive
    public record Mark(
            long id,
            Kind kind,
            String signal,
            String environment,
            String service,
            String route,
            long from,
            long to,
            String comment,
            long markedAt) {
        public Mark {
            if (to <= from) {
                throw new InputException(
                        "cannot mark a time that ends at or before its beginning; give from before to");
            }
        }

        /// Whether it speaks of a series at a time.
        public boolean fits(
                String someSignal,
                String someEnvironment,
                String someService,
                String someRoute,
                long time) {
            return time >= from
                    && time < to
                    && (signal.isEmpty() || signal.equals(someSignal))
                    && (environment.isEmpty() || environment.equals(someEnvironment))
                    && (service.isEmpty() || service.equals(someService))
                    && (route.isEmpty() || route.equals(someRoute));
        }
    }

    public AnomalyMarks(StateFile state, ResultTables tables) {
        this.state = state;
        this.tables = tables;
        this.marks = read();
    }

    /// All, oldest first.
    public List<Mark> all() {
        return marks;
    }

    /// Adds one.
    ///
    /// @return its id
    public synchronized long add(Mark mark) {
        if (marks.size() >= MARKS_MAX) {
            throw new InputException(
                    "cannot remember more than " + MARKS_MAX + " marks; remove some first");
        }
        long id =
                state.run(
                        "change",
                        connection -> {
                            try (PreparedStatement insert =
                                            connection.prepareStatement(
                                                    "INSERT INTO anomaly_marks (kind, signal, environment,"
                                                            + " service_name, http_route, from_millis,"
                                                            + " to_millis, comment, marked_at) VALUES"
                                                            + " (?,?,?,?,?,?,?,?,?)");
                                    var last = connection.createStatement()) {
                                insert.setString(1, label(mark.kind));
                                insert.setString(2, mark.signal);
                                insert.setString(3, mark.environment);
                                insert.setString(4, mark.service);
                                insert.setString(5, mark.route);
                                insert.setLong(6, mark.from);
                                insert.setLong(7, mark.to);
                                insert.setString(8, mark.comment);
                                insert.setLong(9, mark.markedAt);
                                insert.executeUpdate();
                                return last.executeQuery("SELECT last_insert_rowid()").getLong(1);
                            }
                        });
        marks = read();
        return id;
    }

    /// Takes one away.
    ///
    /// @return false if there was none
    public synchronized boolean remove(long id) {
        boolean removed = state.remove("anomaly_marks", id);
        marks = read();
        return removed;
    }

    private List<Mark> read() {
        return state.run(
                "read",
                connection -> {
                    var all = new ArrayList<Mark>();
                    try (var statement = connection.createStatement();
                            ResultSet row =
                                    statement.executeQuery(
                                            "SELECT "
                                                    + COLUMNS
                                                    + " FROM anomaly_marks ORDER BY id")) {
                        while (row.next()) {
                            all.add(
                                    new Mark(
                                            row.getLong(1),
                                            Kind.valueOf(row.getString(2).toUpperCase(Locale.ROOT)),
                                            row.getString(3),
                                            row.getString(4),
                                            row.getString(5),
                                            row.getString(6),
                                            row.getLong(7),
                                            row.getLong(8),
                                            row.getString(9),
                                            row.getLong(10)));
                        }
                    }
                    return List.copyOf(all);
                });
    }

    /// Makes the engine's copy anew.
    public void show() throws InterruptedException {
        tables.define(List.of("anomaly/create_marks", "anomaly/truncate_marks"));
        var rows = new ArrayList<Row>();
        for (Mark one : marks) {
            rows.add(
                    new Row()
                            .number(one.id)
                            .text(label(one.kind))
                            .text(one.signal)
                            .text(one.environment)
                            .text(one.service)
                            .text(one.route)
                            .millis(one.from)
                            .millis(one.to)
                            .text(one.comment)
                            .millis(one.markedAt));
        }
        tables.insert(
                "anomaly_marks",
                "id, kind, signal, environment, service_name, http_route, from_time, to_time,"
                        + " comment, marked_at",
                rows);
    }

    private static String label(Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }
}
