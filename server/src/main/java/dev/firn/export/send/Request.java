package dev.firn.export.send;

/// An encoded request.
///
/// @param part which points of its cut it holds: `0.0-3.0` is batches 0 to 2, `3.0-3.8192` the
///   first rows of batch 3; a half of such a range has `/0` or `/1` behind it
/// @param body not compressed
record Request(String part, byte[] body, long points) {}
