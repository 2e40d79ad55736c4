/// Forecasts of one hourly or daily series with intervals that cover what they say.
///
/// In: values on a fixed step, NaN where none is known. Out: value and 80 and 95 % intervals per
/// step, with what made them and how well that did on a held-out tail. Never: a calendar (New Year
/// is a day like any other), partial periods (the caller leaves them out), or a random seed of its
/// own that changes between runs.
@NullMarked
package dev.firn.analyse.forecast;

import org.jspecify.annotations.NullMarked;
