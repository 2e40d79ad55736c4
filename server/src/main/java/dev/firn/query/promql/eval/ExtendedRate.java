package dev.firn.query.promql.eval;

import dev.firn.query.promql.lang.Expr.Extension;
import dev.firn.query.promql.value.NativeHistogram;
import dev.firn.query.promql.value.ResetHint;
import org.jspecify.annotations.Nullable;

/// `rate`, `increase`, `delta` over an `anchored` or `smoothed` range: the values at the borders
/// are those of the nearest samples before them, or interpolated; nothing is extrapolated.
final class ExtendedRate {
    private ExtendedRate() {}

    static void apply(Window window, boolean counter, boolean rate, RangeFunction.Result result) {
        if (window.histograms() > 0) {
            histograms(window, counter, rate, result);
        } else if (window.numbers() > 0) {
            numbers(window, counter, rate, result);
        }
    }

    private static void numbers(
            Window window, boolean counter, boolean rate, RangeFunction.Result result) {
        boolean smoothed = window.extension() == Extension.SMOOTHED;
        int last = window.numbers() - 1;
        int first = Math.max(0, Math.min(window.numberAfter(window.start()), last) - 1);
        if (smoothed) {
            last = Math.min(window.numberAfter(window.end() - 1), last);
        }
        if (window.time(last) <= window.start()
                || (smoothed && window.time(first) > window.end())) {
            return;
        }
        double left = left(window, first, window.start(), smoothed, counter);
        double right = right(window, last, window.end(), smoothed, counter);
        double change = right - left;
        if (counter) {
            int from = first + (window.time(first) <= window.start() ? 1 : 0);
            int to = last - (window.time(last) >= window.end() ? 1 : 0);
            change += resets(window, left, right, from, to);
        }
        result.set(rate ? change / (window.rangeMillis() / 1000.0) : change);
    }

    static double left(Window window, int first, long border, boolean smoothed, boolean counter) {
        return smoothed && window.time(first) < border
                ? interpolate(window, first, border, counter)
                : window.value(first);
    }

    static double right(Window window, int last, long border, boolean smoothed, boolean counter) {
        return smoothed && last > 0 && window.time(last) > border
                ? interpolate(window, last - 1, border, counter)
                : window.value(last);
    }

    private static double interpolate(Window window, int i, long at, boolean counter) {
        double before = window.value(i);
        double after = window.value(i + 1);
        if (counter && after < before) {
            before = 0;
        }
        long time = window.time(i);
        return before + (after - before) * (at - time) / (window.time(i + 1) - time);
    }

    private static double resets(Window window, double left, double right, int from, int to) {
        double lost = 0;
        double previous = left;
        for (int i = from; i <= to; i++) {
            lost += window.value(i) < previous ? previous : 0;
            previous = window.value(i);
        }
        return right < previous ? lost + previous : lost;
    }

    private static void histograms(
            Window window, boolean counter, boolean rate, RangeFunction.Result result) {
        boolean smoothed = window.extension() == Extension.SMOOTHED;
        int last = window.histograms() - 1;
        int first = Math.max(0, Math.min(window.histogramAfter(window.start()), last) - 1);
        if (smoothed) {
            last = Math.min(window.histogramAfter(window.end() - 1), last);
        }
        if (window.histogramTime(last) <= window.start()
                || (smoothed && window.histogramTime(first) > window.end())
                || !isUniform(window, first, last, counter, result)) {
            return;
        }
        var histograms = new Histograms(window, result);
        NativeHistogram left = window.histogram(first);
        if (smoothed && window.histogramTime(first) < window.start()) {
            left = between(window, first, window.start(), counter, histograms);
        }
        NativeHistogram right = window.histogram(last);
        if (smoothed && last > 0 && window.histogramTime(last) > window.end()) {
            right = between(window, last - 1, window.end(), counter, histograms);
        }
        if (left == null || right == null) {
            return;
        }
        if (!counter && (left.hint() != ResetHint.GAUGE || right.hint() != ResetHint.GAUGE)) {
            result.annotations().notGauge(window.metric(), window.span());
        }
        NativeHistogram change = histograms.subtract(right, left);
        if (change != null && counter) {
            change = withResets(window, first, last, left, right, change, histograms);
        }
        if (change != null) {
            NativeHistogram scaled =
                    rate ? change.dividedBy(window.rangeMillis() / 1000.0) : change;
            result.set(scaled.withHint(ResetHint.GAUGE).compact());
        }
    }

    private static boolean isUniform(
            Window window, int first, int last, boolean counter, RangeFunction.Result result) {
        for (int i = first; i <= last; i++) {
            NativeHistogram histogram = window.histogram(i);
            if (histogram.isCustom() != window.histogram(first).isCustom()) {
                result.annotations().mixedBuckets(window.metric(), window.span());
                return false;
            }
            if (counter && histogram.hint() == ResetHint.GAUGE) {
                result.annotations().notCounter(window.metric(), window.span());
            }
        }
        return true;
    }

    private static @Nullable NativeHistogram between(
            Window window, int i, long at, boolean counter, Histograms histograms) {
        return histograms.interpolate(
                window.histogram(i),
                window.histogramTime(i),
                window.histogram(i + 1),
                window.histogramTime(i + 1),
                at,
                counter);
    }

    private static @Nullable NativeHistogram withResets(
            Window window,
            int first,
            int last,
            NativeHistogram left,
            NativeHistogram right,
            NativeHistogram plain,
            Histograms histograms) {
        int from = first + 1;
        NativeHistogram previous = left;
        if (window.extension() == Extension.SMOOTHED
                && window.histogramTime(first) < window.start()
                && window.histogram(from).isResetAfter(window.histogram(first))) {
            previous = window.histogram(from++);
        }
        if (from > last) {
            return plain;
        }
        NativeHistogram change = plain;
        for (int i = from; i <= last && change != null; i++) {
            NativeHistogram next = i == last ? right : window.histogram(i);
            if (next.isResetAfter(previous)) {
                change = histograms.add(change, previous);
            }
            previous = next;
        }
        return change;
    }
}
