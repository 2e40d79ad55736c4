package dev.firn.config;

import dev.firn.base.InputException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
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

/// One file's text, parsed. Mistakes are collected; only text that is no YAML at all ends it.
final class YamlFile {
    /// Anchors can hold themselves.
    private static final int DEPTH_MAX = 64;

    private final String file;
    private final Expansion expansion;
    private final List<String> problems;

    YamlFile(String file, Expansion expansion, List<String> problems) {
        this.file = file;
        this.expansion = expansion;
        this.problems = problems;
    }

    /// @throws InputException if it is not YAML
    Yaml parse(String text) {
        return orNotYaml(() -> compose(text, "", 0));
    }

    /// The documents of a file that has several, parted by `---`; empty ones are left out.
    ///
    /// @throws InputException if it is not YAML
    List<Yaml> parseAll(String text) {
        return orNotYaml(() -> {
            var documents = new ArrayList<Yaml>();
            for (Node node : new Compose(settings()).composeAllFromString(text)) {
                Yaml yaml = convert(node, "", 0);
                if (!(yaml instanceof Yaml.Nothing)) {
                    documents.add(yaml);
                }
            }
            return documents;
        });
    }

    private <T> T orNotYaml(Supplier<T> parse) {
        try {
            return parse.get();
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
            throw new InputException(
                    file + ":" + line + ": this is not valid YAML: " + e.getProblem());
        } catch (YamlEngineException e) {
            throw new InputException(file + ": this is not valid YAML: " + e.getMessage());
        }
    }

    private LoadSettings settings() {
        return LoadSettings.builder().setLabel(file).setAllowDuplicateKeys(false).build();
    }

    private Yaml compose(String text, String path, int depth) {
        return new Compose(settings())
                .composeString(text)
                .map(node -> convert(node, path, depth))
                .orElse(new Yaml.Nothing(file + ":1"));
    }

    private Yaml convert(Node node, String path, int depth) {
        String place = place(node);
        if (depth > DEPTH_MAX) {
            throw new InputException(
                    place
                            + ": more than "
                            + DEPTH_MAX
                            + " levels; take an alias out of its own anchor");
        }
        return switch (node) {
            case MappingNode mapping -> mapping(mapping, place, path, depth);
            case SequenceNode sequence -> {
                var values = new ArrayList<Yaml>();
                for (Node value : sequence.getValue()) {
                    values.add(convert(value, path + "[" + values.size() + "]", depth + 1));
                }
                yield new Yaml.Sequence(place, values);
            }
            case ScalarNode scalar ->
                    scalar.getTag().equals(Tag.NULL)
                            ? new Yaml.Nothing(place)
                            : scalar(scalar, place, path, depth);
            default ->
                    throw new InputException(
                            place + ": anchors and aliases of this kind are not supported");
        };
    }

    private Yaml mapping(MappingNode mapping, String place, String path, int depth) {
        var values = new LinkedHashMap<String, Yaml>();
        var places = new LinkedHashMap<String, String>();
        var merged = new ArrayList<Yaml>();
        for (NodeTuple entry : mapping.getValue()) {
            if (!(entry.getKeyNode() instanceof ScalarNode keyNode)) {
                problems.add(place(entry.getKeyNode()) + ": a key must be plain text");
                continue;
            }
            String key = keyNode.getValue();
            String keyPlace = place(keyNode);
            Yaml value =
                    convert(
                            entry.getValueNode(),
                            path.isEmpty() ? key : path + "." + key,
                            depth + 1);
            if (key.equals("<<")) {
                merged.add(value);
            } else if (values.put(key, value) != null) {
                problems.add(keyPlace + ": the key \"" + key + "\" stands here twice");
            }
            places.put(key, keyPlace);
        }
        places.remove("<<");
        merged.forEach(value -> addMissing(value, values, places));
        return new Yaml.Mapping(place, values, places);
    }

    /// YAML's merge key: `<<: *anchor`, or a list of them.
    private void addMissing(Yaml value, Map<String, Yaml> values, Map<String, String> places) {
        switch (value) {
            case Yaml.Mapping(_, Map<String, Yaml> more, Map<String, String> morePlaces) -> {
                more.forEach(values::putIfAbsent);
                morePlaces.forEach(places::putIfAbsent);
            }
            case Yaml.Sequence(_, List<Yaml> several) ->
                    several.forEach(one -> addMissing(one, values, places));
            case Yaml other -> problems.add(other.place() + ": <<: expected an alias of a mapping");
        }
    }

    private Yaml scalar(ScalarNode scalar, String place, String path, int depth) {
        String written = scalar.getValue();
        int before = problems.size();
        String text = expansion.expand(place, path, written);
        if (problems.size() > before) {
            return new Yaml.Nothing(place); // one mistake is enough for one value
        }
        if (expansion.literal() || !Expansion.isOneReference(written)) {
            boolean quoted = scalar.getTag().equals(Tag.STR) && !scalar.isPlain();
            return new Yaml.Scalar(place, text, quoted);
        }
        // as in the Collector, a variable may hold a list or a mapping
        if (text.startsWith("[") || text.startsWith("{")) {
            try {
                return withPlace(compose(text, path, depth + 1), place);
            } catch (YamlEngineException e) {
                return new Yaml.Scalar(place, text, false);
            }
        }
        return new Yaml.Scalar(place, text, false);
    }

    private static Yaml withPlace(Yaml yaml, String place) {
        return switch (yaml) {
            case Yaml.Mapping(_, Map<String, Yaml> values, Map<String, String> keys) -> {
                var here = new LinkedHashMap<String, Yaml>();
                values.forEach((key, value) -> here.put(key, withPlace(value, place)));
                var places = new LinkedHashMap<String, String>();
                keys.keySet().forEach(key -> places.put(key, place));
                yield new Yaml.Mapping(place, here, places);
            }
            case Yaml.Sequence(_, List<Yaml> values) ->
                    new Yaml.Sequence(
                            place, values.stream().map(value -> withPlace(value, place)).toList());
            case Yaml.Scalar(_, String text, boolean quoted) ->
                    new Yaml.Scalar(place, text, quoted);
            case Yaml.Nothing _ -> new Yaml.Nothing(place);
        };
    }

    private String place(Node node) {
        return file + ":" + node.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
    }
}
