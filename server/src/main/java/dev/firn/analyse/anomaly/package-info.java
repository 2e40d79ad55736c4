/// Anomalies in one signal, point by point: a score, a band, a reason.
///
/// In: time, value and event count of one series on a fixed step. Out: a verdict per point; a score
/// above 1 is anomalous. Never: a look at later points, at a whole file's extremes, at a clock, or
/// state that grows.
@NullMarked
package dev.firn.analyse.anomaly;

import org.jspecify.annotations.NullMarked;
