package dev.firn.wal;

/// Where a finished cut lies.
///
/// @param sequence its number
/// @param digest running digest at its end
/// @param points in it
/// @param bytes of its records
/// @param firstRecord number of its first record
/// @param lastRecord number of the CUT record
/// @param segment in which the first record lies
/// @param offset at which the first record starts
/// @param endSegment in which the CUT record lies
/// @param endOffset where the CUT record ends
record CutEntry(
        long sequence,
        long digest,
        long points,
        long bytes,
        long firstRecord,
        long lastRecord,
        long segment,
        long offset,
        long endSegment,
        long endOffset) {}
