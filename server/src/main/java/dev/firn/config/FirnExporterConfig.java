package dev.firn.config;

/// `firn`, the cold path: write-ahead log, engine and lake. It has no keys of its own; the sections
/// `wal`, `lake` and `engine` are its configuration.
public record FirnExporterConfig() implements ExporterConfig {
    static FirnExporterConfig read(Section section) {
        section.close();
        return new FirnExporterConfig();
    }
}
