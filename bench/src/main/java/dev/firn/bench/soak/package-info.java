/// An hour of load with faults: what is lost, how long each fault is felt, what memory does.
/// `bench/soak` runs it.
@org.jspecify.annotations.NullMarked
package dev.firn.bench.soak;
