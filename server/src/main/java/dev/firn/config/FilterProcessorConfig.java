package dev.firn.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `filter`: metrics and points that are dropped.
///
/// @param include the older form: what does not match is dropped
/// @param exclude the older form: what matches is dropped; looked at after `include`
/// @param conditions of `metrics.resource`, `metrics.metric`, `metrics.datapoint` and
///   `metric_conditions`, in this order: what one holds for is dropped. Their groups have no
///   statements
public record FilterProcessorConfig(
        ErrorMode errorMode,
        Optional<MetricMatch> include,
        Optional<MetricMatch> exclude,
        List<StatementGroup> conditions)
        implements ProcessorConfig {
    public FilterProcessorConfig {
        conditions = List.copyOf(conditions);
    }

    private static final String OTHER_SIGNAL =
            "Firn keeps metrics, so that this does nothing here; take it out";

    static FilterProcessorConfig read(Section section) {
        ErrorMode errorMode = section.choice("error_mode", ErrorMode.IGNORE, ErrorMode.class);
        Section metrics = section.section("metrics");
        var conditions = new ArrayList<StatementGroup>();
        for (String context : List.of("resource", "metric", "datapoint")) {
            List<Statement> all = metrics.statements(context);
            if (!all.isEmpty()) {
                conditions.add(new StatementGroup(context, errorMode, all, List.of()));
            }
        }
        Optional<MetricMatch> include = MetricMatch.filter(metrics, "include");
        Optional<MetricMatch> exclude = MetricMatch.filter(metrics, "exclude");
        boolean older = include.isPresent() || exclude.isPresent();
        if (older && !conditions.isEmpty()) {
            section.problem(
                    "metrics",
                    "include and exclude cannot stand beside conditions; move them to a processor"
                            + " of their own, such as filter/2");
        }
        if (section.has("metric_conditions") && (older || !conditions.isEmpty())) {
            section.problem(
                    "metric_conditions",
                    "cannot stand beside metrics:; move one of them to a processor of its own,"
                            + " such as filter/2");
        }
        MetricMatch.regexpCache(metrics);
        metrics.close();
        conditions.addAll(
                StatementGroup.list(section, "metric_conditions", "conditions", errorMode));
        section.ignore(
                OTHER_SIGNAL,
                "spans",
                "traces",
                "logs",
                "profiles",
                "trace_conditions",
                "log_conditions",
                "profile_conditions");
        section.close();
        return new FilterProcessorConfig(errorMode, include, exclude, conditions);
    }
}
