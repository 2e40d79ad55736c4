package dev.firn.lake;

import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.jspecify.annotations.Nullable;

/// The way in which everything but a writer's append changes a table: one compare-and-swap on its
/// metadata. Iceberg's own `commit()` of an operation that makes a snapshot, `Transaction` and
/// `RewriteDataFilesCommitManager` can lose other writers' rows
/// (`docs/decisions/004-iceberg-commit.md`).
public final class LakeSwap {
    /// What to make of the newest metadata.
    public interface Change {
        /// @param table refreshed to `base`, of the calling thread alone
        /// @param base the newest metadata
        /// @return what shall follow, built from `base` (snapshots by an operation's `apply()`);
        ///   null when there is nothing to do
        @Nullable TableMetadata next(Table table, TableMetadata base);
    }

    private LakeSwap() {}

    /// Tries once. An exception means that it is unknown whether the change is done: delete
    /// nothing, plan anew.
    ///
    /// @return whether something was changed
    public static boolean once(Table table, Change change) {
        TableOperations operations = ((HasTableOperations) table).operations();
        TableMetadata base = operations.refresh();
        TableMetadata next = change.next(table, base);
        if (next == null || next == base) {
            return false;
        }
        operations.commit(base, next);
        return true;
    }
}
