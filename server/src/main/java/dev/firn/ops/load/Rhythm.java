package dev.firn.ops.load;

/// How many requests come at an hour of the week, relative to the week's mean of 1.
///
/// `prod` is a shop: quiet at night, busiest in the evening, more at the weekend. Every other
/// environment is used by people at work. Times are UTC.
final class Rhythm {
    private static final long HOUR = 3_600_000_000_000L;
    private static final int WEEK_HOURS = 168;

    /// Relative load of the hours of a day, mean about 1.
    private static final double[] SHOP_DAY = {
        0.45, 0.32, 0.25, 0.22, 0.22, 0.28, 0.45, 0.70, 0.90, 1.02, 1.10, 1.18,
        1.25, 1.18, 1.10, 1.08, 1.15, 1.32, 1.55, 1.80, 1.88, 1.65, 1.20, 0.75
    };

    private static final double[] SHOP_WEEK = {0.95, 0.92, 0.93, 0.96, 1.02, 1.18, 1.24};

    private final double[] factors;

    private Rhythm(double[] factors) {
        double sum = 0;
        for (double factor : factors) {
            sum += factor;
        }
        this.factors = new double[factors.length];
        for (int i = 0; i < factors.length; i++) {
            this.factors[i] = factors[i] * factors.length / sum;
        }
    }

    static Rhythm of(String environment, boolean flat) {
        double[] factors = new double[WEEK_HOURS];
        for (int i = 0; i < WEEK_HOURS; i++) {
            int day = i / 24;
            int hour = i % 24;
            factors[i] =
                    flat
                            ? 1
                            : environment.equals("prod")
                                    ? SHOP_DAY[hour] * SHOP_WEEK[day]
                                    : day < 5 && hour >= 7 && hour < 18 ? 1 : 0.08;
        }
        return new Rhythm(factors);
    }

    /// The factor at a time, linear between the middles of the hours.
    double at(long nanos) {
        long halfHours = nanos - HOUR / 2;
        long hour = Math.floorDiv(halfHours, HOUR);
        double part = (double) Math.floorMod(halfHours, HOUR) / HOUR;
        double before = factors[weekHour(hour)];
        return before + part * (factors[weekHour(hour + 1)] - before);
    }

    /// 1970-01-01 was a Thursday; hour 0 of the table is Monday 00:00.
    private static int weekHour(long hour) {
        return (int) Math.floorMod(hour + 72, (long) WEEK_HOURS);
    }
}
