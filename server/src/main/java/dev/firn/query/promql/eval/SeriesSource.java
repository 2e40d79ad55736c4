package dev.firn.query.promql.eval;

import dev.firn.query.promql.lang.Matcher;
import dev.firn.query.promql.value.Labels;
import dev.firn.query.promql.value.Samples;
import java.util.List;
import java.util.Set;

/// Where series come from: memory, the engine, the lake.
public interface SeriesSource {
    /// What is wanted.
    ///
    /// @param matchers conditions that all must hold
    /// @param fromMillis first time that counts, included
    /// @param toMillis last time that counts, included
    /// @param function the function around the selector, or empty; a source may use it to read less
    record Selection(List<Matcher> matchers, long fromMillis, long toMillis, String function) {}

    /// Series one by one.
    interface Cursor extends AutoCloseable {
        /// Steps to the next series; false at the end.
        boolean next();

        Labels labels();

        /// Its samples, which may reach beyond the times asked for.
        Samples samples();

        @Override
        void close();
    }

    /// What is selected from here on is asked for because of these labels.
    default void uses(Set<String> labels) {}

    /// Opens a stream of the series that match, each once.
    Cursor select(Selection selection);
}
