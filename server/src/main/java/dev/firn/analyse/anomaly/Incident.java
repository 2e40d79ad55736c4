package dev.firn.analyse.anomaly;

/// From an anomaly until values are back where they were before it, or for a day: then the new
/// state is the usual one.
final class Incident {
    private static final double BACK = 4;
    private static final int SUSTAINED = 10;
    private static final long DAY_MILLIS = 86_400_000L;

    private boolean open;
    private double before;
    private double scale;
    private long points;
    private long pointsMax;

    /// Whether an open incident holds at this value.
    ///
    /// @param median of the last values before this one
    /// @param usual for this time of day where the series is seasonal, else NaN
    boolean goesOn(double value, double median, double usual) {
        double reference = Double.isNaN(usual) ? before : usual;
        double away = Math.abs(value - reference);
        if (!Double.isNaN(median) && Double.isNaN(usual)) {
            away = Math.max(away, Math.abs(median - reference));
        }
        open &= away > BACK * scale && points < pointsMax;
        return open;
    }

    /// Opens one after an anomalous score, or counts on.
    void after(double score, double expected, double typical, long stepMillis) {
        if (open) {
            points++;
        } else if (score > 1) {
            open = true;
            before = expected;
            scale = typical;
            points = 1;
            pointsMax = DAY_MILLIS / stepMillis;
        } else {
            points = 0;
        }
    }

    /// Spikes teach, for they are part of some series' nature; what lasts does not.
    boolean teaches() {
        return !open || points < SUSTAINED;
    }

    void fields(Fields fields) {
        open = fields.of(open);
        before = fields.of(before);
        scale = fields.of(scale);
        points = fields.of(points);
        pointsMax = fields.of(pointsMax);
    }
}
