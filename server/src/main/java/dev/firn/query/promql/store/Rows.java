package dev.firn.query.promql.store;

import dev.firn.engine.NativeReader.Block;
import java.util.List;

/// Takes the points of one stored series in order of time and start; each class one form.
interface Rows {
    /// Takes a row.
    ///
    /// @param at its time, ms
    /// @param began its start, ms; 0 if unknown
    /// @param stale it says that there is no value any more
    void add(Block block, int row, long at, long began, boolean stale);

    /// What came of them.
    List<Piece> pieces();
}
