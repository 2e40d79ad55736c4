package dev.firn.query;

import dev.firn.base.InputException;
import dev.firn.config.LabelMatch;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// What happened, for charts: deployments, incidents, notes. They stand in the [StateFile].
/// Thread-safe.
public final class Annotations {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final TypeReference<TreeMap<String, String>> LABELS = new TypeReference<>() {};
    private static final int ANNOTATIONS_MAX = 10_000;
    private static final int TEXT_CHARS_MAX = 1_000;
    private static final int LABELS_MAX = 16;
    private static final int LABEL_CHARS_MAX = 200;

    private final StateFile state;
    private volatile List<Annotation> annotations;

    /// What it is.
    public enum Kind {
        DEPLOYMENT,
        INCIDENT,
        NOTE;

        /// As it is written everywhere.
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        /// @throws InputException when there is no such kind
        public static Kind parse(String text) {
            for (Kind kind : values()) {
                if (kind.label().equals(text)) {
                    return kind;
                }
            }
            throw new InputException(
                    "kind \"" + text + "\" is none of deployment, incident and note");
        }
    }

    /// One of them.
    ///
    /// @param id 0 for a new one
    /// @param labels what it is about; what it does not name, it is about all of
    /// @param from ms since 1970
    /// @param to the same as `from` for a moment
    public record Annotation(
            long id,
            Kind kind,
            String text,
            Map<String, String> labels,
            long from,
            long to,
            long madeAt) {
        public Annotation {
            labels = Map.copyOf(labels);
            if (text.isBlank() || text.length() > TEXT_CHARS_MAX) {
                throw new InputException(
                        "text is missing, or longer than " + TEXT_CHARS_MAX + " characters");
            }
            if (to < from) {
                throw new InputException("cannot annotate a time that ends before it begins");
            }
            if (labels.size() > LABELS_MAX) {
                throw new InputException("there are more than " + LABELS_MAX + " labels");
            }
            labels.forEach((name, value) -> {
                if (!name.matches("[a-zA-Z_][a-zA-Z0-9_]{0,%d}".formatted(LABEL_CHARS_MAX - 1))
                        || value.length() > LABEL_CHARS_MAX) {
                    throw new InputException(
                            "label \""
                                    + name
                                    + "\" is no name of letters, digits and _, or it or its value is"
                                    + " longer than "
                                    + LABEL_CHARS_MAX
                                    + " characters");
                }
            });
        }
    }

    public Annotations(StateFile state) {
        this.state = state;
        this.annotations = read();
    }

    /// Those that touch a time, newest first.
    ///
    /// @param from ms since 1970, inclusive
    /// @param to inclusive
    /// @param matchers all must fit the labels
    public List<Annotation> find(long from, long to, List<LabelMatch> matchers) {
        return annotations.stream()
                .filter(one -> one.to >= from && one.from <= to)
                .filter(one -> LabelMatch.allFit(matchers, one.labels))
                .toList();
    }

    /// Adds one.
    ///
    /// @return its id
    public synchronized long add(Annotation one) {
        if (annotations.size() >= ANNOTATIONS_MAX) {
            throw new InputException(
                    "cannot remember more than "
                            + ANNOTATIONS_MAX
                            + " annotations; take some away first");
        }
        long id =
                state.run(
                        "change",
                        connection -> {
                            try (PreparedStatement insert =
                                    connection.prepareStatement(
                                            "INSERT INTO annotations (kind, text, labels,"
                                                    + " from_millis, to_millis, made_at) VALUES"
                                                    + " (?,?,?,?,?,?) RETURNING id")) {
                                StateFile.set(
                                        insert,
                                        one.kind.label(),
                                        one.text,
                                        MAPPER.writeValueAsString(new TreeMap<>(one.labels)),
                                        one.from,
                                        one.to,
                                        one.madeAt);
                                try (ResultSet row = insert.executeQuery()) {
                                    return row.getLong(1);
                                }
                            }
                        });
        annotations = read();
        return id;
    }

    /// Takes one away.
    ///
    /// @return false if there was none
    public synchronized boolean remove(long id) {
        boolean removed = state.remove("annotations", id);
        annotations = read();
        return removed;
    }

    private List<Annotation> read() {
        return state.run(
                "read",
                connection -> {
                    var all = new ArrayList<Annotation>();
                    try (var statement = connection.createStatement();
                            ResultSet row =
                                    statement.executeQuery(
                                            "SELECT id, kind, text, labels, from_millis, to_millis,"
                                                    + " made_at FROM annotations ORDER BY"
                                                    + " from_millis DESC, id DESC")) {
                        while (row.next()) {
                            all.add(
                                    new Annotation(
                                            row.getLong(1),
                                            Kind.parse(row.getString(2)),
                                            row.getString(3),
                                            MAPPER.readValue(row.getString(4), LABELS),
                                            row.getLong(5),
                                            row.getLong(6),
                                            row.getLong(7)));
                        }
                    }
                    return List.copyOf(all);
                });
    }
}
