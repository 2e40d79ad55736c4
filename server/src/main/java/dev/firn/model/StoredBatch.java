package dev.firn.model;

import java.util.Arrays;

/// Points of one writer, read back from the lake: a batch, and the cut that each point came with.
/// Mutable and reused, as a [Batch] is.
public final class StoredBatch {
    /// The points.
    public final Batch batch = new Batch();

    private final String src;
    private final long[][] seq = new long[Points.Kind.values().length + 1][0];

    /// @param src the writer
    public StoredBatch(String src) {
        this.src = src;
    }

    /// Column `src` of all its points.
    public String src() {
        return src;
    }

    /// Column `seq` of the points of a kind, by row; longer than there are rows.
    public long[] seq(Points.Kind kind) {
        return seq[kind.code()];
    }

    /// Notes the cut of a point.
    public void seq(Points.Kind kind, int row, long cut) {
        int code = kind.code();
        if (row >= seq[code].length) {
            seq[code] = Arrays.copyOf(seq[code], Math.max(64, row * 2));
        }
        seq[code][row] = cut;
    }
}
