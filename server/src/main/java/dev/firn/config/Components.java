package dev.firn.config;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/// From a component's type to the record that reads its section. Where the Collector renamed a
/// component, both names are read.
final class Components {
    private static final List<String> RECEIVERS = List.of("otlp", "otlpjsonfile");
    private static final List<String> PROCESSORS =
            List.of(
                    "memory_limiter",
                    "batch",
                    "resource",
                    "attributes",
                    "filter",
                    "transform",
                    "cumulativetodelta",
                    "deltatocumulative");
    private static final List<String> EXPORTERS =
            List.of("firn", "prometheus", "file", "debug", "otlp", "otlphttp");
    private static final List<String> EXTENSIONS = List.of("bearertokenauth", "basicauth");

    /// Names that pipelines for metrics and `service.extensions` use.
    private final Set<String> used;

    /// Names that only pipelines for other signals use: not looked at, since their keys may be ones
    /// that mean nothing to metrics.
    private final Set<String> others;

    Components(Set<String> used, Set<String> others) {
        this.used = used;
        this.others = new HashSet<>(others);
        this.others.removeAll(used);
    }

    Map<String, ReceiverConfig> receivers(Section section) {
        return read(section, "receiver", RECEIVERS, Components::receiver);
    }

    Map<String, ProcessorConfig> processors(Section section) {
        return read(section, "processor", PROCESSORS, Components::processor);
    }

    Map<String, ExporterConfig> exporters(Section section) {
        return read(section, "exporter", EXPORTERS, Components::exporter);
    }

    Map<String, ExtensionConfig> extensions(Section section) {
        return read(section, "extension", EXTENSIONS, Components::extension);
    }

    /// Firn has none.
    void connectors(Section section) {
        read(section, "connector", List.of(), (type, one) -> null);
    }

    private static @Nullable ReceiverConfig receiver(String type, Section section) {
        return switch (type) {
            case "otlp" -> OtlpReceiverConfig.read(section);
            case "otlpjsonfile", "otlp_json_file" -> OtlpJsonFileReceiverConfig.read(section);
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
            case "cumulativetodelta", "cumulative_to_delta" ->
                    CumulativeToDeltaConfig.read(section);
            case "deltatocumulative", "delta_to_cumulative" ->
                    DeltaToCumulativeConfig.read(section);
            default -> null;
        };
    }

    private static @Nullable ExporterConfig exporter(String type, Section section) {
        return switch (type) {
            case "firn" -> FirnExporterConfig.read(section);
            case "prometheus" -> PrometheusExporterConfig.read(section);
            case "otlp", "otlp_grpc" -> OtlpGrpcExporterConfig.read(section);
            case "otlphttp", "otlp_http" -> OtlpHttpExporterConfig.read(section);
            case "file" -> FileExporterConfig.read(section);
            case "debug" -> DebugExporterConfig.read(section);
            case "logging" -> LoggingExporter.read(section);
            default -> null;
        };
    }

    private static @Nullable ExtensionConfig extension(String type, Section section) {
        return switch (type) {
            case "bearertokenauth" -> BearerTokenAuthConfig.read(section);
            case "basicauth" -> BasicAuthConfig.read(section);
            case "health_check", "healthcheckv2" ->
                    IgnoredExtensionConfig.read(
                            type,
                            section,
                            "point probes at /live and /ready of web.endpoint, such as"
                                    + " http://127.0.0.1:8080/ready");
            case "pprof" ->
                    IgnoredExtensionConfig.read(
                            type, section, "profile it as any Java program, with jcmd or JFR");
            case "zpages" ->
                    IgnoredExtensionConfig.read(
                            type, section, "look at /health and /metrics of web.endpoint");
            case "file_storage" ->
                    IgnoredExtensionConfig.read(
                            type,
                            section,
                            "the write-ahead log keeps queues and positions over a restart");
            default -> null;
        };
    }

    /// Components by full name.
    private <C> Map<String, C> read(
            Section section,
            String kind,
            List<String> ours,
            BiFunction<String, Section, @Nullable C> read) {
        var components = new LinkedHashMap<String, C>();
        for (String name : section.keys()) {
            if (others.contains(name)) {
                continue;
            }
            C component = read.apply(type(name), section.section(name));
            if (component == null) {
                unknown(section, kind, name, ours);
            } else {
                components.put(name, component);
            }
        }
        return components;
    }

    private void unknown(Section section, String kind, String name, List<String> ours) {
        String type = type(name);
        String has = ours.isEmpty() ? "" : "; Firn has: " + String.join(", ", ours);
        if (!KnownComponents.has(kind, type)) {
            String near = Nearest.of(type, ours);
            section.problem(
                    name,
                    "there is no "
                            + kind
                            + " \""
                            + type
                            + "\""
                            + (near.isEmpty() ? has : "; did you mean \"" + near + "\"?"));
        } else if (used.contains(name)) {
            section.problem(
                    name,
                    "the Collector has the "
                            + kind
                            + " \""
                            + type
                            + "\", Firn has not; "
                            + instead(kind)
                            + has);
        } else {
            section.warning(
                    name,
                    "the Collector has the "
                            + kind
                            + " \""
                            + type
                            + "\", Firn has not; nothing for metrics names it, so it is left out");
        }
    }

    private static String instead(String kind) {
        return switch (kind) {
            case "receiver" -> "run it in a Collector that sends to Firn with otlp";
            case "exporter" -> "send with otlp to a Collector that has it";
            case "extension" -> "take it out of service.extensions";
            default -> "take it out of the pipelines, or run it in a Collector before Firn";
        };
    }

    /// `filter` of `filter/drop_internal`.
    static String type(String name) {
        int slash = name.indexOf('/');
        return slash < 0 ? name : name.substring(0, slash);
    }
}
