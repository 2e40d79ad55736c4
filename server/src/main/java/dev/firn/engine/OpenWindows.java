package dev.firn.engine;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What is remembered of the series of one kind: each one's newest window, as far as its points
/// have come, and the point that the next increase is counted from. A series is a cell, some longs
/// in a row; doubles are kept as their bits. A hot path: `firn bench ingest` measures it. Guarded
/// by [RollupGate].
final class OpenWindows {
    /// Fields of a cell.
    static final int ID = 0;

    /// metric_id in the upper half, retention_days in the lower.
    static final int METRIC = 1;

    /// Bits below; in the upper half the minute when the series was last touched.
    static final int FLAGS = 2;

    /// Time of the newest point of all, and of the newest finite one (the baseline), its start, its
    /// value (sum, of others than numbers) and count. Times in the engine's precision.
    static final int SEEN = 3;

    static final int LAST_TIME = 4;
    static final int LAST_START = 5;
    static final int LAST_VALUE = 6;
    static final int LAST_COUNT = 7;

    /// Start of the window, seconds since 1970; what follows is of this window.
    static final int WINDOW = 8;

    static final int COUNT = 9;

    /// nan_count in the upper half, stale_count in the lower.
    static final int NAN_STALE = 10;

    /// unknown_baselines in the upper half, resets in the lower.
    static final int UNKNOWN_RESETS = 11;

    static final int MIN = 12;
    static final int MAX = 13;
    static final int FIRST_TIME = 14;
    static final int FIRST_START = 15;
    static final int FIRST_VALUE = 16;
    static final int FIRST_COUNT = 17;

    /// Numbers: `sum`; others: `sum_increase`. With the compensation of Kahan's summation.
    static final int SUM = 18;

    static final int SUM_REST = 19;

    /// Numbers: `increase`, a double with its compensation; others: an integer.
    static final int INCREASE = 20;

    static final int INCREASE_REST = 21;
    static final int WIDTH = 22;

    /// Memory of a cell with its share of the index, about.
    static final int CELL_BYTES = WIDTH * Long.BYTES + 16;

    /// Increases are what the points say.
    static final int DELTA = 1;

    /// Has an increase.
    static final int COUNTS = 2;

    /// The baseline is not known: what was stored before this process knew the series may have one.
    static final int BASE_UNKNOWN = 4;

    /// Rows of the window are computed from stored points, not from here.
    static final int BY_SQL = 8;

    /// The window has points that no row speaks for yet.
    static final int UNWRITTEN = 16;

    /// There is a window.
    static final int HAS_WINDOW = 32;

    /// Minutes fit into the upper half until the year 6053.
    private static final int TOUCHED_SHIFT = 32;

    private static final int CHUNK_BITS = 10;
    private static final int CHUNK = 1 << CHUNK_BITS;

    private long[][] chunks = new long[0][];
    private @Nullable Buckets[] buckets = new Buckets[0];
    private final boolean withBuckets;
    private int size;
    private int[] index = new int[64]; // number + 1 by id, open addressing

    /// @param withBuckets whether cells have buckets
    OpenWindows(boolean withBuckets) {
        this.withBuckets = withBuckets;
    }

    int size() {
        return size;
    }

    /// Bytes of all cells, without their buckets.
    long bytes() {
        return (long) chunks.length * CHUNK * WIDTH * Long.BYTES + (long) index.length * 4;
    }

    long[] chunk(int number) {
        return chunks[number >> CHUNK_BITS];
    }

    static int offset(int number) {
        return (number & CHUNK - 1) * WIDTH;
    }

    long get(int number, int field) {
        return chunk(number)[offset(number) + field];
    }

    void set(int number, int field, long value) {
        chunk(number)[offset(number) + field] = value;
    }

    boolean has(int number, int flag) {
        return (get(number, FLAGS) & flag) != 0;
    }

    void flag(int number, int flag) {
        chunk(number)[offset(number) + FLAGS] |= flag;
    }

    void unflag(int number, int flag) {
        chunk(number)[offset(number) + FLAGS] &= ~(long) flag;
    }

    void touch(int number, long minute) {
        long flags = get(number, FLAGS) & 0xffff_ffffL;
        set(number, FLAGS, flags | minute << TOUCHED_SHIFT);
    }

    long touched(int number) {
        return get(number, FLAGS) >>> TOUCHED_SHIFT;
    }

    /// The buckets of a cell; null until it has some.
    @Nullable Buckets buckets(int number) {
        return withBuckets ? buckets[number] : null;
    }

    void buckets(int number, Buckets its) {
        buckets[number] = its;
    }

    /// The cell of a series, or -1. `guess` is looked at first.
    int find(long id, int guess) {
        if (guess >= 0 && guess < size && get(guess, ID) == id) {
            return guess;
        }
        int mask = index.length - 1;
        for (int at = (int) id & mask; index[at] != 0; at = at + 1 & mask) {
            if (get(index[at] - 1, ID) == id) {
                return index[at] - 1;
            }
        }
        return -1;
    }

    /// A new cell, all zeros but for its id.
    int add(long id) {
        if (size == chunks.length << CHUNK_BITS) {
            chunks = Arrays.copyOf(chunks, chunks.length + 1);
            chunks[chunks.length - 1] = new long[CHUNK * WIDTH];
            if (withBuckets) {
                buckets = Arrays.copyOf(buckets, chunks.length << CHUNK_BITS);
            }
        }
        int number = size++;
        int offset = offset(number);
        Arrays.fill(chunk(number), offset, offset + WIDTH, 0);
        set(number, ID, id);
        if (size > index.length / 2) {
            index = new int[index.length * 2];
            for (int each = 0; each < size; each++) {
                enter(each);
            }
        } else {
            enter(number);
        }
        return number;
    }

    private void enter(int number) {
        int mask = index.length - 1;
        int at = (int) get(number, ID) & mask;
        while (index[at] != 0) {
            at = at + 1 & mask;
        }
        index[at] = number + 1;
    }

    /// Which cells to keep.
    interface Keep {
        boolean test(int number);
    }

    /// Gives up the others: numbers change.
    void retain(Keep keep) {
        int kept = 0;
        for (int number = 0; number < size; number++) {
            if (!keep.test(number)) {
                continue;
            }
            if (kept != number) {
                System.arraycopy(chunk(number), offset(number), chunk(kept), offset(kept), WIDTH);
                if (withBuckets) {
                    buckets[kept] = buckets[number];
                }
            }
            kept++;
        }
        size = kept;
        int needed = size + CHUNK - 1 >> CHUNK_BITS;
        chunks = Arrays.copyOf(chunks, needed);
        if (withBuckets) {
            buckets = Arrays.copyOf(buckets, needed << CHUNK_BITS);
            Arrays.fill(buckets, size, buckets.length, null);
        }
        index = new int[Math.max(64, Integer.highestOneBit(Math.max(1, size)) * 4)];
        for (int number = 0; number < size; number++) {
            enter(number);
        }
    }
}
