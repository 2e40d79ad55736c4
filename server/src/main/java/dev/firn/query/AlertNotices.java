package dev.firn.query;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// What receivers were told of alerts, so that a restart neither tells them again nor keeps the end
/// of an alert from them. It stands in the [StateFile].
public final class AlertNotices {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final TypeReference<TreeSet<String>> IDS = new TypeReference<>() {};

    private final StateFile state;

    /// The last message about a group.
    ///
    /// @param at ms since 1970
    /// @param alerts ids of those that were told to fire
    public record Told(long at, Set<String> alerts) {
        public Told {
            alerts = Set.copyOf(alerts);
        }
    }

    public AlertNotices(StateFile state) {
        this.state = state;
    }

    /// What a receiver was told, by the key of the group.
    public Map<String, Told> of(String receiver) {
        return state.run(
                "read",
                connection -> {
                    var told = new HashMap<String, Told>();
                    try (PreparedStatement select =
                            connection.prepareStatement(
                                    "SELECT group_key, sent_at, alerts FROM alert_notices WHERE"
                                            + " receiver = ?")) {
                        select.setString(1, receiver);
                        try (ResultSet row = select.executeQuery()) {
                            while (row.next()) {
                                told.put(
                                        row.getString(1),
                                        new Told(
                                                row.getLong(2),
                                                MAPPER.readValue(row.getString(3), IDS)));
                            }
                        }
                    }
                    return told;
                });
    }

    /// Remembers the last message about a group; one that told of no firing alert ends it.
    public void put(String receiver, String group, Told told) {
        state.run(
                "change",
                connection ->
                        told.alerts.isEmpty()
                                ? StateFile.update(
                                        connection,
                                        "DELETE FROM alert_notices WHERE receiver = ? AND group_key = ?",
                                        receiver,
                                        group)
                                : StateFile.update(
                                        connection,
                                        "INSERT OR REPLACE INTO alert_notices (receiver, group_key,"
                                                + " sent_at, alerts) VALUES (?,?,?,?)",
                                        receiver,
                                        group,
                                        told.at,
                                        MAPPER.writeValueAsString(new TreeSet<>(told.alerts))));
    }
}
