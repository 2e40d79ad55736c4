package dev.firn.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/// From a component's type to the record that reads its section.
final class Components {
    private Components() {}

    static Map<String, ReceiverConfig> receivers(Section section) {
        return read(section, "receiver", Components::receiver);
    }

    static Map<String, ProcessorConfig> processors(Section section) {
        return read(section, "processor", Components::processor);
    }

    static Map<String, ExporterConfig> exporters(Section section) {
        return read(section, "exporter", Components::exporter);
    }

    static Map<String, ExtensionConfig> extensions(Section section) {
        return read(section, "extension", Components::extension);
    }

    private static @Nullable ReceiverConfig receiver(String type, Section section) {
        return switch (type) {
            case "otlp" -> OtlpReceiverConfig.read(section);
            default -> null;
        };
    }

    private static @Nullable ProcessorConfig processor(String type, Section section) {
        return switch (type) {
            case "memory_limiter" -> MemoryLimiterConfig.read(section);
            case "batch" -> BatchProcessorConfig.read(section);
            case "resource" -> ResourceProcessorConfig.read(section);
            case "attributes" -> AttributesProcessorConfig.read(section);
            case "filter" -> FilterProcessorConfig.read(section);
            case "transform" -> TransformProcessorConfig.read(section);
            case "cumulativetodelta" -> CumulativeToDeltaConfig.read(section);
            case "deltatocumulative" -> DeltaToCumulativeConfig.read(section);
            default -> null;
        };
    }

    private static @Nullable ExporterConfig exporter(String type, Section section) {
        return switch (type) {
            case "firn" -> FirnExporterConfig.read(section);
            default -> null;
        };
    }

    private static @Nullable ExtensionConfig extension(String type, Section section) {
        return null;
    }

    /// Components by full name.
    private static <C> Map<String, C> read(
            Section section, String kind, BiFunction<String, Section, @Nullable C> read) {
        var components = new LinkedHashMap<String, C>();
        for (String name : section.keys()) {
            C component = read.apply(type(name), section.section(name));
            if (component == null) {
                section.problem(name, "Firn has no " + kind + " \"" + type(name) + "\" yet");
            } else {
                components.put(name, component);
            }
        }
        return components;
    }

    /// `filter` of `filter/drop_internal`.
    static String type(String name) {
        int slash = name.indexOf('/');
        return slash < 0 ? name : name.substring(0, slash);
    }
}
