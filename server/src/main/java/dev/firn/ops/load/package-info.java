/// The load generator: an online shop as OpenTelemetry-instrumented services would report it, and a
/// ledger of what truly happened in it.
///
/// In: [LoadOptions] (rates, range of time, seed, incidents). Out: OTLP request bodies sent over
/// HTTP, and a [Ledger] (its file: `docs/formats/ledger.md`). [OtlpBodies] makes ready-made bodies
/// for benchmarks, without the shop. Never: the wall clock or unseeded chance inside what is
/// generated (the same options give the same bytes), or anything of the rooms that it is meant to
/// test: it knows them only by the protocol.
@NullMarked
package dev.firn.ops.load;

import org.jspecify.annotations.NullMarked;
