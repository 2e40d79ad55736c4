/// What every room stands on: time, bytes, files, workers, checks and the registry of own metrics.
///
/// In: nothing of ours. Out: small pieces with no opinion about metrics data. Never: anything that
/// knows what a series, a batch or a sink is.
@NullMarked
package dev.firn.base;

import org.jspecify.annotations.NullMarked;
