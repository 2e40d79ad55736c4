package dev.firn.model;

import dev.firn.base.ByteWriter;
import org.jspecify.annotations.Nullable;

/// Points on their way from a receiver to the sinks: columns by shape, no object per point. Reused;
/// not thread-safe.
public final class Batch {
    /// Gauges and sums.
    public final Numbers numbers = new Numbers();

    /// Explicit-bucket histograms.
    public final Histograms histograms = new Histograms();

    /// Exponential histograms.
    public final ExponentialHistograms exponential = new ExponentialHistograms();

    /// Summaries.
    public final Summaries summaries = new Summaries();

    /// Exemplars of all of them.
    public final Exemplars exemplars = new Exemplars();

    /// What stateful processors must remember because of this batch; opaque to log and sinks.
    public final ByteWriter state = new ByteWriter(0);

    /// Points of all shapes.
    public int size() {
        return numbers.size() + histograms.size() + exponential.size() + summaries.size();
    }

    /// The points of a shape.
    public Points points(Points.Kind kind) {
        return switch (kind) {
            case NUMBERS -> numbers;
            case HISTOGRAMS -> histograms;
            case EXPONENTIAL_HISTOGRAMS -> exponential;
            case SUMMARIES -> summaries;
        };
    }

    /// What becomes of a point's series when points are copied.
    @FunctionalInterface
    public interface Naming {
        /// The series under which the point goes on; null leaves it out, with its exemplars.
        @Nullable Series series(Points from, int row);
    }

    /// Appends the points of another batch, with their exemplars, in their order.
    public void append(Batch from, Naming naming) {
        convert(
                from,
                (points, row) -> {
                    Series as = naming.series(points, row);
                    return as == null ? -1 : copyRow(points, row, as);
                });
    }

    /// How one point is taken over.
    @FunctionalInterface
    public interface Copying {
        /// Appends what becomes of the point to its new batch and returns its row there; -1 leaves
        /// it out, with its exemplars.
        int copy(Points from, int row);
    }

    /// Appends what becomes of another batch's points, with their exemplars, in their order.
    public void convert(Batch from, Copying copying) {
        int[][] rows = new int[Points.Kind.values().length + 1][];
        for (Points.Kind kind : Points.Kind.values()) {
            Points points = from.points(kind);
            int[] to = new int[points.size()];
            rows[kind.code()] = to;
            for (int row = 0; row < to.length; row++) {
                to[row] = copying.copy(points, row);
            }
        }
        for (int i = 0; i < from.exemplars.size(); i++) {
            int row = rows[from.exemplars.pointKind[i]][from.exemplars.pointRow[i]];
            if (row >= 0) {
                exemplars.copy(from.exemplars, i, row);
            }
        }
    }

    /// Appends one point without its exemplars; returns its row here.
    public int copyRow(Points from, int row, Series as) {
        return switch (from) {
            case Numbers points -> numbers.copyRow(points, row, as);
            case Histograms points -> histograms.copyRow(points, row, as);
            case ExponentialHistograms points -> exponential.copyRow(points, row, as);
            case Summaries points -> summaries.copyRow(points, row, as);
        };
    }

    /// Takes back the point added last to `kind`, with its exemplars.
    public void removeLast(Points.Kind kind) {
        Points points = points(kind);
        points.removeLast();
        int keep = exemplars.size();
        while (keep > 0
                && exemplars.pointKind[keep - 1] == kind.code()
                && exemplars.pointRow[keep - 1] == points.size()) {
            keep--;
        }
        exemplars.truncate(keep);
    }

    /// Empties the batch and keeps its arrays.
    public void clear() {
        numbers.clear();
        histograms.clear();
        exponential.clear();
        summaries.clear();
        exemplars.clear();
        state.truncate(0);
    }
}
