/// The OpenTelemetry Transformation Language for metrics, as in pkg/ottl 1.4 of the Collector's
/// contrib repository: parsed and checked once, then run on a [dev.firn.process.ottl.Subject].
/// Differences: a statement sees one series or one point, so what it writes to resource, scope or
/// metric reaches the points of this series only (in a Collector the last writer wins for all);
/// attributes are ordered by key. Never logs, never throws anything at run time but
/// [dev.firn.process.ottl.EvaluationException].
@NullMarked
package dev.firn.process.ottl;

import org.jspecify.annotations.NullMarked;
