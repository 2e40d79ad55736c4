package dev.firn.query.promql.script;

import dev.firn.query.promql.value.Labels;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A command of a script.
sealed interface Command {
    /// Forget all series.
    record Clear() implements Command {}

    /// Add series, a value each `gapMillis` from time 0 on.
    record Load(long gapMillis, boolean withCustomBuckets, List<Loaded> series)
            implements Command {}

    /// A series; start times, relative to each sample, if the script gives them.
    record Loaded(SeriesLine line, List<SequenceValue> starts) {}

    /// Evaluate and compare.
    ///
    /// @param line in the script, from 1
    /// @param range over a range, or at `startMillis`
    record Eval(
            int line,
            String query,
            boolean range,
            long startMillis,
            long endMillis,
            long stepMillis,
            Expected expected)
            implements Command {}

    /// What a query must yield.
    ///
    /// @param onlyInstant the same query is not tried over a range
    record Expected(
            boolean ordered,
            boolean fails,
            List<Pattern> failure,
            boolean anyWarning,
            boolean anyInfo,
            List<Pattern> warnings,
            List<Pattern> infos,
            boolean noWarning,
            boolean noInfo,
            @Nullable Double scalar,
            @Nullable String text,
            Map<Labels, Row> rows,
            boolean onlyInstant) {}

    /// A series at its position among the expected, from 1.
    record Row(int position, List<SequenceValue> values) {}

    /// A message or a regular expression for one.
    record Pattern(@Nullable String message, com.google.re2j.@Nullable Pattern regex) {
        boolean matches(String text) {
            return regex == null ? text.equals(message) : regex.matcher(text).find();
        }

        @Override
        public String toString() {
            return String.valueOf(regex == null ? message : regex.pattern());
        }
    }
}
