package dev.firn.config;

import dev.firn.config.DebugExporterConfig.Verbosity;

/// `logging`, the old name of `debug`, with `loglevel` for `verbosity`.
final class LoggingExporter {
    private LoggingExporter() {}

    static DebugExporterConfig read(Section section) {
        section.warning(
                "\"logging\" is the old name of \"debug\", which a Collector refuses; write debug:"
                        + " here and exporters: [debug] in the pipelines");
        boolean old = section.has("loglevel");
        Verbosity verbosity =
                switch (section.word("loglevel", "info", "debug", "info", "warn", "error")) {
                    case "debug" -> Verbosity.DETAILED;
                    case "info" -> Verbosity.NORMAL;
                    default -> Verbosity.BASIC;
                };
        if (old) {
            section.warning(
                    "loglevel",
                    "is the old name of verbosity; write verbosity: "
                            + verbosity.name().toLowerCase(java.util.Locale.ROOT));
        }
        DebugExporterConfig read = DebugExporterConfig.read(section);
        return old && !section.has("verbosity")
                ? new DebugExporterConfig(
                        verbosity, read.samplingInitial(), read.samplingThereafter())
                : read;
    }
}
