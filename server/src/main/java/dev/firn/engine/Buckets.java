package dev.firn.engine;

/// What a cell of a series of histograms has beside its longs: buckets of the window, and of the
/// newest point.
sealed interface Buckets permits ExplicitBuckets, ExponentialBuckets {
    /// Begins a window.
    void clear();

    /// Appends the window's columns and the newest point's to rows.
    void emit(RollupRows rows);
}
