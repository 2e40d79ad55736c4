package dev.firn.engine;

import dev.firn.base.InputException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// What an engine holds in whole: of each writer all cuts up to one.
///
/// @param snapshot of the lake that it shows, where it follows the lake; else 0
/// @param positions the newest cut by writer
public record EngineContents(long snapshot, SortedMap<String, Long> positions) {
    private static final String VERSION = "1";
    private static final String POSITION = "position.";

    public EngineContents {
        positions = Collections.unmodifiableSortedMap(new TreeMap<>(positions));
    }

    /// The condition on rows that came later.
    String later() {
        return positions.isEmpty()
                ? "1"
                : positions.entrySet().stream()
                        .map(entry ->
                                "(src = '%s' AND seq <= %d)"
                                        .formatted(
                                                EngineSql.quoted(entry.getKey()), entry.getValue()))
                        .collect(Collectors.joining(" OR ", "NOT (", ")"));
    }

    /// As lines of a backup's file `contents`.
    ///
    /// @param database that the backup holds
    public List<String> toLines(String database) {
        var lines = new java.util.ArrayList<String>();
        lines.add("version=" + VERSION);
        lines.add("database=" + database);
        lines.add("snapshot=" + snapshot);
        positions.forEach((writer, cut) -> lines.add(POSITION + writer + "=" + cut));
        return lines;
    }

    /// What [#toLines] wrote.
    ///
    /// @param database that is to be restored
    /// @throws InputException when it is of another, or a newer Firn wrote it
    public static EngineContents fromLines(List<String> lines, String database) {
        var fields = new TreeMap<String, String>();
        for (String line : lines) {
            int at = line.indexOf('=');
            if (at > 0) {
                fields.put(line.substring(0, at), line.substring(at + 1));
            }
        }
        if (!VERSION.equals(fields.get("version"))) {
            throw new InputException(
                    "cannot restore the backup: its file \"contents\" has version "
                            + fields.get("version")
                            + ", this Firn knows "
                            + VERSION);
        }
        if (!database.equals(fields.get("database"))) {
            throw new InputException(
                    "cannot restore the backup: it holds database \""
                            + fields.get("database")
                            + "\", engine.database is \""
                            + database
                            + "\"; set that");
        }
        var positions = new TreeMap<String, Long>();
        for (Map.Entry<String, String> field : fields.entrySet()) {
            if (field.getKey().startsWith(POSITION)) {
                positions.put(
                        field.getKey().substring(POSITION.length()),
                        Long.valueOf(field.getValue()));
            }
        }
        return new EngineContents(Long.parseLong(fields.getOrDefault("snapshot", "0")), positions);
    }
}
