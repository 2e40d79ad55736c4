/// Forecasts of the signals that Firn has, each hour and each day.
///
/// In: rollups of the engine. Out: rows of `forecasts`, and the newest ones for whoever asks.
/// Never: an hour or a day that is not whole.
@NullMarked
package dev.firn.analyse.forecast.live;

import org.jspecify.annotations.NullMarked;
