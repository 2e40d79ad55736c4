package dev.firn.analyse.anomaly;

/// Makes a statistic of any unit comparable: 0 is nothing, 1 the strongest novelty.
///
/// Two parts: how many standard deviations it is above its own mean, and how it compares with the
/// largest so far (slowly forgotten); only a record gets more than a quarter of the latter.
final class Calibration {
    private static final double Z_MAX = 12;
    private static final double Z_SHARE = 0.3;
    private static final double BELOW_RECORD = 0.25;
    private static final double FORGET = 0.9997;

    private final Moments moments = new Moments(0);
    private double record;

    double of(double statistic) {
        double z = Math.clamp(moments.z(statistic), 0, Z_MAX) / Z_MAX;
        double rank = 0;
        if (record > 0 && statistic > 0) {
            double share = statistic / record;
            double square = share * share;
            rank =
                    share <= 1
                            ? BELOW_RECORD * square * square
                            : Math.min(1, BELOW_RECORD + Math.log(share) / Math.log(4));
        }
        return Z_SHARE * z + (1 - Z_SHARE) * rank;
    }

    void learn(double statistic) {
        moments.learn(statistic);
        record = Math.max(record * FORGET, statistic);
    }

    void fields(Fields fields) {
        moments.fields(fields);
        record = fields.of(record);
    }
}
