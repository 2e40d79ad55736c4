package dev.firn.config;

import java.util.ArrayList;
import java.util.List;

/// YAML files of other rooms, read as strictly as the configuration: mistakes with file and line,
/// unknown keys with a suggestion. Nothing of the environment is expanded.
public final class YamlDocuments {
    private YamlDocuments() {}

    /// The documents of a text.
    ///
    /// @param file its name in messages
    /// @param problems gets the mistakes; whoever reads a document closes its sections
    /// @throws dev.firn.base.InputException if the text is not YAML at all
    public static List<Section> read(String file, String text, List<String> problems) {
        var sections = new ArrayList<Section>();
        for (Yaml yaml : new YamlFile(file, Expansion.none(), problems).parseAll(text)) {
            sections.add(new Section("", yaml.place(), yaml, problems));
        }
        return List.copyOf(sections);
    }
}
