package dev.firn.config;

import dev.firn.base.InputException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One mapping of the file while it is read: every key that is asked for is known, the others are
/// mistakes. Mistakes are collected, not thrown, so that the user sees all of them at once.
public final class Section {
    private final String path;
    private final String place;
    private final Yaml.@Nullable Mapping mapping;
    private final List<String> problems;
    private final List<String> warnings;
    private final Set<String> known = new LinkedHashSet<>();

    Section(String path, String place, @Nullable Yaml value, List<String> problems) {
        this(path, place, value, problems, new ArrayList<>());
    }

    /// @param place of its key, or of what stands around it if there is none
    /// @param problems gets the mistakes
    /// @param warnings gets what is allowed but probably not meant
    Section(
            String path,
            String place,
            @Nullable Yaml value,
            List<String> problems,
            List<String> warnings) {
        this.path = path;
        this.place = place;
        this.problems = problems;
        this.warnings = warnings;
        this.mapping = value instanceof Yaml.Mapping found ? found : null;
        if (value != null && mapping == null && !(value instanceof Yaml.Nothing)) {
            problems.add(value.place() + ": " + path + ": expected keys and values below this key");
        }
    }

    /// Adds a mistake about a key of this section.
    public void problem(String key, String text) {
        problems.add(place(key) + ": " + join(key) + ": " + text);
    }

    /// Adds a mistake about this section as a whole.
    public void problem(String text) {
        problems.add(place + ": " + path + ": " + text);
    }

    /// Adds a warning about a key of this section: what it does here, and the line to write
    /// instead.
    public void warning(String key, String text) {
        known.add(key);
        warnings.add(place(key) + ": " + join(key) + ": " + text);
    }

    /// Whether something was said about a key already, such as that its variable is not set.
    boolean isWarned(String key) {
        String start = place(key) + ": " + join(key) + ": ";
        return warnings.stream().anyMatch(one -> one.startsWith(start));
    }

    /// Adds a warning about a statement of this section.
    void warning(Statement statement, String text) {
        warnings.add(statement.message(text));
    }

    /// Adds a warning about this section as a whole.
    void warning(String text) {
        warnings.add(place + ": " + path + ": " + text);
    }

    /// Keys of the Collector that Firn cannot honour: mistakes where they stand.
    public void refuse(String why, String... keys) {
        for (String key : keys) {
            if (has(key)) {
                problem(key, why);
            }
        }
    }

    /// Keys of the Collector that change nothing in Firn: warnings where they stand.
    void ignore(String why, String... keys) {
        for (String key : keys) {
            if (has(key)) {
                warning(key, why);
            }
        }
    }

    /// Where it stands, `file:line`.
    public String place() {
        return place;
    }

    /// Its keys from the top, joined by dots.
    public String path() {
        return path;
    }

    /// Whether it has the key, which then is known.
    public boolean has(String key) {
        known.add(key);
        return mapping != null && mapping.values().containsKey(key);
    }

    /// All keys, each then known.
    public Set<String> keys() {
        if (mapping == null) {
            return Set.of();
        }
        known.addAll(mapping.values().keySet());
        return mapping.values().keySet();
    }

    /// The mapping below a key.
    public Section section(String key) {
        return new Section(join(key), place(key), find(key), problems, warnings);
    }

    /// A list of mappings; their paths end with their position, `attributes[0]`.
    public List<Section> sections(String key) {
        var sections = new ArrayList<Section>();
        for (Yaml value : sequence(key)) {
            String at = join(key) + "[" + sections.size() + "]";
            sections.add(new Section(at, value.place(), value, problems, warnings));
        }
        return List.copyOf(sections);
    }

    /// A mapping of plain text, in the order written.
    public Map<String, String> textMap(String key) {
        Section section = section(key);
        var map = new LinkedHashMap<String, String>();
        for (String name : section.keys()) {
            map.put(name, section.text(name, ""));
        }
        return Collections.unmodifiableMap(map);
    }

    /// Whatever stands there: [String], [Long], [Double], [Boolean], [List], [Map] (unmodifiable);
    /// null if there is nothing.
    public @Nullable Object raw(String key) {
        Yaml value = find(key);
        return value == null ? null : value.raw();
    }

    /// A list of statements or conditions, each with its place.
    List<Statement> statements(String key) {
        var statements = new ArrayList<Statement>();
        List<Yaml> values = sequence(key);
        for (int i = 0; i < values.size(); i++) {
            String at = join(key) + "[" + i + "]";
            if (values.get(i) instanceof Yaml.Scalar(String where, String text, _)) {
                statements.add(new Statement(text.strip(), where, at));
            } else {
                problems.add(
                        values.get(i).place()
                                + ": "
                                + at
                                + ": expected plain text, as in the elements before it");
            }
        }
        return List.copyOf(statements);
    }

    /// True if the key holds a list whose first element is plain text.
    public boolean holdsTexts(String key) {
        return find(key) instanceof Yaml.Sequence(_, List<Yaml> values)
                && !values.isEmpty()
                && values.getFirst() instanceof Yaml.Scalar;
    }

    private List<Yaml> sequence(String key) {
        return switch (find(key)) {
            case null -> List.of();
            case Yaml.Nothing _ -> List.of();
            case Yaml.Sequence(_, List<Yaml> values) -> values;
            case Yaml other -> {
                problems.add(other.place() + ": " + join(key) + ": expected a list");
                yield List.of();
            }
        };
    }

    /// Plain text.
    public String text(String key, String otherwise) {
        return scalar(key, otherwise, text -> text, "text");
    }

    /// true or false.
    public boolean bool(String key, boolean otherwise) {
        return scalar(
                key,
                otherwise,
                text ->
                        switch (text) {
                            case "true" -> true;
                            case "false" -> false;
                            default -> throw new IllegalArgumentException();
                        },
                "true or false");
    }

    /// A whole number.
    public long integer(String key, long otherwise, long min, long max) {
        return inRange(
                key,
                scalar(key, otherwise, Long::parseLong, "a whole number"),
                min,
                max,
                number -> Long.toString(number));
    }

    /// A number, possibly with decimals.
    public double number(String key, double otherwise, double min, double max) {
        double value = scalar(key, otherwise, Double::parseDouble, "a number");
        if (!(value >= min && value <= max)) {
            problem(key, value + " is outside " + min + " to " + max);
        }
        return value;
    }

    /// Bytes: a number with B, KiB, MiB, GiB, TiB (or kB, MB, GB); plain numbers are bytes.
    public long bytes(String key, long otherwise, long min, long max) {
        return inRange(
                key,
                scalar(key, otherwise, Quantity::bytes, "a size such as 64MiB"),
                min,
                max,
                Quantity::showBytes);
    }

    /// A duration in nanoseconds, Go's form: 1h30m, 10s, 250ms.
    long nanos(String key, long otherwise, long min, long max) {
        return inRange(
                key,
                scalar(key, otherwise, Quantity::nanos, "a duration such as 10s or 1h30m"),
                min,
                max,
                Quantity::showNanos);
    }

    Duration duration(String key, Duration otherwise, Duration min, Duration max) {
        return Duration.ofNanos(nanos(key, otherwise.toNanos(), min.toNanos(), max.toNanos()));
    }

    <E extends Enum<E>> E choice(String key, E otherwise, Class<E> type) {
        var names = new LinkedHashMap<String, E>();
        for (E value : type.getEnumConstants()) {
            names.put(value.name().toLowerCase(java.util.Locale.ROOT), value);
        }
        return scalar(
                key,
                otherwise,
                text -> {
                    E value = names.get(text);
                    if (value == null) {
                        throw new IllegalArgumentException();
                    }
                    return value;
                },
                "one of " + String.join(", ", names.keySet()));
    }

    Config.Address address(String key, String otherwise) {
        try {
            return Config.Address.parse(text(key, otherwise));
        } catch (InputException e) {
            problem(key, Objects.requireNonNull(e.getMessage()));
            return Config.Address.parse(otherwise);
        }
    }

    /// One of the given words, in small letters, however it is written.
    String wordInAnyCase(String key, String otherwise, String... words) {
        return scalar(
                key,
                otherwise,
                text -> {
                    String small = text.toLowerCase(java.util.Locale.ROOT);
                    if (!List.of(words).contains(small)) {
                        throw new IllegalArgumentException();
                    }
                    return small;
                },
                "one of " + String.join(", ", words));
    }

    /// One of the given words.
    public String word(String key, String otherwise, String... words) {
        return scalar(
                key,
                otherwise,
                text -> {
                    if (!List.of(words).contains(text)) {
                        throw new IllegalArgumentException();
                    }
                    return text;
                },
                "one of " + String.join(", ", words));
    }

    /// A list of plain texts.
    public List<String> texts(String key) {
        return switch (find(key)) {
            case null -> List.of();
            case Yaml.Nothing _ -> List.of();
            case Yaml.Sequence(_, List<Yaml> values) -> {
                var texts = new ArrayList<String>();
                for (Yaml value : values) {
                    if (value instanceof Yaml.Scalar scalar) {
                        texts.add(scalar.text());
                    } else {
                        problems.add(
                                value.place()
                                        + ": "
                                        + join(key)
                                        + ": expected plain text in this list");
                    }
                }
                yield texts;
            }
            case Yaml other -> {
                problems.add(
                        other.place() + ": " + join(key) + ": expected a list, such as [a, b]");
                yield List.of();
            }
        };
    }

    /// Reports every key that nobody asked for.
    public void close() {
        if (mapping == null) {
            return;
        }
        for (Map.Entry<String, String> key : mapping.keyPlaces().entrySet()) {
            if (!known.contains(key.getKey())) {
                String near = Nearest.of(key.getKey(), known);
                problems.add(
                        key.getValue()
                                + ": "
                                + join(key.getKey())
                                + ": unknown key"
                                + (near.isEmpty()
                                        ? "; known here: " + String.join(", ", known)
                                        : "; did you mean \"" + near + "\"?"));
            }
        }
    }

    private @Nullable Yaml find(String key) {
        known.add(key);
        return mapping == null ? null : mapping.values().get(key);
    }

    private <T> T scalar(String key, T otherwise, Function<String, T> read, String expected) {
        return switch (find(key)) {
            case null -> otherwise;
            case Yaml.Nothing _ -> otherwise;
            case Yaml.Scalar(String place, String text, _) -> {
                try {
                    yield read.apply(text.strip());
                } catch (IllegalArgumentException | ArithmeticException e) {
                    problems.add(
                            place + ": " + join(key) + ": \"" + text + "\" is not " + expected);
                    yield otherwise;
                }
            }
            case Yaml other -> {
                problems.add(other.place() + ": " + join(key) + ": expected " + expected);
                yield otherwise;
            }
        };
    }

    private long inRange(String key, long value, long min, long max, Function<Long, String> show) {
        if (value < min || value > max) {
            String range =
                    max == Long.MAX_VALUE
                            ? " is below " + show.apply(min)
                            : " is outside " + show.apply(min) + " to " + show.apply(max);
            problem(key, show.apply(value) + range);
        }
        return value;
    }

    /// Where the key stands, `file:line`; of a key that is missing, where the section does.
    public String place(String key) {
        String found = mapping == null ? null : mapping.keyPlaces().get(key);
        return found == null ? place : found;
    }

    private String join(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }
}
