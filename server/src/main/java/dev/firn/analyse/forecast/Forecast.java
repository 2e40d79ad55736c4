package dev.firn.analyse.forecast;

/// What a series will be, one entry a step, the first being the step after the last known value.
///
/// @param values what is expected
/// @param low80 lower end of the 80 % interval, likewise the other three
/// @param model what made it
/// @param holdoutError mean absolute error on the held-out tails divided by that of the seasonal
///   naive there; NaN where the history is too short for a hold-out
public record Forecast(
        double[] values,
        double[] low80,
        double[] high80,
        double[] low95,
        double[] high95,
        String model,
        double holdoutError) {}
