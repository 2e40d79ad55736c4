package dev.firn.query;

import dev.firn.query.AdmittedBook.Place;
import java.util.List;
import java.util.Map;

/// What came into the lake from a writer since a cut, as its snapshots tell.
///
/// @param whole whether all snapshots since are still there
/// @param commits of the writer, oldest first
/// @param rewrites of anybody's rows, that were to change none
public record Appended(boolean whole, List<Commit> commits, List<Rewrite> rewrites) {
    /// What is asked.
    @FunctionalInterface
    public interface Source {
        /// Reads it.
        ///
        /// @param cut up to which it is known already
        Appended since(String writer, long cut);
    }

    /// Rows that came with a commit.
    ///
    /// @param cut up to which the writer's cuts are in with it
    /// @param beside whether it brought that cut alone, which the lake had refused before
    public record Commit(long cut, boolean beside, Map<Place, Long> rows) {
        public Commit {
            rows = Map.copyOf(rows);
        }
    }

    /// Files that were made anew.
    ///
    /// @param snapshot its number in the table's order
    public record Rewrite(long snapshot, Map<Place, Long> before, Map<Place, Long> after) {
        public Rewrite {
            before = Map.copyOf(before);
            after = Map.copyOf(after);
        }
    }

    public Appended {
        commits = List.copyOf(commits);
        rewrites = List.copyOf(rewrites);
    }
}
