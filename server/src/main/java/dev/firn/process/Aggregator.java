package dev.firn.process;

import dev.firn.model.Batch;
import dev.firn.model.Points;
import dev.firn.model.Series;
import org.jspecify.annotations.Nullable;

/// Takes the points of series that several others have become, or may yet become, and makes points
/// of one series of them. Thread-safe.
@FunctionalInterface
public interface Aggregator {
    /// A series has become another, or stays itself. Said before its points come, and again when
    /// what it said before is over.
    ///
    /// @param lossy whether it lost something that tells series apart, so that others are to be
    ///   expected
    default Claim claim(Series from, Series as, boolean lossy) {
        return lossy ? Claim.GATHERED : Claim.FREE;
    }

    /// Its name; the same after a restart.
    default String name() {
        return "";
    }

    /// Whether it must see these points although none of them gathers.
    default boolean asks(Batch from) {
        return false;
    }

    /// A request is to be looked at: what is said of its series holds until it has ended.
    default void hold() {}

    /// Begins with a request.
    ///
    /// @param from the points as they came into the stage, with their old series and their
    ///   exemplars
    /// @param out where the others go
    Pass begin(Batch from, Batch out);

    /// A series that leaves the stage, of whichever others become it.
    interface Claim {
        /// Its points pass.
        Claim FREE = constant(false);

        /// Its points must be added.
        Claim GATHERED = constant(true);

        /// Whether all of its points must be added, its own among them.
        boolean isGathered();

        /// Whether it must be asked for again.
        boolean isOver();

        /// A point passes.
        void observe(Points points, int row);

        private static Claim constant(boolean gathered) {
            return new Claim() {
                @Override
                public boolean isGathered() {
                    return gathered;
                }

                @Override
                public boolean isOver() {
                    return false;
                }

                @Override
                public void observe(Points points, int row) {}
            };
        }
    }

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
