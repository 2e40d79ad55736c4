package dev.firn.process;

import dev.firn.model.Batch;
import dev.firn.model.Points;
import dev.firn.model.Series;

/// Takes the points of series that lost a part of their identity, so that several may now be one,
/// and makes points of the new series of them. Thread-safe.
@FunctionalInterface
public interface Aggregator {
    /// Others will become this series. Said when it turns out, so that one that is the same without
    /// having lost anything comes along.
    default void gather(Series as) {}

    /// Whether others become, or once became, this series: then its own points must come too.
    default boolean gathers(Series as) {
        return false;
    }

    /// Begins with a request.
    ///
    /// @param from the points as they came into the stage, with their old series and their
    ///   exemplars
    /// @param out where the others go
    Pass begin(Batch from, Batch out);

    /// One request's points.
    interface Pass {
        /// A point, in the order of its kind; nothing is to be added to `out` yet.
        ///
        /// @param points a column of `from`
        /// @param as what its series has become
        void add(Points points, int row, Series as);

        /// There are no more: now `out` takes what comes of them.
        void end();
    }
}
