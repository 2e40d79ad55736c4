package dev.firn.process;

import dev.firn.model.Series;
import org.jspecify.annotations.Nullable;

/// What a stage knows about each series, by the object. Reads take no lock and allocate nothing.
/// Entries of evicted series go when the table is next rebuilt; beyond the limit nothing is added.
///
/// Open addressing with linear probing; a slot is only ever filled or replaced by a newer entry of
/// its series. Hot path: `PipelineBench` in bench/.
final class SeriesTable<V> {
    private static final int LENGTH_MIN = 1_024;

    private record Entry<V>(Series series, V value) {}

    private final long entriesMax;
    private volatile @Nullable Entry<V>[] table = fresh(LENGTH_MIN);
    private volatile int size;

    /// @param entriesMax about as many as there may be series
    SeriesTable(long entriesMax) {
        this.entriesMax = entriesMax;
    }

    int size() {
        return size;
    }

    @Nullable V find(Series series) {
        @Nullable Entry<V>[] in = table;
        int mask = in.length - 1;
        for (int slot = System.identityHashCode(series) & mask; ; slot = (slot + 1) & mask) {
            Entry<V> entry = in[slot];
            if (entry == null) {
                return null;
            }
            if (entry.series == series) {
                return entry.value;
            }
        }
    }

    /// Adds or replaces.
    synchronized void put(Series series, V value) {
        @Nullable Entry<V>[] now = table;
        if ((size + 1) * 2 > now.length) {
            now = rebuilt(now);
        }
        if (size >= entriesMax) {
            table = now;
            return;
        }
        if (place(now, new Entry<>(series, value))) {
            size++;
        }
        table = now; // publishes the entry
    }

    private @Nullable Entry<V>[] rebuilt(@Nullable Entry<V>[] old) {
        int alive = 0;
        for (Entry<V> entry : old) {
            if (entry != null && !entry.series.evicted) {
                alive++;
            }
        }
        int length = Math.max(LENGTH_MIN, Integer.highestOneBit(Math.max(1, alive)) << 3);
        @Nullable Entry<V>[] fresh = fresh(length);
        int placed = 0;
        for (Entry<V> entry : old) {
            if (entry != null && !entry.series.evicted) {
                place(fresh, entry);
                placed++;
            }
        }
        size = placed;
        return fresh;
    }

    private static <V> boolean place(@Nullable Entry<V>[] into, Entry<V> entry) {
        int mask = into.length - 1;
        int slot = System.identityHashCode(entry.series) & mask;
        while (true) {
            Entry<V> there = into[slot];
            if (there == null || there.series == entry.series) {
                into[slot] = entry;
                return there == null;
            }
            slot = (slot + 1) & mask;
        }
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static <V> @Nullable Entry<V>[] fresh(int length) {
        return new Entry[length];
    }
}
