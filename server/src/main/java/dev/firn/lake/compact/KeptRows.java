package dev.firn.lake.compact;

import org.jspecify.annotations.Nullable;

/// Leaves out what is past its retention.
final class KeptRows implements RowSource {
    private final RowSource all;
    private final RowFilter filter;

    KeptRows(RowSource all, RowFilter filter) {
        this.all = all;
        this.filter = filter;
    }

    @Override
    public @Nullable RowOrder next(int rowsMax) {
        for (RowOrder rows = all.next(rowsMax); rows != null; rows = all.next(rowsMax)) {
            RowOrder kept = filter.kept(rows);
            if (kept.size() > 0) {
                return kept;
            }
        }
        return null;
    }

    @Override
    public boolean ordered() {
        return all.ordered();
    }
}
