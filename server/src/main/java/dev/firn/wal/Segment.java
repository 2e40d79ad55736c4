package dev.firn.wal;

import java.nio.file.Path;

/// One segment as the running process knows it. Written by the log's writer thread only.
final class Segment {
    /// Its header.
    final SegmentHeader header;

    /// Where it lies.
    final Path path;

    /// The record after its last one; open-ended while it is written.
    volatile long endRecord = Long.MAX_VALUE;

    /// Durable bytes.
    volatile long endOffset = SegmentHeader.BLOCK;

    /// Bytes that the file takes on disk.
    volatile long fileBytes = SegmentHeader.BLOCK;

    /// Its creation failed half-way: nobody knows whether the file is there.
    volatile boolean doubtful;

    Segment(SegmentHeader header, Path path) {
        this.header = header;
        this.path = path;
    }

    long number() {
        return header.number();
    }

    boolean sealed() {
        return endRecord != Long.MAX_VALUE;
    }
}
