package dev.firn.config;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `transform`: statements in the OpenTelemetry Transformation Language, kept as text.
///
/// @param metricStatements in order; groups without statements are left out
public record TransformProcessorConfig(ErrorMode errorMode, List<StatementGroup> metricStatements)
        implements ProcessorConfig {
    /// `set(attributes["year"], Year(start_time_unix_nano))`: the functions take a time, and this
    /// path is a number, so that a Collector fails on each point.
    private static final Pattern PART_OF_NUMBER =
            Pattern.compile(
                    "\\b(Year|Month|Day|Hour|Minute|Second)\\(\\s*((?:datapoint\\.)?(?:start_)?time)"
                            + "_unix_nano\\s*\\)");

    public TransformProcessorConfig {
        metricStatements = List.copyOf(metricStatements);
    }

    static TransformProcessorConfig read(Section section) {
        ErrorMode errorMode = section.choice("error_mode", ErrorMode.IGNORE, ErrorMode.class);
        var groups = new ArrayList<StatementGroup>();
        for (StatementGroup group :
                StatementGroup.list(section, "metric_statements", "statements", errorMode)) {
            List<Statement> kept =
                    group.statements().stream().filter(one -> keeps(section, one)).toList();
            if (!kept.isEmpty()) {
                groups.add(
                        new StatementGroup(
                                group.context(), group.errorMode(), group.conditions(), kept));
            }
        }
        section.ignore(
                "Firn keeps metrics, so that this does nothing here; take it out",
                "trace_statements",
                "log_statements",
                "profile_statements",
                "flatten_data");
        section.close();
        return new TransformProcessorConfig(errorMode, groups);
    }

    private static boolean keeps(Section section, Statement statement) {
        Matcher matcher = PART_OF_NUMBER.matcher(statement.text());
        if (!matcher.find()) {
            return true;
        }
        section.warning(
                statement,
                "%s() takes a time and %s_unix_nano is a number, so that this statement is left out; Firn partitions by each point's own time and needs no such attribute, which would begin a new series whenever it changes: take the line out, or write - %s"
                        .formatted(
                                matcher.group(1), matcher.group(2), matcher.replaceAll("$1($2)")));
        return false;
    }
}
