package dev.firn.model;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The lake as an engine takes it in: states, what changed between them, and the rows of each. All
/// calls come from one thread.
public interface LakeHistory {
    /// Column `src` of a [Part] that takes every writer's rows.
    String ANY = "";

    /// What the tags begin with under which followers keep the snapshot that they show.
    String FOLLOWER_TAG = "firn.follow.";

    /// A snapshot of table `points`.
    ///
    /// @param snapshot its id; 0 before the first
    /// @param positions newest cut in it, by writer
    /// @param millis when it was committed, since 1970; 0 before the first
    record State(long snapshot, long millis, SortedMap<String, Long> positions) {
        public State {
            positions = Collections.unmodifiableSortedMap(new TreeMap<>(positions));
        }

        /// The newest cut of a writer; 0 if there is none.
        public long position(String src) {
            return positions.getOrDefault(src, 0L);
        }
    }

    /// What one snapshot did to its parent's rows.
    sealed interface Change {
        /// The snapshot's id.
        long snapshot();

        /// When it was committed, milliseconds since 1970.
        long millis();

        /// UTC days since 1970 whose rows are others than before.
        SortedSet<Long> days();

        /// Rows of one writer were added.
        ///
        /// @param from the least of their cuts
        /// @param to the greatest
        /// @param days UTC days since 1970 that won rows
        record Appended(
                long snapshot, long millis, String src, long from, long to, SortedSet<Long> days)
                implements Change {
            public Appended {
                days = Collections.unmodifiableSortedSet(new TreeSet<>(days));
            }
        }

        /// The same rows in other files, or nothing at all.
        record Rewritten(long snapshot, long millis) implements Change {
            @Override
            public SortedSet<Long> days() {
                return Collections.emptySortedSet();
            }
        }

        /// Rows were removed or replaced.
        ///
        /// @param days UTC days since 1970 that lost or won rows
        /// @param appended newest cuts that were added besides, by writer
        record Replaced(
                long snapshot, long millis, SortedSet<Long> days, SortedMap<String, Long> appended)
                implements Change {
            public Replaced {
                days = Collections.unmodifiableSortedSet(new TreeSet<>(days));
                appended = Collections.unmodifiableSortedMap(new TreeMap<>(appended));
            }
        }
    }

    /// Rows to read.
    ///
    /// @param snapshot the state to read
    /// @param day UTC day of their time, since 1970; null: those that the snapshot itself appended
    /// @param src their writer, or [#ANY]
    /// @param after cut after which they come
    /// @param upTo the last cut
    record Part(long snapshot, @Nullable Long day, String src, long after, long upTo) {}

    /// The newest state.
    State newest();

    /// Whether a snapshot can still be read.
    boolean has(long snapshot);

    /// Whether rows of a snapshot may have been removed or replaced since; true, too, if it is not
    /// known.
    boolean lostRowsSince(long snapshot);

    /// What happened after a snapshot, oldest first; null if the way from there to the newest is no
    /// longer known.
    @Nullable List<Change> changes(long since);

    /// UTC days that may have rows of a writer's cuts after `after`, each with a number of rows
    /// that is no less than theirs.
    SortedMap<Long, Long> days(long snapshot, String src, long after, long upTo);

    /// Hands out rows in batches of one writer each. A batch is reused for the next call.
    ///
    /// @throws dev.firn.base.WorldException if they cannot be read now, or a series is not known
    ///   yet
    void read(Part part, Taker each) throws InterruptedException;

    /// Who takes batches.
    @FunctionalInterface
    interface Taker {
        void take(StoredBatch batch) throws InterruptedException;
    }

    /// Keeps a snapshot readable until another is kept under this name, or its time is over.
    void keep(String name, long snapshot);

    /// Ends that.
    void letGo(String name);
}
