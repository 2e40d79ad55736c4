package dev.firn.config;

import dev.firn.base.InputException;
import dev.firn.base.Reason;
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
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Reads configuration files: all mistakes at once, each with file:line, key path and what to do.
public final class ConfigReader {

    private final List<String> problems = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    private ConfigReader() {}

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

    /// What another room has to say about a configuration that this one found well.
    public record Findings(List<String> problems, List<String> warnings) {
        /// Nothing.
        public static final Findings NONE = new Findings(List.of(), List.of());

        public Findings {
            problems = List.copyOf(problems);
            warnings = List.copyOf(warnings);
        }
    }

    /// Reads and merges files in order; without any, the built-in configuration.
    public static Config read(List<Path> files, Function<String, @Nullable String> environment) {
        return read(files, environment, config -> Findings.NONE);
    }

    /// The same, with what another room finds: its mistakes stand among the others.
    ///
    /// @param processors looks at `processors`; not asked if this room found mistakes there
    public static Config read(
            List<Path> files,
            Function<String, @Nullable String> environment,
            Function<Config, Findings> processors) {
        var texts = new LinkedHashMap<String, String>();
        for (Path file : files) {
            texts.put(file.toString(), readText(file));
        }
        if (files.isEmpty()) {
            texts.put("default.yaml", defaultText());
        }
        return parse(texts, environment, processors);
    }

    /// The same from texts by file name.
    public static Config parse(
            Map<String, String> texts, Function<String, @Nullable String> environment) {
        return parse(texts, environment, config -> Findings.NONE);
    }

    private static Config parse(
            Map<String, String> texts,
            Function<String, @Nullable String> environment,
            Function<Config, Findings> processors) {
        var reader = new ConfigReader();
        Config config = reader.config(reader.merge(texts, environment));
        if (reader.problems.stream().noneMatch(one -> one.contains(": processors."))) {
            Findings found = processors.apply(config);
            reader.problems.addAll(found.problems());
            reader.warnings.addAll(found.warnings());
        }
        reader.throwProblems();
        return config.withWarnings(reader.warnings.stream().distinct().toList());
    }

    private Section merge(
            Map<String, String> texts, Function<String, @Nullable String> environment) {
        var expansion = new Expansion(environment, problems, warnings);
        Yaml merged = new Yaml.Nothing("configuration");
        boolean readable = true;
        for (Map.Entry<String, String> text : texts.entrySet()) {
            try {
                Yaml file = new YamlFile(text.getKey(), expansion, problems).parse(text.getValue());
                merged =
                        file instanceof Yaml.Nothing && merged instanceof Yaml.Mapping
                                ? merged
                                : Yaml.merge(merged, file);
            } catch (InputException e) {
                problems.add(Objects.requireNonNull(e.getMessage()));
                readable = false;
            }
        }
        if (!readable) {
            throwProblems();
        }
        return new Section("", merged.place(), merged, problems, warnings);
    }

    private void throwProblems() {
        if (!problems.isEmpty()) {
            throw new InputException(String.join("\n", problems.stream().distinct().toList()));
        }
    }

    private static String readText(Path file) {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new InputException(
                    "cannot read configuration \"" + file + "\": there is no such file");
        } catch (IOException e) {
            throw new InputException("cannot read configuration \"" + file + "\": " + Reason.of(e));
        }
    }

    private Config config(Section root) {
        Section service = root.section("service");
        List<String> started = service.texts("extensions");
        Set<String> used = Pipelines.names(service);
        used.addAll(started);
        var components = new Components(used, Pipelines.otherNames(service));
        components.connectors(root.section("connectors"));
        Config config =
                new Config(
                                components.receivers(root.section("receivers")),
                                components.processors(root.section("processors")),
                                components.exporters(root.section("exporters")),
                                components.extensions(root.section("extensions")),
                                Pipelines.read(service, root),
                                TelemetryConfig.read(service.section("telemetry")),
                                FirnSections.wal(root.section("wal")),
                                LakeConfig.read(root.section("lake")),
                                FirnSections.engine(root.section("engine")),
                                RollupConfig.read(root.section("rollup")),
                                SloConfig.read(root.section("slo")),
                                QualityConfig.read(root.section("quality")),
                                AnomalyConfig.read(root.section("anomaly")),
                                ForecastConfig.read(root.section("forecast")),
                                CostConfig.read(root.section("cost")),
                                AlertingConfig.read(root.section("alerting")),
                                ReportConfig.readAll(root),
                                RulesConfig.read(root.section("rules")),
                                PromqlConfig.read(root.section("promql")),
                                FirnSections.limits(root.section("limits")),
                                WebConfig.read(root.section("web")),
                                FirnSections.memoryMax(root.section("memory")),
                                List.of())
                        .onlyExtensions(started);
        Pipelines.defined(service, "extensions", started, root, Set.of());
        service.close();
        root.close();
        new CrossChecks(root, config).run();
        return config;
    }
}
