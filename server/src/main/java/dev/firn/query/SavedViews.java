package dev.firn.query;

import dev.firn.base.InputException;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// What people keep of the dashboard: views by name, and settings. They stand in the [StateFile].
/// Thread-safe.
public final class SavedViews {
    private static final int VIEWS_MAX = 500;
    private static final int NAME_CHARS_MAX = 100;
    private static final int ADDRESS_CHARS_MAX = 8_000;

    /// Settings by name, with what each may be; `trace_link` is an address of one's own.
    private static final Map<String, List<String>> SETTINGS =
            Map.of(
                    "time_zone", List.of("utc", "local"),
                    "theme", List.of("auto", "light", "dark"),
                    "trace_link", List.of(""));

    private static final Pattern TRACE_LINK =
            Pattern.compile("https?://\\S{0,500}\\{trace_id}\\S{0,500}");

    private final StateFile state;

    /// A view.
    ///
    /// @param address path and query of the page: what is on screen stands in it
    public record View(String name, String address, long savedAt) {
        public View {
            if (name.isBlank() || name.length() > NAME_CHARS_MAX) {
                throw new InputException(
                        "name is missing, or longer than " + NAME_CHARS_MAX + " characters");
            }
            if (!address.matches("/[a-z]*(\\?\\S*)?") || address.length() > ADDRESS_CHARS_MAX) {
                throw new InputException(
                        "address is no path of a page with its query, like /services?range=24h, or"
                                + " longer than "
                                + ADDRESS_CHARS_MAX
                                + " characters");
            }
        }
    }

    public SavedViews(StateFile state) {
        this.state = state;
    }

    /// All, by name.
    public List<View> all() {
        return state.run(
                "read",
                connection -> {
                    var all = new ArrayList<View>();
                    try (var statement = connection.createStatement();
                            ResultSet row =
                                    statement.executeQuery(
                                            "SELECT name, address, saved_at FROM views ORDER BY"
                                                    + " name")) {
                        while (row.next()) {
                            all.add(new View(row.getString(1), row.getString(2), row.getLong(3)));
                        }
                    }
                    return List.copyOf(all);
                });
    }

    /// Keeps one, in place of one of the same name.
    public synchronized void save(View view) {
        List<View> all = all();
        if (all.size() >= VIEWS_MAX && all.stream().noneMatch(one -> one.name.equals(view.name))) {
            throw new InputException(
                    "cannot keep more than " + VIEWS_MAX + " views; take some away first");
        }
        state.run(
                "change",
                connection ->
                        StateFile.update(
                                connection,
                                "INSERT OR REPLACE INTO views (name, address, saved_at) VALUES"
                                        + " (?,?,?)",
                                view.name,
                                view.address,
                                view.savedAt));
    }

    /// Takes one away.
    ///
    /// @return false if there was none
    public boolean remove(String name) {
        return state.run(
                        "change",
                        connection ->
                                StateFile.update(
                                        connection, "DELETE FROM views WHERE name = ?", name))
                > 0;
    }

    /// The settings, those that nobody made at their defaults.
    public Map<String, String> settings() {
        var settings = new TreeMap<String, String>();
        SETTINGS.forEach((name, values) -> settings.put(name, values.getFirst()));
        return state.run(
                "read",
                connection -> {
                    try (var statement = connection.createStatement();
                            ResultSet row =
                                    statement.executeQuery("SELECT name, value FROM settings")) {
                        while (row.next()) {
                            settings.replace(row.getString(1), row.getString(2));
                        }
                    }
                    return settings;
                });
    }

    /// Makes one.
    public void set(String name, String value) {
        boolean link = name.equals("trace_link") && !value.isEmpty();
        if (link && !TRACE_LINK.matcher(value).matches()) {
            throw new InputException(
                    "trace_link is no address like https://traces.example/trace/{trace_id}");
        }
        if (!link && !SETTINGS.getOrDefault(name, List.of()).contains(value)) {
            throw new InputException(
                    "there is no setting \"%s\" that may be \"%s\"; there are %s"
                            .formatted(name, value, new TreeMap<>(SETTINGS)));
        }
        state.run(
                "change",
                connection ->
                        StateFile.update(
                                connection,
                                "INSERT OR REPLACE INTO settings (name, value) VALUES (?,?)",
                                name,
                                value));
    }
}
