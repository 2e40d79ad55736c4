package dev.firn.query.promql.eval;

import dev.firn.query.promql.lang.Expr.Extension;
import dev.firn.query.promql.value.NativeHistogram;
import java.util.Map;

/// `rate`, `increase`, `delta`: the change over a range, extrapolated to its borders as far as the
/// samples' distance and, for counters, zero allow.
final class RateFunctions {
    /// Extrapolation goes to the border if it is nearer than this many average distances.
    private static final double NEAR = 1.1;

    private RateFunctions() {}

    static void register(Map<String, RangeFunction> functions) {
        functions.put("rate", (window, _, result) -> apply(window, true, true, result));
        functions.put("increase", (window, _, result) -> apply(window, true, false, result));
        functions.put("delta", (window, _, result) -> apply(window, false, false, result));
    }

    private static void apply(
            Window window, boolean counter, boolean rate, RangeFunction.Result result) {
        if (window.isMixed()) {
            result.annotations().mixedFloatsHistograms(window.metric(), window.span());
        } else if (window.extension() != Extension.NONE) {
            ExtendedRate.apply(window, counter, rate, result);
        } else if (window.histograms() > 0) {
            histograms(window, counter, rate, result);
        } else if (window.numbers() > 0) {
            numbers(window, counter, rate, result);
        }
    }

    private static void numbers(
            Window window, boolean counter, boolean rate, RangeFunction.Result result) {
        int last = window.numbers() - 1;
        double change = window.value(last) - window.value(0);
        if (counter) {
            change += resets(window, result);
        }
        long start = counter ? window.startTime(0) : 0;
        var range = new Extrapolation(window, window.time(0), window.time(last), last);
        if (range.startsInside(start)) {
            result.set((change + window.value(0)) * range.factorFrom(start, rate));
        } else if (last > 0) {
            boolean bounded = counter && change > 0 && window.value(0) >= 0;
            double share = bounded ? window.value(0) / change : Double.POSITIVE_INFINITY;
            result.set(change * range.factor(share, rate));
        }
    }

    /// What counter resets took away.
    private static double resets(Window window, RangeFunction.Result result) {
        double lost = 0;
        boolean overlap = false;
        for (int i = 1; i < window.numbers(); i++) {
            double previous = window.value(i - 1);
            long previousTime = window.time(i - 1);
            long previousStart = window.startTime(i - 1);
            long start = window.startTime(i);
            if (!overlap && StartTimes.overlap(previousStart, previousTime, start)) {
                result.annotations().startTimeOverlap(window.metric(), window.span());
                overlap = true;
            }
            if (window.value(i) < previous
                    || StartTimes.isReset(previousStart, previousTime, start, window.time(i))) {
                lost += previous;
            }
        }
        return lost;
    }

    private static void histograms(
            Window window, boolean counter, boolean rate, RangeFunction.Result result) {
        int last = window.histograms() - 1;
        NativeHistogram change = null;
        if (last > 0) {
            change = HistogramChange.between(window, counter, result);
            if (change == null) {
                return;
            }
        }
        NativeHistogram first = window.histogram(0);
        long start = counter ? window.histogramStartTime(0) : 0;
        var range =
                new Extrapolation(
                        window, window.histogramTime(0), window.histogramTime(last), last);
        if (range.startsInside(start)) {
            NativeHistogram total =
                    change == null ? first : new Histograms(window, result).add(change, first);
            if (total != null) {
                result.set(total.times(range.factorFrom(start, rate)));
            }
        } else if (change != null) {
            result.set(change.times(range.factor(share(first, change, counter), rate)));
        }
    }

    private static double share(NativeHistogram first, NativeHistogram change, boolean counter) {
        boolean bounded = counter && change.count() > 0 && first.count() >= 0;
        return bounded ? first.count() / change.count() : Double.POSITIVE_INFINITY;
    }

    /// From the time that samples span to the time that the range spans. Seconds.
    private static final class Extrapolation {
        private final Window window;
        private final long first;
        private final long last;
        private final double toEnd;
        private final double average;

        Extrapolation(Window window, long first, long last, int intervals) {
            this.window = window;
            this.first = first;
            this.last = last;
            this.average = intervals > 0 ? (last - first) / 1000.0 / intervals : 0;
            this.toEnd = limited((window.end() - last) / 1000.0);
        }

        private double limited(double distance) {
            return distance >= average * NEAR ? average / 2 : distance;
        }

        boolean startsInside(long start) {
            return start != 0 && start > window.start() && start < first;
        }

        /// The counter's start is known and lies in the range: nothing to extrapolate before it.
        double factorFrom(long start, boolean rate) {
            return factor((last - start) / 1000.0, 0.0, rate);
        }

        /// `share`: how many times the sampled interval before the first sample the counter would
        /// have been zero.
        double factor(double share, boolean rate) {
            double interval = (last - first) / 1000.0;
            double toStart = limited((first - window.start()) / 1000.0);
            double toZero = interval * share;
            return factor(interval, toZero < toStart ? toZero : toStart, rate);
        }

        private double factor(double interval, double toStart, boolean rate) {
            double factor = interval == 0 ? 1 : (interval + toStart + toEnd) / interval;
            return rate ? factor / (window.rangeMillis() / 1000.0) : factor;
        }
    }
}
