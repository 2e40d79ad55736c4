package dev.firn.config;

import java.util.List;

/// `transform`: statements in the OpenTelemetry Transformation Language, kept as text.
///
/// @param metricStatements in order
public record TransformProcessorConfig(ErrorMode errorMode, List<StatementGroup> metricStatements)
        implements ProcessorConfig {
    public TransformProcessorConfig {
        metricStatements = List.copyOf(metricStatements);
    }

    static TransformProcessorConfig read(Section section) {
        ErrorMode errorMode = section.choice("error_mode", ErrorMode.IGNORE, ErrorMode.class);
        var config =
                new TransformProcessorConfig(
                        errorMode,
                        StatementGroup.list(
                                section, "metric_statements", "statements", errorMode));
        section.ignore(
                "Firn keeps metrics, so that this does nothing here; take it out",
                "trace_statements",
                "log_statements",
                "profile_statements",
                "flatten_data");
        section.close();
        return config;
    }
}
