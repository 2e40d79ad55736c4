/// Objectives of a running Firn.
///
/// In: definitions from files and from the table `slo_definitions`, points of the engine's tables.
/// Out: minutes, results and alert decisions, kept in tables of the engine and in memory. Each
/// round counts what came since the last: the minutes since then, and those that late points touch.
/// Never: a point written, or a minute counted from a part of its points that were there.
@NullMarked
package dev.firn.analyse.slo.live;

import org.jspecify.annotations.NullMarked;
