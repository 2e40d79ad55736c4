package dev.firn.model;

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
    }
}
