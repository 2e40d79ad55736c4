package dev.firn.query.promql.script;

import dev.firn.query.promql.eval.SeriesSource;
import dev.firn.query.promql.value.Labels;
import dev.firn.query.promql.value.NativeHistogram;
import org.jspecify.annotations.Nullable;

/// Where a script's series are loaded to and read from.
public interface ScriptStorage {
    /// Forgets all series.
    void clear();

    /// Adds a sample.
    ///
    /// @param timeMillis since the script's beginning
    /// @param histogram in place of the number, if there is one
    /// @param startMillis when the counter behind it started; 0 if unknown
    void append(
            Labels labels,
            long timeMillis,
            double number,
            @Nullable NativeHistogram histogram,
            long startMillis);

    /// What was loaded so far.
    SeriesSource source();
}
