package dev.firn.export.otlp;

import dev.firn.base.ByteWriter;
import dev.firn.model.LongLists;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Boundaries of histograms as JSON: a process has few lists of them, and each point repeats one.
/// Bounded: a list takes the place of another with the same hash. Used by many threads without a
/// lock: who reads an older entry encodes anew.
final class EncodedBounds {
    private static final int SLOTS = 1 << 8;

    /// Longer ones are encoded each time.
    private static final int LENGTH_MAX = 64;

    private record Entry(long[] bounds, byte[] text) {
        boolean holds(LongLists of, int row) {
            return Arrays.equals(bounds, 0, bounds.length, of.values(), of.from(row), of.to(row));
        }
    }

    private final @Nullable Entry[] entries = new Entry[SLOTS];

    /// Appends a row's list with its brackets.
    void write(LongLists of, int row, ByteWriter out) {
        if (of.length(row) > LENGTH_MAX) {
            encode(of, row, out);
            return;
        }
        int slot = hash(of, row) & SLOTS - 1;
        Entry entry = entries[slot];
        if (entry != null && entry.holds(of, row)) {
            out.bytes(entry.text);
            return;
        }
        int from = out.size();
        encode(of, row, out);
        entries[slot] = new Entry(of.row(row), Arrays.copyOfRange(out.array(), from, out.size()));
    }

    private static int hash(LongLists of, int row) {
        long hash = 0;
        for (int i = of.from(row); i < of.to(row); i++) {
            hash = 31 * hash + of.values()[i];
        }
        return (int) (hash * 0x9E3779B97F4A7C15L >>> 40);
    }

    private static void encode(LongLists of, int row, ByteWriter out) {
        out.u8('[');
        for (int i = 0; i < of.length(row); i++) {
            JsonFields.separate(out);
            GoNumbers.json(of.realAt(row, i), out);
        }
        out.u8(']');
    }
}
