package dev.firn.config;

import dev.firn.base.InputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A YAML tree that still knows where everything stood, with the Collector's `${env:NAME:-default}`
/// and `$$` expanded and several files merged as the Collector merges them.
sealed interface Yaml {
    /// `file:line` of the value.
    String place();

    /// A mapping, in the order written.
    record Mapping(String place, Map<String, Yaml> values, Map<String, String> keyPlaces)
            implements Yaml {}

    /// A list.
    record Sequence(String place, List<Yaml> values) implements Yaml {}

    /// Text, a number, a boolean; `quoted` text is never read as one of the others.
    record Scalar(String place, String text, boolean quoted) implements Yaml {}

    /// Nothing behind the colon.
    record Nothing(String place) implements Yaml {}

    /// As Java's own types: [String], [Long], [Double], [Boolean], [List], [Map]; nothing is null.
    default @Nullable Object raw() {
        return switch (this) {
            case Mapping(_, Map<String, Yaml> values, _) -> {
                var map = new LinkedHashMap<String, @Nullable Object>();
                values.forEach((key, value) -> map.put(key, value.raw()));
                yield Collections.unmodifiableMap(map);
            }
            case Sequence(_, List<Yaml> values) -> {
                var list = new ArrayList<@Nullable Object>();
                values.forEach(value -> list.add(value.raw()));
                yield Collections.unmodifiableList(list);
            }
            case Scalar(_, String text, boolean quoted) -> quoted ? text : typed(text.strip());
            case Nothing _ -> null;
        };
    }

    /// YAML's core schema: true, 12, 1.5, or else text.
    private static @Nullable Object typed(String text) {
        return switch (text) {
            case "" -> null; // a reference to a variable that is not set
            case "true", "True", "TRUE" -> true;
            case "false", "False", "FALSE" -> false;
            case ".nan", ".NaN", ".NAN" -> Double.NaN;
            default -> number(text);
        };
    }

    private static Object number(String text) {
        try {
            if (text.matches("[-+]?[0-9]{1,19}")) {
                return Long.parseLong(text);
            }
            if (text.matches("[-+]?\\.(inf|Inf|INF)")) {
                return text.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
            }
            if (text.matches("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?")) {
                return Double.parseDouble(text);
            }
        } catch (NumberFormatException e) {
            return text;
        }
        return text;
    }

    /// Parses one file's text.
    ///
    /// @throws InputException with all mistakes
    static Yaml parse(String file, String text, Function<String, @Nullable String> environment) {
        var problems = new ArrayList<String>();
        var expansion = new Expansion(environment, problems, new ArrayList<>());
        Yaml yaml = new YamlFile(file, expansion, problems).parse(text);
        if (!problems.isEmpty()) {
            throw new InputException(String.join("\n", problems));
        }
        return yaml;
    }

    /// `later` over `earlier`: mappings by key, everything else is replaced, also by nothing.
    static Yaml merge(Yaml earlier, Yaml later) {
        if (!(earlier instanceof Mapping below) || !(later instanceof Mapping above)) {
            return later;
        }
        var values = new LinkedHashMap<>(below.values);
        var places = new LinkedHashMap<>(below.keyPlaces);
        above.values.forEach((key, value) -> {
            Yaml old = values.get(key);
            values.put(key, old == null ? value : merge(old, value));
        });
        places.putAll(above.keyPlaces);
        return new Mapping(above.place, values, places);
    }
}
