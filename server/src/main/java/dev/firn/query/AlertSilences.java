package dev.firn.query;

import dev.firn.base.InputException;
import dev.firn.config.LabelMatch;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// Times in which nobody wants to be told of some alerts. They stand in the [StateFile].
/// Thread-safe.
public final class AlertSilences {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final TypeReference<List<String>> TEXTS = new TypeReference<>() {};
    private static final int SILENCES_MAX = 1_000;

    /// Those that ended are shown for so long, ms.
    private static final long KEEP_MILLIS = 7 * 86_400_000L;

    private final StateFile state;
    private volatile List<Silence> silences;

    /// One silence; all of its matchers must fit an alert.
    ///
    /// @param id 0 for a new one
    /// @param from inclusive, ms since 1970
    /// @param to exclusive
    public record Silence(
            long id, List<LabelMatch> matchers, long from, long to, String comment, long madeAt) {
        public Silence {
            matchers = List.copyOf(matchers);
            if (matchers.isEmpty()) {
                throw new InputException(
                        "a silence needs a matcher, such as rule=\"checkout\"; severity=~\".*\" fits all");
            }
            if (to <= from) {
                throw new InputException(
                        "cannot silence a time that ends at or before its beginning; give from before"
                                + " to");
            }
        }

        /// Whether it speaks of an alert with these labels now.
        public boolean fits(Map<String, String> labels, long now) {
            return now >= from && now < to && LabelMatch.allFit(matchers, labels);
        }
    }

    public AlertSilences(StateFile state) {
        this.state = state;
        this.silences = read();
    }

    /// All that have not ended long ago, oldest first.
    public List<Silence> all() {
        return silences;
    }

    /// Adds one.
    ///
    /// @return its id
    public synchronized long add(Silence silence) {
        if (silences.size() >= SILENCES_MAX) {
            throw new InputException(
                    "cannot remember more than "
                            + SILENCES_MAX
                            + " silences; take some away first");
        }
        long id =
                state.run(
                        "change",
                        connection -> {
                            connection.setAutoCommit(false);
                            StateFile.update(
                                    connection,
                                    "DELETE FROM alert_silences WHERE to_millis < ?",
                                    silence.madeAt - KEEP_MILLIS);
                            try (PreparedStatement insert =
                                    connection.prepareStatement(
                                            "INSERT INTO alert_silences (matchers, from_millis,"
                                                    + " to_millis, comment, made_at) VALUES"
                                                    + " (?,?,?,?,?) RETURNING id")) {
                                List<String> matchers =
                                        silence.matchers.stream().map(LabelMatch::text).toList();
                                StateFile.set(
                                        insert,
                                        MAPPER.writeValueAsString(matchers),
                                        silence.from,
                                        silence.to,
                                        silence.comment,
                                        silence.madeAt);
                                long made;
                                try (ResultSet row = insert.executeQuery()) {
                                    made = row.getLong(1);
                                }
                                connection.commit();
                                return made;
                            }
                        });
        silences = read();
        return id;
    }

    /// Takes one away.
    ///
    /// @return false if there was none
    public synchronized boolean remove(long id) {
        boolean removed = state.remove("alert_silences", id);
        silences = read();
        return removed;
    }

    private List<Silence> read() {
        return state.run(
                "read",
                connection -> {
                    var all = new ArrayList<Silence>();
                    try (var statement = connection.createStatement();
                            ResultSet row =
                                    statement.executeQuery(
                                            "SELECT id, matchers, from_millis, to_millis, comment,"
                                                    + " made_at FROM alert_silences ORDER BY id")) {
                        while (row.next()) {
                            all.add(
                                    new Silence(
                                            row.getLong(1),
                                            MAPPER.readValue(row.getString(2), TEXTS).stream()
                                                    .map(LabelMatch::parse)
                                                    .toList(),
                                            row.getLong(3),
                                            row.getLong(4),
                                            row.getString(5),
                                            row.getLong(6)));
                        }
                    }
                    return List.copyOf(all);
                });
    }
}
