package dev.firn.config;

import dev.firn.config.Config.Address;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// `service.telemetry`: what Firn says of itself.
///
/// @param logLevel of Firn's own log
/// @param metricsEndpoint where its own metrics are served under the Collector's names; absent: not
///   at all
/// @param security of that place
/// @param resource attributes for `target_info`, in the order written; an empty value takes one
///   away
public record TelemetryConfig(
        LogLevel logLevel,
        MetricsLevel metricsLevel,
        Optional<Address> metricsEndpoint,
        ListenerSecurityConfig security,
        Map<String, String> resource) {
    public TelemetryConfig {
        resource = Collections.unmodifiableMap(new LinkedHashMap<>(resource));
    }

    /// Least importance of a line of the log.
    public enum LogLevel {
        DEBUG,
        INFO,
        WARN,
        ERROR
    }

    /// How many of the metrics are served.
    public enum MetricsLevel {
        NONE,
        BASIC,
        NORMAL,
        DETAILED
    }

    private static final Address DEFAULT = new Address("127.0.0.1", 8888);

    static TelemetryConfig read(Section section) {
        LogLevel logLevel = logs(section.section("logs"));
        Section metrics = section.section("metrics");
        MetricsLevel level = level(metrics);
        Optional<Served> served = served(metrics, level);
        metrics.ignore("Firn serves every metric as it is; take this line out", "views");
        metrics.close();
        section.ignore("Firn sends no traces of its own; take this out", "traces");
        Map<String, String> resource = resource(section.section("resource"));
        section.close();
        return new TelemetryConfig(
                logLevel,
                level,
                served.map(Served::address),
                served.map(Served::security).orElse(ListenerSecurityConfig.NONE),
                resource);
    }

    private static LogLevel logs(Section logs) {
        String level =
                logs.wordInAnyCase(
                        "level", "info", "debug", "info", "warn", "error", "dpanic", "panic",
                        "fatal");
        logs.ignore(
                "Firn writes its log as lines to standard output; take this line out",
                "development",
                "encoding",
                "disable_caller",
                "disable_stacktrace",
                "sampling",
                "output_paths",
                "error_output_paths",
                "initial_fields",
                "processors",
                "disable_zap_resource");
        logs.close();
        return switch (level) {
            case "debug" -> LogLevel.DEBUG;
            case "info" -> LogLevel.INFO;
            case "warn" -> LogLevel.WARN;
            default -> LogLevel.ERROR;
        };
    }

    private static MetricsLevel level(Section metrics) {
        return MetricsLevel.valueOf(
                metrics.wordInAnyCase("level", "normal", "none", "basic", "normal", "detailed")
                        .toUpperCase(Locale.ROOT));
    }

    private record Served(Address address, ListenerSecurityConfig security) {
        private static Served plainly(Address address) {
            return new Served(address, ListenerSecurityConfig.NONE);
        }
    }

    private static Optional<Served> served(Section metrics, MetricsLevel level) {
        Optional<Served> endpoint = Optional.of(Served.plainly(DEFAULT));
        if (metrics.has("address")) {
            Address address = metrics.address("address", DEFAULT.toString());
            metrics.warning(
                    "address",
                    "a Collector refuses this key; write readers: [{pull: {exporter: {prometheus:"
                            + " {host: \"%s\", port: %d}}}}]"
                                    .formatted(address.host(), address.port()));
            endpoint = Optional.of(Served.plainly(address));
        }
        List<Section> readers = metrics.sections("readers");
        for (int i = 0; i < readers.size(); i++) {
            Optional<Served> found = reader(readers.get(i));
            if (found.isPresent() && i > 0) {
                readers.get(i).warning("Firn serves its metrics at one place, the first one's");
            } else if (found.isPresent()) {
                endpoint = found;
            }
        }
        return level == MetricsLevel.NONE ? Optional.empty() : endpoint;
    }

    private static Optional<Served> reader(Section reader) {
        Optional<Served> served = Optional.empty();
        if (reader.has("pull")) {
            Section pull = reader.section("pull");
            Section exporter = pull.section("exporter");
            Section prometheus = exporter.section("prometheus");
            String host = prometheus.text("host", "localhost");
            long port = prometheus.integer("port", 9464, 0, 65_535);
            served =
                    Optional.of(
                            new Served(
                                    new Address(host, (int) port),
                                    ListenerSecurityConfig.read(prometheus)));
            prometheus.ignore(
                    "Firn serves its metrics under the names that a Collector has without this"
                            + " key; take it out",
                    "with_resource_constant_labels");
            for (String key :
                    List.of("without_scope_info", "without_type_suffix", "without_units")) {
                if (!prometheus.bool(key, true)) {
                    prometheus.warning(
                            key, "Firn leaves them out of its own metrics; take this line out");
                }
            }
            prometheus.close();
            exporter.close();
            pull.ignore("Firn has no other producers; take this line out", "producers");
            pull.ignore("Firn sets its own limits; take this line out", "cardinality_limits");
            pull.close();
        }
        reader.ignore(
                "Firn does not send its own metrics; let Prometheus or a Collector's prometheus"
                        + " receiver scrape them",
                "periodic");
        reader.close();
        return served;
    }

    /// Both forms: names with values, and a list of `name` and `value` under `attributes`.
    private static Map<String, String> resource(Section resource) {
        var attributes = new LinkedHashMap<String, String>();
        boolean list = resource.raw("attributes") instanceof List<?>;
        for (String key : resource.keys()) {
            if (list && key.equals("attributes")) {
                for (Section one : resource.sections(key)) {
                    attributes.put(one.text("name", ""), one.text("value", ""));
                    one.text("type", "string");
                    one.close();
                }
            } else if (resource.raw(key) instanceof List<?>
                    || resource.raw(key) instanceof Map<?, ?>) {
                resource.warning(key, "Firn does not detect its resource; take this out");
            } else if (!key.equals("schema_url")) {
                attributes.put(key, resource.text(key, ""));
            }
        }
        return attributes;
    }
}
