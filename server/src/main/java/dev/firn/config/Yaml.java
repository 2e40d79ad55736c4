package dev.firn.config;

import dev.firn.base.InputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/// A YAML tree that still knows where everything stood, with the Collector's `${env:NAME:-default}`
/// and `$$` expanded and several files merged as the Collector merges them: maps by key, everything
/// else replaced by the later file.
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
    static Yaml parse(String file, String text, Function<String, @Nullable String> environment) {
        try {
            var settings =
                    LoadSettings.builder().setLabel(file).setAllowDuplicateKeys(false).build();
            Optional<Node> root = new Compose(settings).composeString(text);
            return root.map(node -> convert(file, node, environment))
                    .orElse(new Nothing(file + ":1"));
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
            throw new InputException(
                    file + ":" + line + ": this is not valid YAML: " + e.getProblem());
        } catch (YamlEngineException e) {
            throw new InputException(file + ": this is not valid YAML: " + e.getMessage());
        }
    }

    private static Yaml convert(
            String file, Node node, Function<String, @Nullable String> environment) {
        String place = place(file, node);
        return switch (node) {
            case MappingNode mapping -> {
                var values = new LinkedHashMap<String, Yaml>();
                var places = new LinkedHashMap<String, String>();
                for (NodeTuple entry : mapping.getValue()) {
                    if (!(entry.getKeyNode() instanceof ScalarNode key)) {
                        throw new InputException(
                                place(file, entry.getKeyNode()) + ": a key must be plain text");
                    }
                    if (values.put(key.getValue(), convert(file, entry.getValueNode(), environment))
                            != null) {
                        throw new InputException(
                                place(file, key)
                                        + ": the key \""
                                        + key.getValue()
                                        + "\" stands here twice");
                    }
                    places.put(key.getValue(), place(file, key));
                }
                yield new Mapping(place, values, places);
            }
            case SequenceNode sequence -> {
                var values = new ArrayList<Yaml>();
                for (Node value : sequence.getValue()) {
                    values.add(convert(file, value, environment));
                }
                yield new Sequence(place, values);
            }
            case ScalarNode scalar -> {
                if (scalar.getTag().equals(Tag.NULL)) {
                    yield new Nothing(place);
                }
                boolean quoted = scalar.getTag().equals(Tag.STR) && !scalar.isPlain();
                yield new Scalar(
                        place, Expansion.expand(place, scalar.getValue(), environment), quoted);
            }
            default ->
                    throw new InputException(
                            place + ": anchors and aliases of this kind are not supported");
        };
    }

    private static String place(String file, Node node) {
        return file + ":" + node.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
    }

    /// `later` over `earlier`.
    static Yaml merge(Yaml earlier, Yaml later) {
        if (later instanceof Nothing && earlier instanceof Mapping) {
            return earlier;
        }
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
