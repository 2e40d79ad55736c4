package dev.firn.query.promql.value;

/// Finds counter resets between two histograms of a series.
final class ResetDetection {
    private ResetDetection() {}

    static boolean isReset(NativeHistogram now, NativeHistogram before) {
        if (now.hint() == ResetHint.RESET || now.hint() == ResetHint.NOT_RESET) {
            return now.hint() == ResetHint.RESET;
        }
        if (now.count() < before.count()) {
            return true;
        }
        if (now.isCustom()) {
            return !before.isCustom() || isCustomReset(now, before);
        }
        if (before.isCustom()
                || now.schema() > before.schema()
                || now.zeroThreshold() < before.zeroThreshold()) {
            return true;
        }
        ZeroBuckets.Widened zero = ZeroBuckets.widened(before, now.zeroThreshold());
        if (zero.threshold() != now.zeroThreshold() || now.zeroCount() < zero.count()) {
            return true;
        }
        int shift = before.schema() - now.schema();
        return falls(above(now, now.positive()), above(now, before.positive().reduce(shift)))
                || falls(above(now, now.negative()), above(now, before.negative().reduce(shift)));
    }

    private static Buckets above(NativeHistogram now, Buckets buckets) {
        return HistogramSum.above(buckets, now.schema(), now.zeroThreshold());
    }

    private static boolean isCustomReset(NativeHistogram now, NativeHistogram before) {
        if (Bounds.match(now.bounds(), before.bounds())) {
            return falls(now.positive(), before.positive());
        }
        double[] common = Bounds.intersect(now.bounds(), before.bounds());
        return falls(
                HistogramSum.rebound(now.positive(), now.bounds(), common),
                HistogramSum.rebound(before.positive(), before.bounds(), common));
    }

    /// Whether any bucket lost counts.
    private static boolean falls(Buckets now, Buckets before) {
        int j = 0;
        for (int i = 0; i < before.size(); i++) {
            while (j < now.size() && now.index()[j] < before.index()[i]) {
                j++;
            }
            boolean there = j < now.size() && now.index()[j] == before.index()[i];
            if (there ? now.count()[j] < before.count()[i] : before.count()[i] != 0) {
                return true;
            }
        }
        return false;
    }
}
