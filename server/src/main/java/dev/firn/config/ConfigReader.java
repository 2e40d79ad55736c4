package dev.firn.config;

import dev.firn.base.InputException;
import dev.firn.config.Config.Address;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Reads configuration files: all mistakes at once, each with file:line, key path and what to do.
public final class ConfigReader {
    private static final long KIB = 1L << 10;
    private static final long MIB = 1L << 20;
    private static final long GIB = 1L << 30;
    private static final long TIB = 1L << 40;
    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1_000 * MILLI;
    private static final long DAY = 86_400 * SECOND;

    private final Function<String, @Nullable String> environment;
    private final List<String> problems = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    private ConfigReader(Function<String, @Nullable String> environment) {
        this.environment = environment;
    }

    /// The text of the built-in configuration.
    public static String defaultText() {
        try (InputStream in = ConfigReader.class.getResourceAsStream("/dev/firn/default.yaml")) {
            return new String(
                    Objects.requireNonNull(in, "default.yaml").readAllBytes(),
                    StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Reads and merges files in order; without any, the built-in configuration.
    public static Config read(List<Path> files, Function<String, @Nullable String> environment) {
        var texts = new LinkedHashMap<String, String>();
        for (Path file : files) {
            texts.put(file.toString(), readText(file));
        }
        if (files.isEmpty()) {
            texts.put("default.yaml", defaultText());
        }
        return parse(texts, environment);
    }

    /// The same from texts by file name.
    public static Config parse(
            Map<String, String> texts, Function<String, @Nullable String> environment) {
        var reader = new ConfigReader(environment);
        Yaml merged = new Yaml.Nothing("configuration");
        for (Map.Entry<String, String> text : texts.entrySet()) {
            merged =
                    Yaml.merge(
                            merged, Yaml.parse(text.getKey(), text.getValue(), reader.environment));
        }
        Config config = reader.config(new Section("", merged.place(), merged, reader.problems));
        if (!reader.problems.isEmpty()) {
            throw new InputException(
                    String.join("\n", reader.problems.stream().distinct().toList()));
        }
        return config;
    }

    private static String readText(Path file) {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new InputException(
                    "cannot read configuration \"" + file + "\": there is no such file");
        } catch (IOException e) {
            throw new InputException(
                    "cannot read configuration \"" + file + "\": " + e.getMessage());
        }
    }

    private Config config(Section root) {
        Map<String, Config.OtlpReceiver> receivers = receivers(root.section("receivers"));
        List<String> exporters = exporters(root.section("exporters"));
        noProcessors(root.section("processors"));
        Map<String, Config.Pipeline> pipelines =
                pipelines(root.section("service"), receivers, exporters);
        Config.Wal wal = wal(root.section("wal"));
        Config.Lake lake = lake(root.section("lake"));
        Config.Engine engine = engine(root.section("engine"));
        Config.Limits limits = limits(root.section("limits"));
        largestRequestFits(root.section("limits"), limits, receivers, pipelines);
        Section webSection = root.section("web");
        Address web = address(webSection, "endpoint", "127.0.0.1:8080");
        webSection.close();
        Section memory = root.section("memory");
        long memoryMax = memory.bytes("max", 0, 0, 4 * TIB);
        memory.close();
        root.close();
        if (!lake.enabled() && !engine.enabled()) {
            root.problem(
                    "lake",
                    "with lake.enabled and engine.enabled both false nothing keeps the points; enable one");
        }
        refuseSharedPorts(root, receivers, web, engine);
        warnOpen(receivers, web, engine);
        return new Config(
                receivers, exporters, pipelines, wal, lake, engine, limits, web, memoryMax,
                warnings);
    }

    private Map<String, Config.OtlpReceiver> receivers(Section section) {
        var receivers = new LinkedHashMap<String, Config.OtlpReceiver>();
        for (String name : section.keys()) {
            Section one = section.section(name);
            if (!type(name).equals("otlp")) {
                section.problem(
                        name, "Firn has no receiver \"" + type(name) + "\" yet; it has: otlp");
                continue;
            }
            Section protocols = one.section("protocols");
            receivers.put(
                    name,
                    new Config.OtlpReceiver(
                            protocol(protocols, "grpc", "127.0.0.1:4317"),
                            MIB * grpcMessageMib(protocols),
                            protocol(protocols, "http", "127.0.0.1:4318"),
                            httpBodyBytes(protocols)));
            if (!protocols.has("grpc") && !protocols.has("http")) {
                one.problem("protocols", "name at least one of grpc and http");
            }
            closeProtocol(protocols, "grpc", List.of("endpoint", "max_recv_msg_size_mib"));
            closeProtocol(protocols, "http", List.of("endpoint", "max_request_body_size"));
            protocols.close();
            one.close();
        }
        return receivers;
    }

    private Optional<Address> protocol(Section protocols, String name, String otherwise) {
        return protocols.has(name)
                ? Optional.of(address(protocols.section(name), "endpoint", otherwise))
                : Optional.empty();
    }

    private long grpcMessageMib(Section protocols) {
        return protocols.section("grpc").integer("max_recv_msg_size_mib", 4, 1, 512);
    }

    private long httpBodyBytes(Section protocols) {
        return protocols.section("http").bytes("max_request_body_size", 20 * MIB, KIB, 512 * MIB);
    }

    private static void closeProtocol(Section protocols, String name, List<String> keys) {
        Section protocol = protocols.section(name);
        keys.forEach(protocol::has);
        protocol.close();
    }

    private List<String> exporters(Section section) {
        var exporters = new ArrayList<String>();
        for (String name : section.keys()) {
            if (type(name).equals("firn")) {
                section.section(name).close();
                exporters.add(name);
            } else {
                section.problem(
                        name, "Firn has no exporter \"" + type(name) + "\" yet; it has: firn");
            }
        }
        return exporters;
    }

    private static void noProcessors(Section section) {
        for (String name : section.keys()) {
            section.problem(
                    name,
                    "Firn has no processor \""
                            + type(name)
                            + "\" yet; take it out of the pipelines");
        }
    }

    private Map<String, Config.Pipeline> pipelines(
            Section service, Map<String, Config.OtlpReceiver> receivers, List<String> exporters) {
        Section section = service.section("pipelines");
        var pipelines = new LinkedHashMap<String, Config.Pipeline>();
        for (String name : section.keys()) {
            if (!type(name).equals("metrics")) {
                section.problem(name, "Firn keeps metrics; write metrics or metrics/NAME");
                continue;
            }
            Section one = section.section(name);
            List<String> from = one.texts("receivers");
            List<String> to = one.texts("exporters");
            for (String processor : one.texts("processors")) {
                one.problem(
                        "processors",
                        "Firn has no processor \""
                                + type(processor)
                                + "\" yet; take it out of the pipeline");
            }
            one.close();
            checkDefined(one, "receivers", from, receivers.keySet());
            checkDefined(one, "exporters", to, exporters);
            pipelines.put(name, new Config.Pipeline(from, to));
        }
        if (pipelines.isEmpty()) {
            service.problem(
                    "pipelines",
                    "there is no pipeline; add metrics: {receivers: [otlp], exporters: [firn]}");
        }
        service.close();
        return pipelines;
    }

    private static void checkDefined(
            Section pipeline,
            String key,
            List<String> names,
            java.util.Collection<String> defined) {
        if (names.isEmpty()) {
            pipeline.problem(key, "name at least one");
        }
        for (String name : names) {
            if (!defined.contains(name)) {
                String near = Nearest.of(name, defined);
                pipeline.problem(
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

    private static Config.Wal wal(Section section) {
        var wal =
                new Config.Wal(
                        section.bytes("segment_size", 64 * MIB, MIB, GIB),
                        section.nanos("segment_age_max", 600 * SECOND, SECOND, DAY),
                        section.bytes("size_max", 8 * GIB, 4 * MIB, 100 * TIB),
                        section.bytes("disk_free_min", 256 * MIB, 0, 10 * TIB),
                        section.nanos("cut_interval", SECOND, 10 * MILLI, 60 * SECOND),
                        section.choice(
                                "on_corruption",
                                Config.OnCorruption.FAIL,
                                Config.OnCorruption.class));
        if (wal.sizeMax() < 2 * wal.segmentSize()) {
            section.problem(
                    "size_max",
                    Quantity.showBytes(wal.sizeMax())
                            + " holds fewer than two segments of segment_size "
                            + Quantity.showBytes(wal.segmentSize())
                            + "; raise it or lower segment_size");
        }
        section.close();
        return wal;
    }

    private static Config.Lake lake(Section section) {
        var lake =
                new Config.Lake(
                        section.bool("enabled", true),
                        section.nanos("commit_interval", 60 * SECOND, SECOND, DAY),
                        section.bytes("memory_max", 256 * MIB, 16 * MIB, 64 * GIB),
                        (int) section.integer("partition_planes_max", 64, 1, 10_000));
        section.close();
        return lake;
    }

    private Config.Engine engine(Section section) {
        String database = section.text("database", "otel_metrics");
        if (!database.matches("[A-Za-z_][A-Za-z0-9_]*")) {
            section.problem(
                    "database",
                    "\"" + database + "\" is not a name of letters, digits and underscores");
        }
        long precision = section.integer("time_precision", 3, 3, 9);
        if (precision % 3 != 0) {
            section.problem("time_precision", precision + " is none of 3, 6 and 9");
        }
        var engine =
                new Config.Engine(
                        section.bool("enabled", true),
                        address(section, "endpoint", "127.0.0.1:8123"),
                        section.text("library", ""),
                        database,
                        (int) precision,
                        (int)
                                (whole(section, "retention", 90 * DAY, 3 * DAY, 36_500 * DAY, DAY)
                                        / DAY),
                        whole(section, "query_time_max", 60 * SECOND, SECOND, DAY, SECOND),
                        (int) section.integer("queries_max", 32, 1, 1_000));
        section.close();
        return engine;
    }

    /// A duration that must be a whole number of `unit`, so that nothing is rounded in silence.
    private static long whole(
            Section section, String key, long otherwise, long min, long max, long unit) {
        long nanos = section.nanos(key, otherwise, min, max);
        if (nanos % unit != 0) {
            section.problem(
                    key,
                    Quantity.showNanos(nanos) + " is no multiple of " + Quantity.showNanos(unit));
        }
        return nanos;
    }

    private static Config.Limits limits(Section section) {
        var limits =
                new Config.Limits(
                        section.integer("series_max", 2_000_000, 1, 1_000_000_000),
                        section.bytes("series_bytes_max", 0, 0, 1024 * GIB),
                        section.integer("new_series_per_sender", 500_000, 1, 1_000_000_000),
                        section.nanos("series_idle", 3_600 * SECOND, 60 * SECOND, 365 * DAY),
                        (int) section.integer("attributes_per_point_max", 128, 1, 10_000),
                        (int) section.integer("attributes_per_resource_max", 256, 1, 10_000),
                        (int) section.bytes("identity_bytes_max", 64 * KIB, KIB, 4 * MIB),
                        (int) section.integer("points_per_request_max", 200_000, 1, 10_000_000),
                        (int) section.integer("buckets_per_point_max", 4_096, 1, 1_000_000),
                        (int) section.integer("values_per_request_max", 8_000_000, 1, 100_000_000),
                        (int) section.integer("exemplars_per_point_max", 1_024, 1, 1_000_000),
                        (int) section.integer("exemplars_per_request_max", 200_000, 1, 10_000_000),
                        (int) section.bytes("request_bytes_max", 64 * MIB, KIB, GIB),
                        section.bytes("inflight_bytes_max", 256 * MIB, MIB, 64 * GIB),
                        (int) section.integer("requests_max", 256, 1, 100_000),
                        (int) section.integer("connections_max", 4_096, 1, 1_000_000),
                        section.nanos("body_timeout", 30 * SECOND, 10 * MILLI, 3_600 * SECOND),
                        section.nanos("future_max", DAY, 0, 36_500 * DAY),
                        section.nanos("late_max", 36_500 * DAY, 0, 36_500 * DAY));
        section.close();
        return limits;
    }

    /// As `ServerLimits` demands it: a body and its decompressed copy, and the old and the new
    /// array while one grows. Receivers that no pipeline names are not started and do not count.
    private static void largestRequestFits(
            Section section,
            Config.Limits limits,
            Map<String, Config.OtlpReceiver> receivers,
            Map<String, Config.Pipeline> pipelines) {
        long body =
                pipelines.values().stream()
                        .flatMap(pipeline -> pipeline.receivers().stream())
                        .map(receivers::get)
                        .filter(Objects::nonNull)
                        .mapToLong(
                                one -> Math.max(one.httpBodyBytesMax(), one.grpcMessageBytesMax()))
                        .max()
                        .orElse(0);
        long least = 2 * (body + limits.requestBytesMax());
        if (limits.inflightBytesMax() < least) {
            section.problem(
                    "inflight_bytes_max",
                    Quantity.showBytes(limits.inflightBytesMax())
                            + " is too small for one largest request and its decompressed copy;"
                            + " raise it to at least "
                            + Quantity.showBytes(least)
                            + " or lower max_request_body_size, max_recv_msg_size_mib or"
                            + " limits.request_bytes_max");
        }
    }

    private static Address address(Section section, String key, String otherwise) {
        try {
            return Address.parse(section.text(key, otherwise));
        } catch (InputException e) {
            section.problem(key, Objects.requireNonNull(e.getMessage()));
            return Address.parse(otherwise);
        }
    }

    /// Two listeners on one port would fail at start; ports 0 are all different.
    private static void refuseSharedPorts(
            Section root,
            Map<String, Config.OtlpReceiver> receivers,
            Address web,
            Config.Engine engine) {
        var listeners = new LinkedHashMap<String, Address>();
        receivers.forEach((name, receiver) -> {
            String path = "receivers." + name + ".protocols.";
            receiver.grpc().ifPresent(address -> listeners.put(path + "grpc", address));
            receiver.http().ifPresent(address -> listeners.put(path + "http", address));
        });
        listeners.put("web", web);
        if (engine.enabled()) {
            listeners.put("engine", engine.endpoint());
        }
        var taken = new LinkedHashMap<Integer, String>();
        listeners.forEach((path, address) -> {
            String other = address.port() == 0 ? null : taken.putIfAbsent(address.port(), path);
            if (other != null) {
                String section = path.contains(".") ? path.substring(0, path.indexOf('.')) : path;
                root.problem(
                        section, path + " and " + other + " both listen on port " + address.port());
            }
        });
    }

    private void warnOpen(
            Map<String, Config.OtlpReceiver> receivers, Address web, Config.Engine engine) {
        receivers.forEach((name, receiver) -> {
            receiver.grpc()
                    .ifPresent(
                            address -> warnOpen("receivers." + name + ".protocols.grpc", address));
            receiver.http()
                    .ifPresent(
                            address -> warnOpen("receivers." + name + ".protocols.http", address));
        });
        warnOpen("web", web);
        if (engine.enabled()) {
            warnOpen("engine", engine.endpoint());
        }
    }

    private void warnOpen(String path, Address address) {
        if (!address.loopback()) {
            warnings.add(
                    path
                            + ".endpoint: "
                            + address
                            + " is open to the network and asks for no credentials;"
                            + " listen on 127.0.0.1 or put a firewall before it");
        }
    }

    private static String type(String name) {
        int slash = name.indexOf('/');
        return slash < 0 ? name : name.substring(0, slash);
    }
}
