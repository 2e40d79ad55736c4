package dev.firn.analyse.anomaly;

/// Whether a value, level, variation or sequence is new to a series: thirteen statistics, each
/// against its own history, squared and summed.
///
/// Only the start of a novelty scores: a score that one of the last points exceeded is 0.
final class Novelty {
    private static final double[] WEIGHTS = {
        .84, .38, .52, .14, .55, .66, .92, .81, .49, .72, .44, .60, .85
    };
    private static final String[] NAMES = {
        "outside the range so far",
        "far from the mean",
        "unusual sequence",
        "not as the last six values foretold",
        "level of 4 points",
        "level of 48 points",
        "level of 96 points",
        "variation of 12 points",
        "variation of 24 points",
        "variation of 96 points",
        "unusual for the time of day",
        "12 points unusual for the time of day",
        "24 points unusual for the time of day"
    };

    /// Points that a score silences lower ones for.
    private static final int QUIET = 150;

    /// Points before the first score.
    private static final int WARM = 150;

    private static final int LEVEL = 4;
    private static final int VARIATION = 7;
    private static final int SEASON = 10;
    private static final int[] SEASON_LENGTHS = {1, 12, 24};

    private final Window values = new Window(4, 48, 96);
    private final Window steps = new Window(12, 24, 96);
    private final Window residuals = new Window(SEASON_LENGTHS);
    private final Moments moments = new Moments(0);
    private final Context context = new Context();
    private final Autoregression autoregression = new Autoregression();
    private final Calibration[] calibrations = new Calibration[WEIGHTS.length];
    private final double[] statistics = new double[WEIGHTS.length];
    private double low = Double.POSITIVE_INFINITY;
    private double high = Double.NEGATIVE_INFINITY;
    private double before = Double.NaN;
    private double largest;
    private int sinceLargest;
    private long seen;
    private int reason;

    Novelty() {
        for (int i = 0; i < calibrations.length; i++) {
            calibrations[i] = new Calibration();
        }
    }

    /// Scores a value and, if it is to, learns it: a novelty is one once.
    ///
    /// @param usual what this time of day had before, or NaN
    double score(double value, double usual, boolean learns) {
        double z = Math.clamp(moments.z(value), -1000, 1000);
        values.push(value);
        steps.push(Double.isNaN(before) ? 0 : Math.abs(value - before));
        residuals.push(Double.isNaN(usual) ? 0 : value - usual);
        fill(value, z);
        double raw = 0;
        double greatest = 0;
        for (int i = 0; i < statistics.length; i++) {
            double part = WEIGHTS[i] * calibrations[i].of(statistics[i]);
            raw += part * part;
            if (part > greatest) {
                greatest = part;
                reason = i;
            }
        }
        if (learns) {
            learn(value, z);
            seen++;
        }
        before = value;
        return seen <= WARM ? 0 : onset(raw);
    }

    private void learn(double value, double z) {
        for (int i = 0; i < statistics.length; i++) {
            calibrations[i].learn(statistics[i]);
        }
        context.learn(z);
        autoregression.learn(z);
        moments.learn(value);
        low = Math.min(low, value);
        high = Math.max(high, value);
    }

    /// The statistic that gave most to the last score.
    String reason() {
        return NAMES[reason];
    }

    private void fill(double value, double z) {
        double range = high - low;
        double overshoot = Math.max(value - high, low - value);
        statistics[0] = range > 0 && overshoot > 0 ? 0.5 + overshoot / range : 0;
        statistics[1] = Math.abs(z);
        statistics[2] = context.surprise(z);
        statistics[3] = Math.abs(autoregression.error(z));
        for (int i = 0; i < 3; i++) {
            statistics[LEVEL + i] =
                    values.known(i) ? Math.abs(values.mean(i) - values.meanBefore(i)) : 0;
            statistics[VARIATION + i] =
                    steps.known(i) ? logRatio(steps.mean(i), steps.meanBefore(i)) : 0;
            statistics[SEASON + i] = Math.abs(residuals.mean(i));
        }
    }

    private double logRatio(double now, double then) {
        double least = 1e-3 * moments.deviation() + Double.MIN_NORMAL;
        return Math.abs(Math.log((now + least) / (then + least)));
    }

    private double onset(double raw) {
        sinceLargest++;
        if (raw > largest || sinceLargest > QUIET) {
            largest = raw;
            sinceLargest = 0;
            return raw;
        }
        return 0;
    }

    void fields(Fields fields) {
        values.fields(fields);
        steps.fields(fields);
        residuals.fields(fields);
        moments.fields(fields);
        context.fields(fields);
        autoregression.fields(fields);
        for (Calibration calibration : calibrations) {
            calibration.fields(fields);
        }
        low = fields.of(low);
        high = fields.of(high);
        before = fields.of(before);
        largest = fields.of(largest);
        sinceLargest = fields.of(sinceLargest);
        seen = fields.of(seen);
        reason = fields.of(reason);
    }
}
