package dev.firn.model;

import java.util.function.Consumer;

/// A finished stretch of the write-ahead log: what sinks take in whole or not at all. Its rows
/// carry (`src` = writer, `seq` = [#sequence]) in engine and lake.
public interface Cut {
    /// Number of the cut: 1, 2, 3 … for the life of the writer.
    long sequence();

    /// Running digest of the log up to and with this cut.
    long digest();

    /// Points in it, all shapes.
    long points();

    /// Bytes of its records, as a measure of the memory that taking it in needs.
    long bytes();

    /// Reads the cut's batches in order. The batch is reused for the next call: take copies.
    void read(Consumer<Batch> each);
}
