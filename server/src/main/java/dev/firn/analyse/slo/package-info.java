/// Service level objectives, counted in events.
///
/// In: definitions in OpenSLO's form, and points of a [dev.firn.analyse.slo.PointSource]. Out: for
/// each objective and group integers of good and all events by minute; from them what holds over a
/// window: the indicator with its bounds, coverage, budget, burn rates and alert decisions. Never:
/// an extrapolated count, an average of ratios that nobody asked for, a query of its own.
@NullMarked
package dev.firn.analyse.slo;

import org.jspecify.annotations.NullMarked;
