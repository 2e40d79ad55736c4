/// What PromQL computes with: labels, numbers, native histograms, columns of samples.
///
/// In and out: values, most of them immutable. Never: a query's text, a place where data are kept.
@NullMarked
package dev.firn.query.promql.value;

import org.jspecify.annotations.NullMarked;
