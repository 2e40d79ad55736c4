package dev.firn.lake.compact;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Puts one file that is in no order into sorted pieces, each a row group's worth of rows that
/// stood together. A later merge makes one of them.
final class KeySort implements RowSource {
    private final SortKeys keys;
    private final SourceFile file;
    private long next;

    KeySort(SortKeys keys, SourceFile file) {
        this.keys = keys;
        this.file = file;
    }

    @Override
    public @Nullable RowOrder next(int rowsMax) {
        if (next == file.rows()) {
            return null;
        }
        long from = next;
        next = Math.min(file.rows(), from + rowsMax);
        int rows = (int) (next - from);
        var all = new SortKeys.Block();
        keys.read(file, from, next, all);
        var sorted = new Integer[rows];
        Arrays.setAll(sorted, i -> i);
        Arrays.sort(sorted, (a, b) -> keys.compare(all, a, all, b)); // stable
        var order = new RowOrder(List.of(file), rows);
        for (Integer row : sorted) {
            order.add(0, from + row, 1);
        }
        return order;
    }

    @Override
    public boolean ordered() {
        return false; // pieces are, each for itself
    }
}
