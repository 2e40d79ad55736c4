/// Series for PromQL out of the engine.
///
/// In: matchers on Prometheus' names and labels, times. Out: series with samples, from the tables
/// `series`, `samples`, `histograms`, `exponential_histograms` and `summaries`, each point once
/// (DESIGN §8). Names are translated as the `prometheus` exporter does. Never: more rows in memory
/// than a batch of series and the query's limits allow.
@NullMarked
package dev.firn.query.promql.store;

import org.jspecify.annotations.NullMarked;
