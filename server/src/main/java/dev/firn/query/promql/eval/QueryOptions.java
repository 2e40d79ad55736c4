package dev.firn.query.promql.eval;

import dev.firn.query.promql.lang.Features;
import java.time.Duration;

/// How queries are understood and what they may use.
///
/// @param features parts of the language that are switched on
/// @param lookbackMillis how old a sample may be that an instant selector takes
/// @param subqueryStepMillis the step of subqueries that name none
/// @param delayedNameRemoval whether metric names are dropped at the end only
/// @param typeAndUnitLabels whether series carry `__type__` and `__unit__`
/// @param startTimestamps whether start times decide about counter resets
/// @param samplesMax samples that a query may hold at once
/// @param timeout how long a query may take
public record QueryOptions(
        Features features,
        long lookbackMillis,
        long subqueryStepMillis,
        boolean delayedNameRemoval,
        boolean typeAndUnitLabels,
        boolean startTimestamps,
        long samplesMax,
        Duration timeout) {
    /// As a Prometheus without flags.
    public static final QueryOptions DEFAULT =
            new QueryOptions(
                    Features.STABLE,
                    300_000,
                    60_000,
                    false,
                    false,
                    false,
                    50_000_000,
                    Duration.ofMinutes(2));

    public QueryOptions {
        if (lookbackMillis <= 0 || subqueryStepMillis <= 0 || samplesMax <= 0) {
            throw new IllegalArgumentException("lookback, step and samples must be above zero");
        }
    }
}
