package dev.firn.engine;

import dev.firn.model.Series;
import java.util.Arrays;

/// The distinct series of one cut, each with a slot, and their order: by (metric_id, series_id), as
/// the tables are sorted. Reused; belongs to the sink's thread.
final class CutSeries {
    private static final long DAY_NANOS = 86_400_000_000_000L;

    Series[] series = new Series[64];

    /// Column `metric_id` by slot.
    int[] metricId = new int[64];

    /// Column `series_id` by slot.
    long[] id = new long[64];

    /// Column `retention_days` by slot.
    int[] retentionDays = new int[64];

    /// UTC days since 1970 of the earliest and latest point kept; first > last if none was.
    int[] firstDay = new int[64];

    int[] lastDay = new int[64];

    /// Place of a slot in the order; equal for slots of one id. -1: its points are left out.
    int[] rank = new int[64];

    private long[] sortKey = new long[64];
    private int size;
    private int ranks;
    private int[] table = new int[256]; // slot + 1; 0 is free
    private final IndexSort sort = new IndexSort();

    int size() {
        return size;
    }

    /// Number of distinct ranks.
    int ranks() {
        return ranks;
    }

    void clear() {
        Arrays.fill(series, 0, size, null); // do not keep evicted series alive
        Arrays.fill(table, 0);
        size = 0;
    }

    /// The slot of a series; a new one asks for its retention.
    int slot(Series one, Retention retention) {
        int mask = table.length - 1;
        int at = (int) one.id() & mask;
        while (table[at] != 0) {
            if (series[table[at] - 1] == one) {
                return table[at] - 1;
            }
            at = at + 1 & mask;
        }
        table[at] = size + 1;
        return add(one, retention);
    }

    private int add(Series one, Retention retention) {
        if (size == series.length) {
            grow(size * 2);
        }
        int slot = size++;
        series[slot] = one;
        metricId[slot] = one.metricId();
        id[slot] = one.id();
        retentionDays[slot] = Math.clamp(retention.days(one), 1, 65_535);
        firstDay[slot] = Integer.MAX_VALUE;
        lastDay[slot] = Integer.MIN_VALUE;
        rank[slot] = 0;
        if (size > table.length / 2) {
            rehash();
        }
        return slot;
    }

    private void grow(int capacity) {
        series = Arrays.copyOf(series, capacity);
        metricId = Arrays.copyOf(metricId, capacity);
        id = Arrays.copyOf(id, capacity);
        retentionDays = Arrays.copyOf(retentionDays, capacity);
        firstDay = Arrays.copyOf(firstDay, capacity);
        lastDay = Arrays.copyOf(lastDay, capacity);
        rank = Arrays.copyOf(rank, capacity);
        sortKey = Arrays.copyOf(sortKey, capacity);
    }

    private void rehash() {
        table = new int[table.length * 2];
        int mask = table.length - 1;
        for (int slot = 0; slot < size; slot++) {
            int at = (int) id[slot] & mask;
            while (table[at] != 0) {
                at = at + 1 & mask;
            }
            table[at] = slot + 1;
        }
    }

    /// Notes a point that is kept.
    void see(int slot, long timeNanos) {
        int day = (int) Math.floorDiv(timeNanos, DAY_NANOS);
        firstDay[slot] = Math.min(firstDay[slot], day);
        lastDay[slot] = Math.max(lastDay[slot], day);
    }

    /// Gives each slot that has points and is not left out its rank.
    void rank() {
        int[] order = new int[size];
        int count = 0;
        for (int slot = 0; slot < size; slot++) {
            if (rank[slot] >= 0 && firstDay[slot] <= lastDay[slot]) {
                // metric_id is unsigned: its top bit is turned to sort among signed numbers
                sortKey[slot] =
                        (long) (metricId[slot] ^ Integer.MIN_VALUE) << 32
                                | id[slot] >>> 32 ^ 0x8000_0000L;
                order[count++] = slot;
            }
        }
        sort.sort(order, 0, count, sortKey);
        sortEqualKeysById(order, count);
        ranks = 0;
        for (int i = 0; i < count; i++) {
            boolean same =
                    i > 0
                            && id[order[i]] == id[order[i - 1]]
                            && metricId[order[i]] == metricId[order[i - 1]];
            rank[order[i]] = same || i == 0 ? ranks : ++ranks;
        }
        ranks = count == 0 ? 0 : ranks + 1;
    }

    /// The key holds the upper half of an id only.
    private void sortEqualKeysById(int[] order, int count) {
        for (int from = 0; from < count; ) {
            int to = from + 1;
            while (to < count && sortKey[order[to]] == sortKey[order[from]]) {
                to++;
            }
            if (to - from > 1) {
                sort.sort(order, from, to, id);
            }
            from = to;
        }
    }
}
