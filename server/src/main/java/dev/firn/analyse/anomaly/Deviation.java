package dev.firn.analyse.anomaly;

/// How far a value is from what its last minutes and the same time of the days before let expect,
/// in typical deviations.
///
/// Three views must agree (their geometric mean counts): the median of the last ten values; the
/// usual value of this time of day; that value moved by today's level, measured by this time of
/// day's own scale. A value that is very unusual for its time of day counts alone, at a share, so
/// that an incident that has become the level of its last minutes is still seen.
final class Deviation {
    private static final int LOCAL = 10;
    private static final int LEVEL = 20;
    private static final int TIMES_OF_DAY = 48;
    private static final long DAY_MILLIS = 86_400_000L;
    private static final double SEASONAL_SHARE = 0.35;
    private static final double RATE = 0.001;
    private static final double RATE_TOD = 0.01;
    private static final double FLOOR = 0.03;

    /// Of what is expected; the band is no narrower than 30 % of it.
    private static final double COUNT_FLOOR = 0.045;

    private final Recent last = new Recent(LOCAL);
    private final Recent residuals = new Recent(LEVEL);
    private final Scale local = new Scale(RATE);
    private final Scale seasonal = new Scale(RATE);
    private final Scale[] byTime = new Scale[TIMES_OF_DAY];
    private final Scale magnitude = new Scale(RATE);

    Deviation() {
        for (int i = 0; i < TIMES_OF_DAY; i++) {
            byTime[i] = new Scale(RATE_TOD);
        }
    }

    double score(long time, double value, double usual, double floor) {
        double least = Math.max(floor, FLOOR * magnitude.value() + Double.MIN_NORMAL);
        double centre = last.median();
        if (Double.isNaN(centre) || Double.isNaN(usual)) {
            return 0;
        }
        double residual = value - usual;
        double a = Math.abs(value - centre) / Math.max(least, local.value());
        double b = Math.abs(residual) / Math.max(least, seasonal.value());
        double level = residuals.median();
        double c =
                Math.abs(residual - (Double.isNaN(level) ? 0 : level))
                        / Math.max(least, at(time).value());
        return Math.max(Math.cbrt(a * b * c), SEASONAL_SHARE * b);
    }

    /// Median of the last values; NaN where there is none.
    double centre() {
        return last.median();
    }

    /// Typical deviation from the last values.
    double localScale(double floor) {
        return Math.max(Math.max(floor, FLOOR * magnitude.value()), local.value());
    }

    /// Typical deviation from the usual value.
    double scale(double floor) {
        return Math.max(Math.max(floor, FLOOR * magnitude.value()), seasonal.value());
    }

    /// Typical deviation of a count at this time of day beyond what chance explains: at night a few
    /// requests do not deviate as by day.
    ///
    /// @param floor typical deviation by chance
    double countScale(long time, double expected, double floor) {
        double typical = at(time).value();
        double beyond = Math.sqrt(Math.max(0, typical * typical - floor * floor));
        return Math.max(beyond, COUNT_FLOOR * Math.max(expected, 1));
    }

    /// @param teaches whether the scales learn from the value; the medians of the last minutes
    ///   always do
    void learn(long time, double value, double usual, boolean teaches) {
        double least = FLOOR * magnitude.value() + Double.MIN_NORMAL;
        double centre = last.median();
        double residual = value - usual;
        double level = residuals.median();
        if (teaches) {
            magnitude.learn(value, Double.MAX_VALUE);
            if (!Double.isNaN(centre)) {
                local.learn(value - centre, least);
            }
            if (!Double.isNaN(residual)) {
                seasonal.learn(residual, least);
                at(time).learn(Double.isNaN(level) ? residual : residual - level, least);
            }
        }
        last.push(value);
        if (!Double.isNaN(residual)) {
            residuals.push(residual);
        }
    }

    /// After a gap the last minutes say nothing.
    void forgetLast() {
        last.clear();
        residuals.clear();
    }

    private Scale at(long time) {
        return byTime[(int) (Math.floorMod(time, DAY_MILLIS) * TIMES_OF_DAY / DAY_MILLIS)];
    }

    void fields(Fields fields) {
        last.fields(fields);
        residuals.fields(fields);
        local.fields(fields);
        seasonal.fields(fields);
        for (Scale scale : byTime) {
            scale.fields(fields);
        }
        magnitude.fields(fields);
    }
}
