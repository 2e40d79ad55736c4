package dev.firn.config;

/// `forecast`: what requests, storage and series will be, in `firn serve`.
///
/// @param enabled whether it is computed
/// @param seriesMax of each signal that are forecast, the heaviest first
public record ForecastConfig(boolean enabled, int seriesMax) {
    /// What applies where nothing is set.
    public static final ForecastConfig DEFAULTS = new ForecastConfig(true, 200);

    static ForecastConfig read(Section section) {
        var forecast =
                new ForecastConfig(
                        section.bool("enabled", DEFAULTS.enabled),
                        (int) section.integer("series_max", DEFAULTS.seriesMax, 1, 10_000));
        section.close();
        return forecast;
    }
}
