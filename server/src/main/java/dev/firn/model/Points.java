package dev.firn.model;

import java.util.Arrays;

/// The columns that all data types share, one row a point. Arrays are longer than [#size]; rows
/// beyond it are garbage.
public abstract sealed class Points permits Numbers, Histograms, ExponentialHistograms, Summaries {
    /// OTLP's DataPointFlags.NO_RECORDED_VALUE_MASK: the stale marker; all values of such a point
    /// are ignored.
    public static final int NO_RECORDED_VALUE = 1;

    /// The stream of each point.
    public Series[] series = new Series[0];

    /// time_unix_nano, positive.
    public long[] time = new long[0];

    /// start_time_unix_nano, 0 if the sender gave none.
    public long[] start = new long[0];

    /// OTLP's flags, all 32 bits as sent.
    public int[] flags = new int[0];

    int size;

    Points() {}

    /// Number of points.
    public final int size() {
        return size;
    }

    /// Which data type this is; numbers serve gauges and sums alike (the series knows which).
    public abstract Kind kind();

    /// The four shapes of points. The code is part of the WAL: never renumber.
    public enum Kind {
        NUMBERS(1),
        HISTOGRAMS(2),
        EXPONENTIAL_HISTOGRAMS(3),
        SUMMARIES(4);

        private static final Kind[] VALUES = values();
        private final int code;

        Kind(int code) {
            this.code = code;
        }

        /// 1 to 4.
        public int code() {
            return code;
        }

        /// The kind with this code.
        public static Kind of(int code) {
            if (code < 1 || code > VALUES.length) {
                throw new IllegalArgumentException("no kind of points has code " + code);
            }
            return VALUES[code - 1];
        }
    }

    /// Makes room for one more row and counts it; the caller then sets every column of the row.
    protected final int addRow() {
        if (size == time.length) {
            int capacity = Math.max(64, size * 2);
            series = Arrays.copyOf(series, capacity);
            time = Arrays.copyOf(time, capacity);
            start = Arrays.copyOf(start, capacity);
            flags = Arrays.copyOf(flags, capacity);
            growTo(capacity);
        }
        return size++;
    }

    abstract void growTo(int capacity);

    void clear() {
        Arrays.fill(series, 0, size, null); // a pooled batch must not keep evicted series alive
        size = 0;
    }

    /// Takes the last row back (a point found bad after it was begun).
    void removeLast() {
        size--;
    }
}
