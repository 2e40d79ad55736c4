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
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Reads configuration files: all mistakes at once, each with file:line, key path and what to do.
public final class ConfigReader {

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
        Config config =
                reader.config(
                        new Section("", merged.place(), merged, reader.problems, reader.warnings));
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
        Map<String, ReceiverConfig> receivers = Components.receivers(root.section("receivers"));
        Map<String, ProcessorConfig> processors = Components.processors(root.section("processors"));
        Map<String, ExporterConfig> exporters = Components.exporters(root.section("exporters"));
        Map<String, ExtensionConfig> extensions = Components.extensions(root.section("extensions"));
        Section service = root.section("service");
        Map<String, Config.Pipeline> pipelines =
                Pipelines.read(
                        service,
                        root.section("receivers").keys(),
                        root.section("processors").keys(),
                        root.section("exporters").keys());
        service.close();
        var config =
                new Config(
                        receivers,
                        processors,
                        exporters,
                        extensions,
                        pipelines,
                        FirnSections.wal(root.section("wal")),
                        FirnSections.lake(root.section("lake")),
                        FirnSections.engine(root.section("engine")),
                        FirnSections.limits(root.section("limits")),
                        FirnSections.web(root.section("web")),
                        FirnSections.memoryMax(root.section("memory")),
                        List.of());
        root.close();
        checkWhole(root, config);
        return config.withWarnings(warnings.stream().distinct().toList());
    }

    /// What concerns several sections.
    private void checkWhole(Section root, Config config) {
        long body =
                config.receivers(OtlpReceiverConfig.class).values().stream()
                        .mapToLong(OtlpReceiverConfig::requestBytesMax)
                        .max()
                        .orElse(0);
        FirnSections.largestRequestFits(root.section("limits"), config.limits(), body);
        if (!config.lake().enabled() && !config.engine().enabled()) {
            root.problem(
                    "lake",
                    "with lake.enabled and engine.enabled both false nothing keeps the points; enable one");
        }
        Map<String, Address> listeners =
                listeners(config.receivers(), config.web(), config.engine());
        refuseSharedPorts(root, listeners);
        listeners.forEach(this::warnOpen);
    }

    /// Two listeners on one port would fail at start; ports 0 are all different.
    private static void refuseSharedPorts(Section root, Map<String, Address> listeners) {
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

    /// Every address that is listened on, by key path.
    private static Map<String, Address> listeners(
            Map<String, ReceiverConfig> receivers, Address web, Config.Engine engine) {
        var listeners = new LinkedHashMap<String, Address>();
        receivers.forEach((name, receiver) -> {
            String path = "receivers." + name + ".protocols.";
            if (receiver instanceof OtlpReceiverConfig otlp) {
                otlp.grpc().ifPresent(one -> listeners.put(path + "grpc", one.endpoint()));
                otlp.http().ifPresent(one -> listeners.put(path + "http", one.endpoint()));
            }
        });
        listeners.put("web", web);
        if (engine.enabled()) {
            listeners.put("engine", engine.endpoint());
        }
        return listeners;
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
}
