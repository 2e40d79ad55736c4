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
        double holdoutError) {

    /// What a level will be of which this is the change by step: errors of steps add up as if each
    /// came by itself.
    ///
    /// @param from the level before the first step
    public Forecast cumulated(double from) {
        double[] level = new double[values.length];
        double sum = from;
        for (int h = 0; h < level.length; h++) {
            sum += values[h];
            level[h] = sum;
        }
        return new Forecast(
                level,
                around(level, low80, -1),
                around(level, high80, 1),
                around(level, low95, -1),
                around(level, high95, 1),
                model + "-summed",
                holdoutError);
    }

    private double[] around(double[] level, double[] end, int sign) {
        double[] around = new double[level.length];
        double squares = 0;
        for (int h = 0; h < around.length; h++) {
            squares += (end[h] - values[h]) * (end[h] - values[h]);
            around[h] = level[h] + sign * Math.sqrt(squares);
        }
        return around;
    }
}
