/// Objectives in the forms that others use.
///
/// In: documents of Sloth and Pyrra, or objectives. Out: objectives, documents of Sloth, rules of
/// Prometheus. Never: a query that was not understood whole.
@NullMarked
package dev.firn.analyse.slo.exchange;

import org.jspecify.annotations.NullMarked;
