package dev.firn.lake.compact;

import dev.firn.lake.PageWriter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Merges files that are each in order. Holds the keys of one page of each file, never more. Rows
/// with equal keys keep the order of their files. For the hot path that `LakeCompactBench`
/// measures.
final class KeyMerge implements RowSource {
    /// Memory for the keys of a row.
    static final int KEY_BYTES = 20;

    private final class Cursor {
        final int number;
        final SourceFile file;
        final SortKeys.Block block = new SortKeys.Block();
        final SortKeys.Block last = new SortKeys.Block(); // the key before the block's
        long blockFrom;
        int at;

        Cursor(int number, SourceFile file) {
            this.number = number;
            this.file = file;
        }

        /// Reads the next page of keys; false after the last.
        boolean load() {
            long from = blockFrom + block.size;
            if (from == file.rows()) {
                return false;
            }
            long inGroup = file.blockFrom(file.blockOf(from) + 1);
            long to = Math.min(inGroup, from + PageWriter.PAGE_ROWS);
            if (block.size > 0) {
                last.keep(block, block.size - 1);
            }
            keys.read(file, from, to, block);
            if (last.size > 0 && keys.compare(last, 0, block, 0) > 0) {
                throw new UnsortedFile(file.file(), from);
            }
            for (int i = 1; i < block.size; i++) {
                if (keys.compare(block, i - 1, block, i) > 0) {
                    throw new UnsortedFile(file.file(), from + i);
                }
            }
            blockFrom = from;
            at = 0;
            return true;
        }

        boolean before(Cursor other) {
            int order = keys.compare(block, at, other.block, other.at);
            return order < 0 || order == 0 && number < other.number;
        }
    }

    private final SortKeys keys;
    private final List<SourceFile> files;
    private final List<Cursor> heap = new ArrayList<>();

    KeyMerge(SortKeys keys, List<SourceFile> files) {
        this.keys = keys;
        this.files = files;
        for (int i = 0; i < files.size(); i++) {
            var cursor = new Cursor(i, files.get(i));
            if (cursor.load()) {
                heap.add(cursor);
            }
        }
        for (int i = heap.size() / 2 - 1; i >= 0; i--) {
            sift(i);
        }
    }

    @Override
    public @Nullable RowOrder next(int rowsMax) {
        if (heap.isEmpty()) {
            return null;
        }
        var order = new RowOrder(files, rowsMax);
        while (order.size() < rowsMax && !heap.isEmpty()) {
            Cursor least = heap.getFirst();
            int taken = run(least, rowsMax - order.size());
            order.add(least.number, least.blockFrom + least.at, taken);
            least.at += taken;
            if (least.at == least.block.size && !least.load()) {
                Cursor last = heap.removeLast();
                if (heap.isEmpty()) {
                    break;
                }
                heap.set(0, last);
            }
            sift(0);
        }
        return order;
    }

    @Override
    public boolean ordered() {
        return true;
    }

    /// How many rows of the least cursor come before any of the others'.
    private int run(Cursor least, int max) {
        Cursor next = second();
        int end = Math.min(least.block.size, least.at + max);
        int from = least.at;
        if (next == null) {
            return end - from;
        }
        do {
            least.at++;
        } while (least.at < end && least.before(next));
        int taken = least.at - from;
        least.at = from;
        return taken;
    }

    private @Nullable Cursor second() {
        if (heap.size() < 2) {
            return null;
        }
        if (heap.size() == 2 || heap.get(1).before(heap.get(2))) {
            return heap.get(1);
        }
        return heap.get(2);
    }

    private void sift(int from) {
        int at = from;
        Cursor moving = heap.get(at);
        while (true) {
            int child = 2 * at + 1;
            if (child >= heap.size()) {
                break;
            }
            if (child + 1 < heap.size() && heap.get(child + 1).before(heap.get(child))) {
                child++;
            }
            if (!heap.get(child).before(moving)) {
                break;
            }
            heap.set(at, heap.get(child));
            at = child;
        }
        heap.set(at, moving);
    }
}
