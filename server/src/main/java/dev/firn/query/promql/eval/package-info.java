/// Evaluates PromQL over any source of series.
///
/// In: a checked tree, times, a [SeriesSource]. Out: values with warnings, equal to Prometheus'.
/// Series stream: of raw samples one series is held at a time; between operators a series is a
/// column of the query's steps. Never: a file or a socket opened, a query without limits.
@NullMarked
package dev.firn.query.promql.eval;

import org.jspecify.annotations.NullMarked;
