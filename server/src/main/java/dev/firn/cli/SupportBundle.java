package dev.firn.cli;

import dev.firn.base.WorldException;
import dev.firn.ops.doctor.Finding;
import dev.firn.ops.doctor.Masked;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/// A zip file for whoever helps: findings, versions, the configuration without secrets, and what a
/// running Firn says of itself. No points, no labels of points, no environment variables.
final class SupportBundle {
    /// What is asked of a running Firn, by the name of the file.
    private static final Map<String, String> ASKED =
            Map.of(
                    "health.json", "/health",
                    "info.json", "/api/firn/v1/info",
                    "wal.json", "/api/firn/v1/wal");

    private final List<Finding> findings;
    private final List<Path> configs;
    private final Optional<Remote> running;

    SupportBundle(List<Finding> findings, List<Path> configs, Optional<Remote> running) {
        this.findings = findings;
        this.configs = configs;
        this.running = running;
    }

    void write(Path file) throws IOException {
        try (var zip = new ZipOutputStream(Files.newOutputStream(file))) {
            for (Map.Entry<String, String> one : contents().entrySet()) {
                zip.putNextEntry(new ZipEntry(one.getKey()));
                zip.write(one.getValue().getBytes(StandardCharsets.UTF_8));
                zip.closeEntry();
            }
        }
    }

    private Map<String, String> contents() throws IOException {
        var contents = new LinkedHashMap<String, String>();
        contents.put(
                "doctor.tsv",
                findings.stream()
                        .map(DoctorCommand::line)
                        .collect(Collectors.joining("\n", "", "\n")));
        Version version = Version.current();
        contents.put(
                "version.txt",
                "firn "
                        + version.firn()
                        + "\nengine "
                        + version.engine()
                        + "\njava "
                        + Runtime.version()
                        + "\nsystem "
                        + System.getProperty("os.name")
                        + " "
                        + System.getProperty("os.version")
                        + " "
                        + System.getProperty("os.arch")
                        + "\n");
        for (int i = 0; i < configs.size(); i++) {
            contents.put(
                    "config/" + (i + 1) + "-" + configs.get(i).getFileName(),
                    masked(configs.get(i)));
        }
        running.ifPresent(remote ->
                ASKED.forEach(
                        (name, path) -> contents.put("running/" + name, asked(remote, path))));
        return contents;
    }

    private static String masked(Path config) throws IOException {
        try {
            return Masked.yaml(Files.readString(config));
        } catch (YamlEngineException e) {
            return "left out: it is not YAML, so that nobody knows where secrets stand in it\n";
        }
    }

    private static String asked(Remote remote, String path) {
        try {
            return remote.getAnyState(path).toPrettyString();
        } catch (WorldException e) {
            return e.getMessage() + "\n";
        }
    }
}
