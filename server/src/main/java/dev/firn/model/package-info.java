/// The data that passes between rooms: series, columnar batches, cuts of the write-ahead log.
///
/// In: values that a receiver or a replay hands over. Out: the same, checked. Never: I/O, threads,
/// or knowledge of another room. Arrays are mutable and columnar because they are the hot path:
/// `IngestBenchmark` in bench/ measures it.
@NullMarked
package dev.firn.model;

import org.jspecify.annotations.NullMarked;
