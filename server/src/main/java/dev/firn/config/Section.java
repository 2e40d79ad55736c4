package dev.firn.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One mapping of the file while it is read: every key that is asked for is known, the others are
/// mistakes. Mistakes are collected, not thrown, so that the user sees all of them at once.
final class Section {
    private final String path;
    private final String place;
    private final Yaml.@Nullable Mapping mapping;
    private final List<String> problems;
    private final Set<String> known = new LinkedHashSet<>();

    /// @param place of what stands around this section, for mistakes about what is missing
    Section(String path, String place, @Nullable Yaml value, List<String> problems) {
        this.path = path;
        this.place = value == null ? place : value.place();
        this.problems = problems;
        this.mapping = value instanceof Yaml.Mapping found ? found : null;
        if (value != null && mapping == null && !(value instanceof Yaml.Nothing)) {
            problems.add(value.place() + ": " + path + ": expected keys and values below this key");
        }
    }

    /// Adds a mistake about a key of this section.
    void problem(String key, String text) {
        problems.add(place(key) + ": " + join(key) + ": " + text);
    }

    boolean has(String key) {
        known.add(key);
        return mapping != null && mapping.values().containsKey(key);
    }

    /// All keys, each then known.
    Set<String> keys() {
        if (mapping == null) {
            return Set.of();
        }
        known.addAll(mapping.values().keySet());
        return mapping.values().keySet();
    }

    Section section(String key) {
        return new Section(join(key), place, find(key), problems);
    }

    String text(String key, String otherwise) {
        return scalar(key, otherwise, text -> text, "text");
    }

    boolean bool(String key, boolean otherwise) {
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

    long integer(String key, long otherwise, long min, long max) {
        return inRange(
                key,
                scalar(key, otherwise, Long::parseLong, "a whole number"),
                min,
                max,
                number -> Long.toString(number));
    }

    /// Bytes: a number with B, KiB, MiB, GiB, TiB (or kB, MB, GB); plain numbers are bytes.
    long bytes(String key, long otherwise, long min, long max) {
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

    List<String> texts(String key) {
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
    void close() {
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
            problem(
                    key,
                    show.apply(value)
                            + " is outside "
                            + show.apply(min)
                            + " to "
                            + show.apply(max));
        }
        return value;
    }

    private String place(String key) {
        Yaml value = mapping == null ? null : mapping.values().get(key);
        return value == null ? place : value.place();
    }

    private String join(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }
}
