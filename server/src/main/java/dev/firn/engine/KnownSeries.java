package dev.firn.engine;

import dev.firn.model.Series;

/// What the sink remembers of every series that the engine has: an open-addressing map from series
/// id, 23 bytes a slot, at most 46 MB at a million series. Belongs to the sink's thread.
final class KnownSeries {
    /// What [#look] found.
    enum Found {
        /// Nothing to do.
        KNOWN,
        /// A row must be written: the series is new, was seen on a new day, or is described anew.
        ROW_NEEDED,
        /// Another series has this id.
        COLLISION
    }

    /// Days fit in 16 bits, as in ClickHouse's Date: 1970 to 2149.
    static final int DAY_MAX = 65_535;

    private static final int CAPACITY_MIN = 1 << 10;
    private static final byte USED = 1;
    private static final byte DESCRIBED_AGAIN = 2;

    private long[] ids = new long[CAPACITY_MIN];
    private long[] lows = new long[CAPACITY_MIN];
    private char[] firstDays = new char[CAPACITY_MIN];
    private char[] lastDays = new char[CAPACITY_MIN];
    private char[] revisions = new char[CAPACITY_MIN];
    private byte[] states = new byte[CAPACITY_MIN];
    private int size;

    int size() {
        return size;
    }

    /// Remembers a series that was read from the engine.
    void load(long id, long low, int firstDay, int lastDay, int revision) {
        int slot = slot(id);
        if (states[slot] == 0) {
            slot = add(id, low, slot);
        }
        set(slot, firstDay, lastDay, revision);
    }

    /// Compares a series of a cut with what is known and remembers it.
    ///
    /// @param firstDay UTC day since 1970 of its earliest point in the cut
    /// @param lastDay of its latest
    Found look(Series series, int firstDay, int lastDay) {
        int slot = slot(series.id());
        int first = clampDay(firstDay);
        int last = clampDay(lastDay);
        int revision = (int) series.revision() & 0xffff;
        if (states[slot] == 0) {
            set(add(series.id(), series.fingerprint().low(), slot), first, last, revision);
            return Found.ROW_NEEDED;
        }
        if (lows[slot] != series.fingerprint().low()) {
            return Found.COLLISION;
        }
        boolean newDay = first < firstDays[slot] || last > lastDays[slot];
        // Two senders that describe one series differently take turns: one change of description
        // a day is written, so that they do not write a row with every export.
        boolean described = revision != revisions[slot] && (states[slot] & DESCRIBED_AGAIN) == 0;
        if (!newDay && !described) {
            return Found.KNOWN;
        }
        states[slot] = newDay ? USED : (byte) (USED | DESCRIBED_AGAIN);
        set(slot, Math.min(first, firstDays[slot]), Math.max(last, lastDays[slot]), revision);
        return Found.ROW_NEEDED;
    }

    /// Whether a series of this id is known.
    boolean has(long id) {
        return states[slot(id)] != 0;
    }

    /// First day on which a known series was seen.
    int firstDay(long id) {
        return firstDays[slot(id)];
    }

    /// Last day on which a known series was seen.
    int lastDay(long id) {
        return lastDays[slot(id)];
    }

    private static int clampDay(int day) {
        return Math.clamp(day, 0, DAY_MAX);
    }

    private void set(int slot, int firstDay, int lastDay, int revision) {
        firstDays[slot] = (char) firstDay;
        lastDays[slot] = (char) lastDay;
        revisions[slot] = (char) revision;
    }

    private int add(long id, long low, int free) {
        int slot = free;
        if (size + 1 > ids.length / 2) {
            grow();
            slot = slot(id);
        }
        ids[slot] = id;
        lows[slot] = low;
        states[slot] = USED;
        size++;
        return slot;
    }

    /// Ids are SHA-256 bits: their low bits are spread enough.
    private int slot(long id) {
        int mask = ids.length - 1;
        int slot = (int) id & mask;
        while (states[slot] != 0 && ids[slot] != id) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    private void grow() {
        long[] oldIds = ids;
        long[] oldLows = lows;
        char[] oldFirst = firstDays;
        char[] oldLast = lastDays;
        char[] oldRevisions = revisions;
        byte[] oldStates = states;
        int capacity = ids.length * 2;
        ids = new long[capacity];
        lows = new long[capacity];
        firstDays = new char[capacity];
        lastDays = new char[capacity];
        revisions = new char[capacity];
        states = new byte[capacity];
        for (int i = 0; i < oldIds.length; i++) {
            if (oldStates[i] != 0) {
                int slot = slot(oldIds[i]);
                ids[slot] = oldIds[i];
                lows[slot] = oldLows[i];
                states[slot] = oldStates[i];
                set(slot, oldFirst[i], oldLast[i], oldRevisions[i]);
            }
        }
    }
}
