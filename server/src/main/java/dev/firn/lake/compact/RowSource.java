package dev.firn.lake.compact;

import org.jspecify.annotations.Nullable;

/// Hands out rows in the table's order, a row group's worth at a time.
sealed interface RowSource permits KeyMerge, KeySort, KeptRows {
    /// At most `rowsMax` rows that follow those of the call before; null after the last.
    ///
    /// @throws UnsortedFile when an input is not in the order that it claims
    @Nullable RowOrder next(int rowsMax);

    /// Whether what a call hands out follows what the call before did.
    boolean ordered();
}
