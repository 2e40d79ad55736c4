package dev.firn.process;

import dev.firn.model.Series;
import org.jspecify.annotations.Nullable;

/// What a stage knows about each series, by the object. Reads take no lock and allocate nothing.
/// Entries of evicted series go when the table is next rebuilt; beyond the limit nothing is added.
///
/// Open addressing with linear probing over one array of series and values by turns, so that a
/// look-up costs one line of memory beside the series. A slot keeps its series; its value may be
/// replaced. A reader that sees the one and not yet the other takes it for unknown. Hot path:
/// `PipelineBenchmark` in bench/.
final class SeriesTable<V extends Object> {
    private static final int SLOTS_MIN = 1_024;

    private final long entriesMax;
    private volatile @Nullable Object[] table = new Object[2 * SLOTS_MIN];
    private volatile int size;

    /// @param entriesMax about as many as there may be series
    SeriesTable(long entriesMax) {
        this.entriesMax = entriesMax;
    }

    int size() {
        return size;
    }

    @SuppressWarnings("unchecked") // odd places hold values only
    @Nullable V find(Series series) {
        @Nullable Object[] in = table;
        int mask = in.length / 2 - 1;
        for (int slot = System.identityHashCode(series) & mask; ; slot = (slot + 1) & mask) {
            Object there = in[2 * slot];
            if (there == series) {
                return (V) in[2 * slot + 1];
            }
            if (there == null) {
                return null;
            }
        }
    }

    /// Adds or replaces.
    synchronized void put(Series series, V value) {
        @Nullable Object[] now = table;
        if ((size + 1) * 4L > now.length) {
            now = rebuilt(now);
        }
        if (size < entriesMax && place(now, series, value)) {
            size++;
        }
        table = now; // publishes the entry
    }

    private @Nullable Object[] rebuilt(@Nullable Object[] old) {
        int alive = 0;
        for (int i = 0; i < old.length; i += 2) {
            if (old[i] instanceof Series series && !series.evicted) {
                alive++;
            }
        }
        int slots = Math.max(SLOTS_MIN, Integer.highestOneBit(Math.max(1, alive)) << 2);
        var fresh = new @Nullable Object[2 * slots];
        int placed = 0;
        for (int i = 0; i < old.length; i += 2) {
            Object value = old[i + 1];
            if (value != null && old[i] instanceof Series series && !series.evicted) {
                place(fresh, series, value);
                placed++;
            }
        }
        size = placed;
        return fresh;
    }

    private static boolean place(@Nullable Object[] into, Series series, Object value) {
        int mask = into.length / 2 - 1;
        int slot = System.identityHashCode(series) & mask;
        while (into[2 * slot] != null && into[2 * slot] != series) {
            slot = (slot + 1) & mask;
        }
        boolean added = into[2 * slot] == null;
        into[2 * slot + 1] = value;
        into[2 * slot] = series;
        return added;
    }
}
