package dev.firn.engine;

import dev.firn.model.Series;
import java.util.Arrays;

/// The series of recent cuts, each with a slot that it keeps from cut to cut, and their order: by
/// (metric_id, series_id), as the tables are sorted. A cut brings mostly series of the cut before,
/// so what depends on the series alone is found out once. Reused; belongs to the sink's thread. A
/// hot path: `firn bench ingest` measures it.
final class CutSeries {
    private static final long DAY_NANOS = 86_400_000_000_000L;

    /// After this many cuts all slots are given up, so that evicted series are not kept alive:
    /// minutes, while the registry forgets a series after an hour.
    private static final int CUTS_MAX = 256;

    Series[] series = new Series[64];

    /// Column `metric_id` by slot.
    int[] metricId = new int[64];

    /// Column `series_id` by slot.
    long[] id = new long[64];

    /// Column `retention_days` by slot.
    int[] retentionDays = new int[64];

    /// UTC days since 1970 of the cut's earliest and latest point kept; first > last if none was.
    int[] firstDay = new int[64];

    int[] lastDay = new int[64];

    /// Place of a slot in the cut's order; equal for slots of one id. -1: its points are left out.
    int[] rank = new int[64];

    /// The slot's cell among [OpenWindows], as it was found last: to be looked at first.
    int[] cell = new int[64];

    /// The engine had no row of the series before this cut.
    boolean[] fresh = new boolean[64];

    /// Slots of this cut, in order of first appearance.
    private int[] used = new int[64];

    private int usedSize;
    private int[] cutOf = new int[64];
    private int cut;

    /// Days between which the engine is known to have the series' row; first > last if it is not.
    private int[] settledFirst = new int[64];

    private int[] settledLast = new int[64];

    /// All slots in order, as far as they were sorted, and each slot's place there.
    private int[] order = new int[64];

    private int[] position = new int[64];
    private int ordered;

    private long[] sortKey = new long[64];
    private int size;
    private int ranks;
    private final IndexSort sort = new IndexSort();

    /// Number of slots of this cut.
    int size() {
        return usedSize;
    }

    /// The `i`th slot of this cut.
    int slotAt(int i) {
        return used[i];
    }

    /// Number of distinct ranks.
    int ranks() {
        return ranks;
    }

    /// Begins a cut.
    void clear() {
        usedSize = 0;
        if (++cut > CUTS_MAX) {
            forget();
        }
    }

    /// Gives up all slots: what was settled no longer holds.
    void forget() {
        Arrays.fill(series, 0, size, null);
        Arrays.fill(cutOf, 0, size, 0);
        size = 0;
        usedSize = 0;
        ordered = 0;
        cut = 1;
    }

    /// The slot of a series; a new one asks for its retention.
    int slot(Series one, Retention retention) {
        int slot = one.engineSlot;
        if (slot >= size || series[slot] != one) {
            slot = add(one, retention);
        }
        if (cutOf[slot] != cut) {
            use(slot);
        }
        return slot;
    }

    private void use(int slot) {
        cutOf[slot] = cut;
        used[usedSize++] = slot;
        firstDay[slot] = Integer.MAX_VALUE;
        lastDay[slot] = Integer.MIN_VALUE;
        rank[slot] = 0;
        fresh[slot] = false;
    }

    private int add(Series one, Retention retention) {
        if (size == series.length) {
            grow(size * 2);
        }
        int slot = size++;
        one.engineSlot = slot;
        series[slot] = one;
        metricId[slot] = one.metricId();
        id[slot] = one.id();
        // metric_id is unsigned: its top bit is turned to sort among signed numbers
        sortKey[slot] =
                (long) (metricId[slot] ^ Integer.MIN_VALUE) << 32 | id[slot] >>> 32 ^ 0x8000_0000L;
        retentionDays[slot] = Math.clamp(retention.days(one), 1, 65_535);
        cell[slot] = -1;
        fresh[slot] = false;
        settledFirst[slot] = Integer.MAX_VALUE;
        settledLast[slot] = Integer.MIN_VALUE;
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
        cell = Arrays.copyOf(cell, capacity);
        fresh = Arrays.copyOf(fresh, capacity);
        used = Arrays.copyOf(used, capacity);
        cutOf = Arrays.copyOf(cutOf, capacity);
        settledFirst = Arrays.copyOf(settledFirst, capacity);
        settledLast = Arrays.copyOf(settledLast, capacity);
        order = Arrays.copyOf(order, capacity);
        position = Arrays.copyOf(position, capacity);
        sortKey = Arrays.copyOf(sortKey, capacity);
    }

    /// Notes a point that is kept.
    void see(int slot, long timeNanos) {
        int day = (int) Math.floorDiv(timeNanos, DAY_NANOS);
        firstDay[slot] = Math.min(firstDay[slot], day);
        lastDay[slot] = Math.max(lastDay[slot], day);
    }

    /// True if the engine has the series' row for all days of this cut.
    boolean settled(int slot) {
        return firstDay[slot] >= settledFirst[slot] && lastDay[slot] <= settledLast[slot];
    }

    /// The engine has, or gets now, the series' row for all days of this cut.
    void settle(int slot) {
        settledFirst[slot] = Math.min(firstDay[slot], settledFirst[slot]);
        settledLast[slot] = Math.max(lastDay[slot], settledLast[slot]);
    }

    /// Gives each slot of this cut that has points and is not left out its rank.
    void rank() {
        sortNewSlots();
        int[] places = new int[usedSize];
        int count = 0;
        for (int i = 0; i < usedSize; i++) {
            int slot = used[i];
            if (rank[slot] >= 0 && firstDay[slot] <= lastDay[slot]) {
                places[count++] = position[slot];
            }
        }
        Arrays.sort(places, 0, count);
        ranks = 0;
        for (int i = 0; i < count; i++) {
            int slot = order[places[i]];
            boolean same = i > 0 && sameId(slot, order[places[i - 1]]);
            rank[slot] = same || i == 0 ? ranks : ++ranks;
        }
        ranks = count == 0 ? 0 : ranks + 1;
    }

    private boolean sameId(int slot, int other) {
        return id[slot] == id[other] && metricId[slot] == metricId[other];
    }

    /// The slots sorted before are one run, which the sort leaves alone.
    private void sortNewSlots() {
        if (ordered == size) {
            return;
        }
        for (int slot = ordered; slot < size; slot++) {
            order[slot] = slot;
        }
        sort.sort(order, ordered, size, sortKey);
        sort.sort(order, 0, size, sortKey);
        sortEqualKeysById(size);
        for (int place = 0; place < size; place++) {
            position[order[place]] = place;
        }
        ordered = size;
    }

    /// The key holds the upper half of an id only.
    private void sortEqualKeysById(int count) {
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
