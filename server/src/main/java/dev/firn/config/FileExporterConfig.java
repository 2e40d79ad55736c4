package dev.firn.config;

import java.nio.file.Path;
import java.util.Optional;

/// The Collector's `file` exporter.
///
/// @param path the file, relative to the working directory
/// @param append keeps what a file without rotation holds at the start; else it is emptied
/// @param rotation empty: the file grows without end
/// @param flushIntervalNanos how long a line may wait in memory; with rotation none waits
/// @param createDirectory makes the missing directories above the file
public record FileExporterConfig(
        Path path,
        boolean append,
        Optional<Rotation> rotation,
        Format format,
        Compression compression,
        long flushIntervalNanos,
        boolean createDirectory)
        implements ExporterConfig {
    /// When a file is put aside, and how many of these stay.
    ///
    /// @param maxBytes size of a file
    /// @param maxDays age at which a backup goes; 0: none
    /// @param maxBackups how many stay; 0: all
    /// @param localTime backups are named by local time rather than UTC
    public record Rotation(long maxBytes, int maxDays, int maxBackups, boolean localTime) {}

    /// How a request is written.
    public enum Format {
        JSON,
        PROTO
    }

    /// How a request is compressed.
    public enum Compression {
        NONE,
        ZSTD
    }

    private static final long MEGABYTE = 1 << 20;
    private static final long SECOND = 1_000_000_000L;

    static FileExporterConfig read(Section section) {
        String path = section.text("path", "");
        if (path.isEmpty()) {
            section.problem("path", "is missing; write path: ./metrics.jsonl");
        }
        boolean append = section.bool("append", false);
        Optional<Rotation> rotation = rotation(section);
        if (append && rotation.isPresent()) {
            section.problem("append", "cannot stand beside rotation; remove one of them");
        }
        long flush = section.nanos("flush_interval", SECOND, 0, 3600 * SECOND);
        var config =
                new FileExporterConfig(
                        Path.of(path),
                        append,
                        rotation,
                        section.choice("format", Format.JSON, Format.class),
                        compression(section),
                        flush == 0 ? SECOND : flush, // as the Collector has it
                        section.bool("create_directory", false));
        refuse(section, config);
        section.close();
        return config;
    }

    private static Optional<Rotation> rotation(Section section) {
        if (!section.has("rotation")) {
            return Optional.empty();
        }
        Section rotation = section.section("rotation");
        long megabytes = rotation.integer("max_megabytes", 100, 0, 1 << 20);
        var result =
                new Rotation(
                        (megabytes == 0 ? 100 : megabytes) * MEGABYTE,
                        (int) rotation.integer("max_days", 0, 0, 100_000),
                        (int) rotation.integer("max_backups", 100, 0, 1_000_000),
                        rotation.bool("localtime", false));
        rotation.close();
        return Optional.of(result);
    }

    private static Compression compression(Section section) {
        String text = section.text("compression", "");
        if (!text.isEmpty() && !text.equals("zstd")) {
            section.problem("compression", "\"" + text + "\" is not known; write zstd");
        }
        return text.equals("zstd") ? Compression.ZSTD : Compression.NONE;
    }

    private static void refuse(Section section, FileExporterConfig config) {
        if (section.has("encoding")) {
            section.problem("encoding", "Firn has no encoding extensions; use format: json");
        }
        if (section.has("compression_params")) {
            section.problem("compression_params", "Firn uses level 3; remove this key");
        }
        if (section.has("directory_permissions")) {
            section.problem(
                    "directory_permissions",
                    "Firn leaves permissions to the umask; create the directory beforehand");
        }
        if (section.has("group_by")) {
            Section groups = section.section("group_by");
            if (groups.bool("enabled", false)) {
                section.problem(
                        "group_by",
                        "Firn writes one file; use one pipeline with a filter processor for each"
                                + " file");
            }
            groups.text("resource_attribute", "");
            groups.integer("max_open_files", 100, 0, Integer.MAX_VALUE);
            groups.close();
        }
        if (config.path().toString().endsWith("/") || config.path().getFileName() == null) {
            section.problem("path", "names no file");
        }
    }
}
