package dev.firn.query.promql.value;

/// Brings two histograms to one width of the zero bucket, so that their buckets can be compared and
/// added.
final class ZeroBuckets {
    private ZeroBuckets() {}

    /// What the zero bucket would count if it were wider.
    ///
    /// @param threshold at least the wanted one: a bucket that it would cut through goes in whole
    record Widened(double count, double threshold) {}

    static Widened widened(NativeHistogram of, double wanted) {
        double threshold = wanted;
        if (threshold <= of.zeroThreshold()) {
            return new Widened(of.zeroCount(), of.zeroThreshold());
        }
        while (true) {
            var count = new KahanSum(of.zeroCount(), 0);
            threshold = side(of, of.positive(), threshold, count);
            double reached = side(of, of.negative(), threshold, count);
            if (reached == threshold) {
                return new Widened(count.sum(), threshold);
            }
            threshold = reached;
        }
    }

    private static double side(
            NativeHistogram of, Buckets buckets, double threshold, KahanSum count) {
        for (int i = 0; i < buckets.size(); i++) {
            int index = buckets.index()[i];
            double upper = of.upperBound(index);
            if (of.upperBound(index - 1) >= threshold) {
                break;
            }
            count.add(buckets.count()[i]);
            if (upper > threshold) {
                return buckets.count()[i] != 0 ? upper : threshold;
            }
        }
        return threshold;
    }

    /// The histogram with a zero bucket at least as wide as `wanted`.
    static NativeHistogram widen(NativeHistogram of, double wanted) {
        if (of.isCustom() || wanted <= of.zeroThreshold()) {
            return of;
        }
        Widened zero = widened(of, wanted);
        return of.with(
                zero.threshold,
                zero.count,
                outside(of, of.positive(), zero.threshold),
                outside(of, of.negative(), zero.threshold));
    }

    private static Buckets outside(NativeHistogram of, Buckets buckets, double threshold) {
        int inside = 0;
        while (inside < buckets.size() && of.upperBound(buckets.index()[inside] - 1) < threshold) {
            inside++;
        }
        return buckets.skip(inside);
    }

    /// The common width that both can take.
    static double common(NativeHistogram a, NativeHistogram b) {
        double threshold = Math.max(a.zeroThreshold(), b.zeroThreshold());
        while (true) {
            double wider =
                    Math.max(widened(a, threshold).threshold, widened(b, threshold).threshold);
            if (wider == threshold) {
                return threshold;
            }
            threshold = wider;
        }
    }
}
