package dev.firn.engine;

import dev.firn.model.Points;

/// Goes through the points of a gathered cut series by series, each in the order of its times. A
/// hot path: `firn bench ingest` measures it.
final class SeriesRuns {
    /// Takes the rows `order[from]` … `order[to - 1]`, all of one series.
    interface Run {
        void take(int[] order, int from, int to);
    }

    private SeriesRuns() {}

    /// Points of a kind. A series has several runs where its points are of several months.
    ///
    /// @param orders by the code of their kind
    static void forEach(CutRows rows, Points.Kind kind, RowOrder[] orders, Run run) {
        RowOrder arranged = orders[kind.code()];
        int[] order = arranged.order();
        int[] slots = rows.slots(kind);
        int[] rank = rows.series.rank;
        for (int partition : chronological(arranged)) {
            int end = arranged.to(partition);
            for (int from = arranged.from(partition); from < end; ) {
                int own = rank[slots[order[from]]];
                int to = from + 1;
                while (to < end && rank[slots[order[to]]] == own) {
                    to++;
                }
                run.take(order, from, to);
                from = to;
            }
        }
    }

    private static int[] chronological(RowOrder arranged) {
        int[] partitions = new int[arranged.partitions()];
        for (int i = 0; i < partitions.length; i++) {
            int at = i;
            for (; at > 0 && arranged.month(partitions[at - 1]) > arranged.month(i); at--) {
                partitions[at] = partitions[at - 1];
            }
            partitions[at] = i;
        }
        return partitions;
    }
}
