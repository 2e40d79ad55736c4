package dev.firn.query.promql.eval;

import dev.firn.query.promql.value.NativeHistogram;
import dev.firn.query.promql.value.ResetHint;
import org.jspecify.annotations.Nullable;

/// How much a native histogram grew over a range, with counter resets made good.
final class HistogramChange {
    private HistogramChange() {}

    /// Null if the histograms do not fit together; the window holds two at least.
    static @Nullable NativeHistogram between(
            Window window, boolean counter, RangeFunction.Result result) {
        int last = window.histograms() - 1;
        NativeHistogram end = window.histogram(last);
        NativeHistogram first = window.histogram(0);
        if (counter && (isGauge(first) || isGauge(end))) {
            result.annotations().notCounter(window.metric(), window.span());
        }
        NativeHistogram base = first;
        if (counter && isReset(window, 1, first)) {
            // What was there before the first sample is lost anyway: take no layout from it.
            base = NativeHistogram.emptyLike(window.histogram(1));
        }
        if (end.isCustom() != base.isCustom() || !fit(window, counter, base, result)) {
            result.annotations().mixedBuckets(window.metric(), window.span());
            return null;
        }
        var histograms = new Histograms(window, result);
        NativeHistogram change =
                histograms.subtract(end.reduced(schema(window, counter, base)), base);
        if (counter && change != null) {
            change = withResets(window, base, change, histograms, result);
        } else if (!isGauge(first) || !isGauge(end)) {
            result.annotations().notGauge(window.metric(), window.span());
        }
        return change == null ? null : change.withHint(ResetHint.GAUGE).compact();
    }

    private static boolean isGauge(NativeHistogram histogram) {
        return histogram.hint() == ResetHint.GAUGE;
    }

    private static boolean fit(
            Window window, boolean counter, NativeHistogram base, RangeFunction.Result result) {
        for (int i = 1; counter && i < window.histograms() - 1; i++) {
            if (isGauge(window.histogram(i))) {
                result.annotations().notCounter(window.metric(), window.span());
            }
            if (window.histogram(i).isCustom() != base.isCustom()) {
                return false;
            }
        }
        return true;
    }

    private static int schema(Window window, boolean counter, NativeHistogram base) {
        int last = window.histograms() - 1;
        int schema = Math.min(base.schema(), window.histogram(last).schema());
        for (int i = 1; counter && i < last; i++) {
            schema = Math.min(schema, window.histogram(i).schema());
        }
        return schema;
    }

    private static @Nullable NativeHistogram withResets(
            Window window,
            NativeHistogram base,
            NativeHistogram plain,
            Histograms histograms,
            RangeFunction.Result result) {
        NativeHistogram change = plain;
        NativeHistogram previous = base;
        boolean overlap = false;
        for (int i = 1; i < window.histograms(); i++) {
            long before = window.histogramTime(i - 1);
            long start = window.histogramStartTime(i);
            if (!overlap && StartTimes.overlap(window.histogramStartTime(i - 1), before, start)) {
                result.annotations().startTimeOverlap(window.metric(), window.span());
                overlap = true;
            }
            if (isReset(window, i, previous)) {
                change = histograms.add(change, previous);
                if (change == null) {
                    return null;
                }
            }
            previous = window.histogram(i);
        }
        return change;
    }

    private static boolean isReset(Window window, int i, NativeHistogram previous) {
        return StartTimes.isReset(
                        window.histogramStartTime(i - 1),
                        window.histogramTime(i - 1),
                        window.histogramStartTime(i),
                        window.histogramTime(i))
                || window.histogram(i).isResetAfter(previous);
    }
}
