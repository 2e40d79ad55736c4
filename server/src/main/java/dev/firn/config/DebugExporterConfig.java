package dev.firn.config;

/// The Collector's `debug` exporter.
///
/// @param verbosity how much is said about a request
/// @param samplingInitial messages of a kind in each second that are logged
/// @param samplingThereafter of those after these, each so-many-th is logged; 0: none
public record DebugExporterConfig(Verbosity verbosity, int samplingInitial, int samplingThereafter)
        implements ExporterConfig {
    /// How much is said.
    public enum Verbosity {
        /// A line with numbers.
        BASIC,
        /// And a line for each point.
        NORMAL,
        /// And every field.
        DETAILED
    }

    static DebugExporterConfig read(Section section) {
        var config =
                new DebugExporterConfig(
                        section.choice("verbosity", Verbosity.BASIC, Verbosity.class),
                        (int) section.integer("sampling_initial", 2, 0, Integer.MAX_VALUE),
                        (int) section.integer("sampling_thereafter", 1, 0, Integer.MAX_VALUE));
        if (!section.bool("use_internal_logger", true)) {
            section.problem("use_internal_logger", "Firn has one log; remove this key");
        }
        if (section.has("output_paths")) {
            section.problem("output_paths", "Firn has one log; use the file exporter for files");
        }
        if (section.has("sending_queue")) {
            section.problem("sending_queue", "this exporter needs no queue; remove this key");
        }
        section.close();
        return config;
    }
}
