package dev.firn.analyse.forecast;

/// Something that continues a series.
interface Model {
    /// Name for readers: it is stored with the forecast.
    String name();

    /// The next `horizon` values of the first `length` values of `series`.
    ///
    /// @param series finite values on a fixed step, at least one
    /// @param known false where a value was filled in: it is no evidence, only a lag
    double[] forecast(double[] series, boolean[] known, int length, int horizon);
}
