package dev.firn.wal;

import dev.firn.base.ByteReader;
import dev.firn.base.ByteWriter;

/// The payload of a CUT record.
///
/// @param sequence of the cut that ends here
/// @param points in it
/// @param bytes of its records
/// @param digest running digest before this record: the cut's
/// @param millis wall time
record CutRecord(long sequence, long points, long bytes, long digest, long millis) {
    static CutRecord of(LogState state, long millis) {
        return new CutRecord(state.cut, state.cutPoints, state.cutBytes, state.digest, millis);
    }

    void write(ByteWriter out) {
        out.i64(sequence).i64(points).i64(bytes).i64(digest).i64(millis);
    }

    static CutRecord read(ByteReader in) {
        return new CutRecord(in.i64(), in.i64(), in.i64(), in.i64(), in.i64());
    }
}
