/// Prometheus' language for tests of PromQL: loads of series, queries, what they must yield.
///
/// In: a script's text. Out: which of its queries came out as told. Never: data of the running
/// program.
@NullMarked
package dev.firn.query.promql.script;

import org.jspecify.annotations.NullMarked;
