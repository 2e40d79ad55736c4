package dev.firn.process;

import dev.firn.model.Batch;
import dev.firn.model.Points;
import dev.firn.model.Series;
import org.jspecify.annotations.Nullable;

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

    /// Its name; the same after a restart.
    default String name() {
        return "";
    }

    /// Whether it must see these points although none of them gathers.
    default boolean asks(Batch from) {
        return false;
    }

    /// Begins with a request.
    ///
    /// @param from the points as they came into the stage, with their old series and their
    ///   exemplars
    /// @param out where the others go
    Pass begin(Batch from, Batch out);

    /// Leave for the points of one series to go on as another, which no second series has become.
    /// Ends when one does.
    interface Passage {
        /// Whether it holds at this time.
        boolean isOpen(long nowSeconds);
    }

    /// One request's points.
    interface Pass {
        /// The passage of a series; null if its points must be added. Nothing that was asked before
        /// holds any longer once a point was [#claim]ed.
        default @Nullable Passage passage(Series from, Series as) {
            return null;
        }

        /// A point that has no passage will be added: now all of its new series must be.
        default void claim(Series as) {}

        /// A point goes through its passage.
        default void pass(Points points, int row, Passage passage) {}

        /// A point goes on as it came, and no other series becomes its own.
        default void keep(Points points, int row) {}

        /// A point, in the order of its kind; nothing is to be added to `out` yet.
        ///
        /// @param points a column of `from`
        /// @param as what its series has become
        void add(Points points, int row, Series as);

        /// There are no more: now `out` takes what comes of them.
        void end();
    }
}
