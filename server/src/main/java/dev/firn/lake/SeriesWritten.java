package dev.firn.lake;

import dev.firn.model.Fingerprint;

/// The (fingerprint, revision) pairs whose rows stand in table `series`. Bounded: a full set is
/// emptied, and series are written once more.
final class SeriesWritten {
    private static final int WORDS = 3;

    private final int max;
    private long[] slots = new long[WORDS * 2048]; // all zero: free; no SHA-256 is
    private int size;

    SeriesWritten(int max) {
        this.max = max;
    }

    int size() {
        return size;
    }

    boolean contains(Fingerprint fingerprint, long revision) {
        int slot = find(fingerprint.high(), fingerprint.low(), revision);
        return slots[slot] != 0 || slots[slot + 1] != 0;
    }

    void add(Fingerprint fingerprint, long revision) {
        if (contains(fingerprint, revision)) {
            return;
        }
        if (size == max) {
            slots = new long[WORDS * 2048];
            size = 0;
        } else if (size * 2 * WORDS >= slots.length) {
            grow();
        }
        put(fingerprint.high(), fingerprint.low(), revision);
    }

    private void put(long high, long low, long revision) {
        int slot = find(high, low, revision);
        slots[slot] = high;
        slots[slot + 1] = low;
        slots[slot + 2] = revision;
        size++;
    }

    private int find(long high, long low, long revision) {
        int capacity = slots.length / WORDS;
        int at = (int) (low ^ revision) & (capacity - 1);
        while (true) {
            int slot = at * WORDS;
            boolean free = slots[slot] == 0 && slots[slot + 1] == 0;
            if (free
                    || slots[slot] == high
                            && slots[slot + 1] == low
                            && slots[slot + 2] == revision) {
                return slot;
            }
            at = (at + 1) & (capacity - 1);
        }
    }

    private void grow() {
        long[] old = slots;
        slots = new long[old.length * 2];
        size = 0;
        for (int slot = 0; slot < old.length; slot += WORDS) {
            if (old[slot] != 0 || old[slot + 1] != 0) {
                put(old[slot], old[slot + 1], old[slot + 2]);
            }
        }
    }
}
