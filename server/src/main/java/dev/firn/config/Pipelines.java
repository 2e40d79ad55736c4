package dev.firn.config;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `service.pipelines`: names of components that must be defined.
final class Pipelines {
    private Pipelines() {}

    static Map<String, Config.Pipeline> read(
            Section service,
            Collection<String> receivers,
            Collection<String> processors,
            Collection<String> exporters) {
        Section section = service.section("pipelines");
        var pipelines = new LinkedHashMap<String, Config.Pipeline>();
        for (String name : section.keys()) {
            Section one = section.section(name);
            if (!Components.type(name).equals("metrics")) {
                section.problem(name, "Firn keeps metrics; write metrics or metrics/NAME");
                continue;
            }
            var pipeline =
                    new Config.Pipeline(
                            one.texts("receivers"),
                            one.texts("processors"),
                            one.texts("exporters"));
            one.close();
            required(one, "receivers", pipeline.receivers());
            required(one, "exporters", pipeline.exporters());
            defined(one, "receivers", pipeline.receivers(), receivers);
            defined(one, "processors", pipeline.processors(), processors);
            defined(one, "exporters", pipeline.exporters(), exporters);
            pipelines.put(name, pipeline);
        }
        if (pipelines.isEmpty()) {
            service.problem(
                    "pipelines",
                    "there is no pipeline; add metrics: {receivers: [otlp], exporters: [firn]}");
        }
        return pipelines;
    }

    private static void required(Section pipeline, String key, List<String> names) {
        if (names.isEmpty()) {
            pipeline.problem(key, "name at least one");
        }
    }

    static void defined(
            Section section, String key, List<String> names, Collection<String> defined) {
        for (String name : names) {
            if (!defined.contains(name)) {
                String near = Nearest.of(name, defined);
                section.problem(
                        key,
                        "\""
                                + name
                                + "\" is not defined under "
                                + key
                                + ":"
                                + (near.isEmpty() ? "" : "; did you mean \"" + near + "\"?"));
            }
        }
    }
}
