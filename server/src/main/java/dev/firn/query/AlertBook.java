package dev.firn.query;

import dev.firn.query.ResultTables.Row;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// The alerts that were decided: by SLOs, data quality, anomalies, cost, health checks and rules.
/// They stand in the [StateFile]; the engine, where there is one, shows a copy as `alerts`. An
/// alert is one time that a rule's conditions held for a subject; when they hold again later, it is
/// another one. Thread-safe.
public final class AlertBook {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final TypeReference<Map<String, String>> TEXTS = new TypeReference<>() {};
    private static final String COLUMNS =
            "id, source, rule, severity, subject, state, started_at, fired_at, last_seen_at,"
                    + " resolved_at, value, threshold, summary, detail";

    /// Resolved alerts that are kept: 400 days, and so many.
    private static final long KEEP_MILLIS = 400 * 86_400_000L;

    private static final int RESOLVED_MAX = 100_000;

    /// Of the engine's copy, newest first.
    private static final int SHOWN_MAX = 10_000;

    private final StateFile state;
    private final @Nullable ResultTables tables;
    private boolean shown;
    private long version;

    /// Who decides.
    public enum Source {
        SLO,
        QUALITY,
        ANOMALY,
        COST,
        HEALTH,
        RULE;

        /// As it is written everywhere.
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// Whom it wakes.
    public enum Severity {
        PAGE,
        TICKET,
        INFO;

        /// As it is written everywhere.
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// That a rule's conditions hold.
    ///
    /// @param rule objective, check, detector or budget
    /// @param subject for what: labels and values
    /// @param since when they began to hold, ms since 1970
    /// @param pending for so long it must hold before it fires, ms
    /// @param value what was compared
    /// @param threshold with what
    /// @param summary a sentence for people
    /// @param detail what led to it, JSON
    public record Decision(
            String rule,
            Severity severity,
            Map<String, String> subject,
            long since,
            long pending,
            double value,
            double threshold,
            String summary,
            String detail) {
        public Decision {
            subject = java.util.Collections.unmodifiableMap(new TreeMap<>(subject));
        }

        /// One whose rule has waited already: it fires at once.
        public Decision(
                String rule,
                Severity severity,
                Map<String, String> subject,
                long since,
                double value,
                double threshold,
                String summary,
                String detail) {
            this(rule, severity, subject, since, 0, value, threshold, summary, detail);
        }
    }

    /// One alert.
    ///
    /// @param state `pending`, `firing` or `resolved`
    /// @param firedAt null if it did not fire: it is pending, or was resolved before
    /// @param resolvedAt null while it is open
    public record Alert(
            String id,
            Source source,
            String rule,
            Severity severity,
            Map<String, String> subject,
            String state,
            long startedAt,
            @Nullable Long firedAt,
            long lastSeenAt,
            @Nullable Long resolvedAt,
            double value,
            double threshold,
            String summary,
            String detail) {}

    private record Key(String rule, String severity, String subject) {}

    private record Open(String id, boolean pending, long startedAt) {}

    /// An alert as JSON-able values; what is not known is null.
    public static Map<String, @Nullable Object> view(Alert alert) {
        var view = new LinkedHashMap<String, @Nullable Object>();
        view.put("id", alert.id);
        view.put("source", alert.source.label());
        view.put("rule", alert.rule);
        view.put("severity", alert.severity.label());
        view.put("subject", alert.subject);
        view.put("state", alert.state);
        view.put("started_at", Instant.ofEpochMilli(alert.startedAt).toString());
        view.put("fired_at", time(alert.firedAt));
        view.put("last_seen_at", Instant.ofEpochMilli(alert.lastSeenAt).toString());
        view.put("resolved_at", time(alert.resolvedAt));
        view.put("value", Double.isFinite(alert.value) ? (Double) alert.value : null);
        view.put("threshold", Double.isFinite(alert.threshold) ? (Double) alert.threshold : null);
        view.put("summary", alert.summary);
        view.put("detail", MAPPER.readTree(alert.detail));
        return view;
    }

    private static @Nullable String time(@Nullable Long millis) {
        return millis == null ? null : Instant.ofEpochMilli(millis).toString();
    }

    /// @param tables the engine's; null without one
    public AlertBook(StateFile state, @Nullable ResultTables tables) {
        this.state = state;
        this.tables = tables;
    }

    /// What holds now of all rules of a source: new ones open an alert, known ones go on, and open
    /// ones that are not among them are resolved.
    ///
    /// @param now ms since 1970: the time that the decisions are about
    /// @return alerts that are new, fire, or are resolved by this
    public synchronized List<Alert> decide(Source source, List<Decision> holding, long now)
            throws InterruptedException {
        var changed = new ArrayList<String>();
        state.run(
                "change",
                connection -> {
                    connection.setAutoCommit(false);
                    decide(connection, source, holding, now, changed);
                    prune(connection, now);
                    connection.commit();
                    return true;
                });
        List<Alert> touched = byIds(changed);
        if (tables == null) {
            return touched;
        }
        boolean whole = !shown;
        shown = false; // until the copy is made
        if (whole) {
            show(now);
        } else {
            var rows = new LinkedHashMap<String, Alert>();
            open(source).forEach(one -> rows.put(one.id(), one));
            touched.forEach(one -> rows.put(one.id(), one));
            copy(tables, List.copyOf(rows.values()), nextVersion(now));
            shown = true;
        }
        return touched;
    }

    private static void decide(
            Connection connection,
            Source source,
            List<Decision> holding,
            long now,
            List<String> changed)
            throws SQLException {
        Map<Key, Open> open = openKeys(connection, source);
        for (Decision one : holding) {
            var key =
                    new Key(one.rule, one.severity.label(), MAPPER.writeValueAsString(one.subject));
            @Nullable Open known = open.remove(key);
            if (known == null) {
                String id = UUID.randomUUID().toString();
                insert(connection, id, source, key, one, now);
                changed.add(id);
            } else {
                StateFile.update(
                        connection,
                        "UPDATE alerts SET last_seen_at = ?, value = ?, threshold = ?, summary = ?,"
                                + " detail = ? WHERE id = ?",
                        now,
                        one.value,
                        one.threshold,
                        one.summary,
                        one.detail,
                        known.id);
                if (known.pending && now - known.startedAt >= one.pending) {
                    StateFile.update(
                            connection,
                            "UPDATE alerts SET state = 'firing', fired_at = ? WHERE id = ?",
                            now,
                            known.id);
                    changed.add(known.id);
                }
            }
        }
        for (Open gone : open.values()) {
            StateFile.update(
                    connection,
                    "UPDATE alerts SET state = 'resolved', resolved_at = ? WHERE id = ?",
                    now,
                    gone.id);
            changed.add(gone.id);
        }
    }

    private static Map<Key, Open> openKeys(Connection connection, Source source)
            throws SQLException {
        var open = new HashMap<Key, Open>();
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "SELECT rule, severity, subject, id, state = 'pending', started_at FROM"
                                + " alerts WHERE source = ? AND state != 'resolved'")) {
            statement.setString(1, source.label());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    open.put(
                            new Key(rows.getString(1), rows.getString(2), rows.getString(3)),
                            new Open(rows.getString(4), rows.getBoolean(5), rows.getLong(6)));
                }
            }
        }
        return open;
    }

    private static void insert(
            Connection connection, String id, Source source, Key key, Decision one, long now)
            throws SQLException {
        boolean pending = now - one.since < one.pending;
        StateFile.update(
                connection,
                "INSERT INTO alerts (" + COLUMNS + ") VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                id,
                source.label(),
                key.rule,
                key.severity,
                key.subject,
                pending ? "pending" : "firing",
                one.since,
                pending ? null : now,
                now,
                null,
                one.value,
                one.threshold,
                one.summary,
                one.detail);
    }

    private static void prune(Connection connection, long now) throws SQLException {
        StateFile.update(
                connection,
                "DELETE FROM alerts WHERE state = 'resolved' AND (resolved_at < ? OR id IN (SELECT"
                        + " id FROM alerts WHERE state = 'resolved' ORDER BY resolved_at DESC LIMIT"
                        + " -1 OFFSET ?))",
                now - KEEP_MILLIS,
                RESOLVED_MAX);
    }

    /// The open alerts of a source, oldest first.
    public List<Alert> open(Source source) {
        return read(
                "WHERE source = '"
                        + source.label()
                        + "' AND state != 'resolved' ORDER BY started_at, id");
    }

    /// The open alerts of all sources, oldest first.
    public List<Alert> open() {
        return read("WHERE state != 'resolved' ORDER BY started_at, id");
    }

    /// Alerts that fired and were resolved since, oldest first.
    ///
    /// @param since ms since 1970
    public List<Alert> resolved(long since) {
        return read(
                "WHERE state = 'resolved' AND resolved_at >= "
                        + since
                        + " AND fired_at IS NOT NULL ORDER BY resolved_at, id");
    }

    /// All, newest first.
    public List<Alert> newest(int max) {
        return read("ORDER BY last_seen_at DESC, id LIMIT " + max);
    }

    /// Those of the ids that are known.
    public List<Alert> byIds(Collection<String> ids) {
        return ids.isEmpty()
                ? List.of()
                : read(
                        ids.stream()
                                .map(id -> "'" + UUID.fromString(id) + "'")
                                .collect(Collectors.joining(",", "WHERE id IN (", ")")));
    }

    private List<Alert> read(String which) {
        return state.run(
                "read",
                connection -> {
                    var all = new ArrayList<Alert>();
                    try (var statement = connection.createStatement();
                            ResultSet rows =
                                    statement.executeQuery(
                                            "SELECT " + COLUMNS + " FROM alerts " + which)) {
                        while (rows.next()) {
                            all.add(alert(rows));
                        }
                    }
                    return all;
                });
    }

    private static Alert alert(ResultSet row) throws SQLException {
        return new Alert(
                row.getString(1),
                Source.valueOf(row.getString(2).toUpperCase(Locale.ROOT)),
                row.getString(3),
                Severity.valueOf(row.getString(4).toUpperCase(Locale.ROOT)),
                MAPPER.readValue(row.getString(5), TEXTS),
                row.getString(6),
                row.getLong(7),
                millis(row, 8),
                row.getLong(9),
                millis(row, 10),
                real(row, 11),
                real(row, 12),
                row.getString(13),
                row.getString(14));
    }

    private static @Nullable Long millis(ResultSet row, int column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : value;
    }

    private static double real(ResultSet row, int column) throws SQLException {
        double value = row.getDouble(column);
        return row.wasNull() ? Double.NaN : value;
    }

    /// Makes the engine's copy anew; needed after each start, and when the engine was.
    ///
    /// @param now ms since 1970
    public synchronized void show(long now) throws InterruptedException {
        if (tables != null) {
            tables.define(
                    List.of(
                            "query/create_alerts",
                            "query/replace_alerts",
                            "query/truncate_alerts"));
            copy(tables, newest(SHOWN_MAX), nextVersion(now));
            shown = true;
        }
    }

    /// The engine's copy may be gone.
    public synchronized void forget() {
        shown = false;
    }

    /// What a new engine was shown may be of a later time than what is decided next.
    private long nextVersion(long now) {
        version = Math.max(version + 1, now);
        return version;
    }

    private static void copy(ResultTables tables, List<Alert> alerts, long version)
            throws InterruptedException {
        var rows = new ArrayList<Row>();
        for (Alert one : alerts) {
            rows.add(
                    new Row()
                            .text(one.id)
                            .text(one.source.label())
                            .text(one.rule)
                            .text(one.severity.label())
                            .raw(map(one.subject))
                            .text(one.state)
                            .millis(one.startedAt)
                            .millis(one.firedAt)
                            .millis(one.lastSeenAt)
                            .millis(one.resolvedAt)
                            .real(one.value)
                            .real(one.threshold)
                            .text(one.summary)
                            .text(one.detail)
                            .number(version));
        }
        tables.insert("firn_alerts", COLUMNS + ", version", rows);
    }

    private static String map(Map<String, String> values) {
        return values.entrySet().stream()
                .map(one -> quoted(one.getKey()) + ":" + quoted(one.getValue()))
                .collect(Collectors.joining(",", "{", "}"));
    }

    /// Quoted inside a map of TSV.
    private static String quoted(String text) {
        return "'"
                + text.replace("\\", "\\\\")
                        .replace("'", "\\'")
                        .replace("\n", "\\n")
                        .replace("\t", "\\t")
                + "'";
    }
}
