package dev.firn.lake;

/// Cuts a leaf's entries into pages, always between rows, for [PageWriter].
final class PageCut {
    private static final int PAGE_ENTRIES = 200_000;

    private final Leaf leaf;
    private final int rowsTotal;
    private final int full;
    private int rowsDone;
    int entryFrom;
    int entryTo;
    int valueFrom;
    int valueTo;
    int rows;

    PageCut(Leaf leaf, int rowsTotal, int full) {
        this.leaf = leaf;
        this.rowsTotal = rowsTotal;
        this.full = full;
    }

    boolean next() {
        rowsDone += rows;
        if (rowsDone == rowsTotal) {
            return false;
        }
        entryFrom = entryTo;
        valueFrom = valueTo;
        if (leaf.repeated) {
            nextRepeated();
        } else {
            rows = Math.min(PageWriter.PAGE_ROWS, rowsTotal - rowsDone);
            entryTo = entryFrom + rows;
        }
        valueTo = valueFrom + (leaf.optional ? present() : entryTo - entryFrom);
        return true;
    }

    private void nextRepeated() {
        rows = 0;
        int at = entryFrom;
        while (at < leaf.entries && rows < PageWriter.PAGE_ROWS && at - entryFrom < PAGE_ENTRIES) {
            at++;
            while (at < leaf.entries && leaf.repetition[at] != 0) {
                at++;
            }
            rows++;
        }
        entryTo = at;
    }

    private int present() {
        int present = 0;
        for (int i = entryFrom; i < entryTo; i++) {
            if (leaf.definition[i] == full) {
                present++;
            }
        }
        return present;
    }
}
