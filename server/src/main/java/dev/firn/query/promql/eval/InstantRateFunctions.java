package dev.firn.query.promql.eval;

import dev.firn.query.promql.value.NativeHistogram;
import dev.firn.query.promql.value.ResetHint;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `irate`, `idelta`: the change between the last two samples of a range.
final class InstantRateFunctions {
    private InstantRateFunctions() {}

    static void register(Map<String, RangeFunction> functions) {
        functions.put("irate", (window, _, result) -> apply(window, true, result));
        functions.put("idelta", (window, _, result) -> apply(window, false, result));
    }

    private record Point(
            long time, double value, @Nullable NativeHistogram histogram, long start) {}

    private static void apply(Window window, boolean rate, RangeFunction.Result result) {
        int total = window.numbers() + window.histograms();
        if (total < 2) {
            return;
        }
        int number = window.numbers() - 1;
        int histogram = window.histograms() - 1;
        Point last = latest(window, number, histogram);
        if (last.histogram == null) {
            number--;
        } else {
            histogram--;
        }
        Point previous = latest(window, number, histogram);
        if (last.time == previous.time) {
            return;
        }
        double seconds = (last.time - previous.time) / 1000.0;
        if (last.histogram != null && previous.histogram != null) {
            NativeHistogram change = change(window, previous, last, rate, result);
            if (change != null) {
                NativeHistogram gauge = change.withHint(ResetHint.GAUGE).compact();
                result.set(rate ? gauge.dividedBy(seconds) : gauge);
            }
        } else if (last.histogram == null && previous.histogram == null) {
            boolean reset = rate && (last.value < previous.value || isReset(previous, last));
            double change = reset ? last.value : last.value - previous.value;
            result.set(rate ? change / seconds : change);
        } else {
            result.annotations().mixedFloatsHistograms(window.metric(), window.span());
        }
    }

    private static Point latest(Window window, int number, int histogram) {
        boolean isHistogram =
                number < 0
                        || (histogram >= 0
                                && window.histogramTime(histogram) >= window.time(number));
        return isHistogram
                ? new Point(
                        window.histogramTime(histogram),
                        0,
                        window.histogram(histogram),
                        window.histogramStartTime(histogram))
                : new Point(
                        window.time(number), window.value(number), null, window.startTime(number));
    }

    private static boolean isReset(Point previous, Point last) {
        return StartTimes.isReset(previous.start, previous.time, last.start, last.time);
    }

    private static @Nullable NativeHistogram change(
            Window window, Point previous, Point last, boolean rate, RangeFunction.Result result) {
        NativeHistogram before = previous.histogram;
        NativeHistogram after = last.histogram;
        if (before == null || after == null) {
            return null;
        }
        boolean anyGauge = before.hint() == ResetHint.GAUGE || after.hint() == ResetHint.GAUGE;
        boolean allGauge = before.hint() == ResetHint.GAUGE && after.hint() == ResetHint.GAUGE;
        if (rate && anyGauge) {
            result.annotations().notCounter(window.metric(), window.span());
        }
        if (!rate && !allGauge) {
            result.annotations().notGauge(window.metric(), window.span());
        }
        boolean reset = rate && (isReset(previous, last) || after.isResetAfter(before));
        return reset ? after : new Histograms(window, result).subtract(after, before);
    }
}
