/// `firn bench incidents`: how soon anomaly detection tells of the load generator's incidents, and
/// how often it tells of nothing.
///
/// In: the simulated shop, its exports decoded as Firn does it. Out: delays by kind and strength,
/// false alarms. Never: an engine, or knowledge of the incidents while judging.
@NullMarked
package dev.firn.ops.bench.incidents;

import org.jspecify.annotations.NullMarked;
