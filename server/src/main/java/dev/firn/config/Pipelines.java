package dev.firn.config;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// `service.pipelines`: names of components that must be defined.
final class Pipelines {
    private static final Set<String> OTHER_SIGNALS = Set.of("traces", "logs", "profiles");

    private Pipelines() {}

    /// Names of components that pipelines for metrics use.
    static Set<String> names(Section service) {
        return names(service, true);
    }

    /// Names of components that pipelines for other signals use.
    static Set<String> otherNames(Section service) {
        return names(service, false);
    }

    private static Set<String> names(Section service, boolean metrics) {
        var names = new LinkedHashSet<String>();
        Section section = service.section("pipelines");
        for (String name : section.keys()) {
            String type = Components.type(name);
            if (metrics ? type.equals("metrics") : OTHER_SIGNALS.contains(type)) {
                Section one = section.section(name);
                names.addAll(one.texts("receivers"));
                names.addAll(one.texts("processors"));
                names.addAll(one.texts("exporters"));
            }
        }
        return names;
    }

    static Map<String, Config.Pipeline> read(Section service, Section root) {
        Section section = service.section("pipelines");
        var pipelines = new LinkedHashMap<String, Config.Pipeline>();
        for (String name : section.keys()) {
            String type = Components.type(name);
            if (OTHER_SIGNALS.contains(type)) {
                section.warning(
                        name,
                        "Firn keeps metrics: this pipeline is not started, and who sends "
                                + type
                                + " is told that they are not taken; send them to a Collector");
            } else if (!type.equals("metrics")) {
                section.problem(name, "Firn keeps metrics; write metrics or metrics/NAME");
            } else {
                pipelines.put(name, pipeline(section.section(name), root));
            }
        }
        boolean follows = root.section("engine").text("source", "").equals("lake");
        if (pipelines.isEmpty() && !follows) {
            service.problem(
                    "pipelines",
                    "there is no pipeline for metrics; add metrics: {receivers: [otlp], exporters:"
                            + " [firn]}");
        }
        return pipelines;
    }

    private static Config.Pipeline pipeline(Section one, Section root) {
        var pipeline =
                new Config.Pipeline(
                        one.texts("receivers").stream().distinct().toList(),
                        one.texts("processors"),
                        one.texts("exporters").stream().distinct().toList());
        one.close();
        required(one, "receivers", pipeline.receivers());
        required(one, "exporters", pipeline.exporters());
        Set<String> connectors = root.section("connectors").keys();
        defined(one, "receivers", pipeline.receivers(), root, connectors);
        defined(one, "processors", pipeline.processors(), root, Set.of());
        defined(one, "exporters", pipeline.exporters(), root, connectors);
        return pipeline;
    }

    /// Each name once and defined under `key` of the whole file.
    ///
    /// @param more names that are defined elsewhere
    static void defined(
            Section section, String key, List<String> names, Section root, Set<String> more) {
        Set<String> defined = root.section(key).keys();
        var seen = new HashSet<String>();
        for (String name : names) {
            if (!seen.add(name)) {
                section.problem(key, "\"" + name + "\" stands here twice");
            } else if (!defined.contains(name) && !more.contains(name)) {
                String near = Nearest.of(name, defined);
                section.problem(
                        key,
                        "\""
                                + name
                                + "\" is not defined under "
                                + key
                                + ":"
                                + (near.isEmpty()
                                        ? "; define it there or take it out"
                                        : "; did you mean \"" + near + "\"?"));
            }
        }
    }

    private static void required(Section pipeline, String key, List<String> names) {
        if (names.isEmpty()) {
            pipeline.problem(key, "name at least one");
        }
    }
}
