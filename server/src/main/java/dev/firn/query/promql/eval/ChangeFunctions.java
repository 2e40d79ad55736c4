package dev.firn.query.promql.eval;

import dev.firn.query.promql.lang.Expr.Extension;
import dev.firn.query.promql.value.NativeHistogram;
import java.util.Map;

/// `changes` and `resets`: how often neighbouring samples differ.
final class ChangeFunctions {
    private ChangeFunctions() {}

    static void register(Map<String, RangeFunction> functions) {
        functions.put("changes", (window, _, result) -> count(window, false, result));
        functions.put("resets", (window, _, result) -> count(window, true, result));
    }

    private static void count(Window window, boolean resets, RangeFunction.Result result) {
        int number = 0;
        int histogram = 0;
        if (window.extension() == Extension.ANCHORED) {
            number = window.numberAfter(window.start());
            histogram = window.histogramAfter(window.start());
            if (number >= window.numbers() && histogram >= window.histograms()) {
                return;
            }
            boolean byNumber =
                    number > 0
                            && (histogram == 0
                                    || window.time(number - 1)
                                            >= window.histogramTime(histogram - 1));
            if (byNumber) {
                number--;
            } else if (histogram > 0) {
                histogram--;
            }
        }
        result.set(count(window, number, histogram, resets));
    }

    private static int count(Window window, int firstNumber, int firstHistogram, boolean resets) {
        int number = firstNumber;
        int histogram = firstHistogram;
        int count = 0;
        boolean hasLast = false;
        boolean lastIsNumber = false;
        while (number < window.numbers() || histogram < window.histograms()) {
            boolean isNumber =
                    histogram >= window.histograms()
                            || (number < window.numbers()
                                    && window.time(number) < window.histogramTime(histogram));
            if (hasLast) {
                boolean differs =
                        isNumber != lastIsNumber
                                || (isNumber
                                        ? numbersDiffer(window, number, resets)
                                        : histogramsDiffer(window, histogram, resets));
                count += differs ? 1 : 0;
            }
            number += isNumber ? 1 : 0;
            histogram += isNumber ? 0 : 1;
            hasLast = true;
            lastIsNumber = isNumber;
        }
        return count;
    }

    private static boolean numbersDiffer(Window window, int i, boolean resets) {
        double before = window.value(i - 1);
        double now = window.value(i);
        if (resets) {
            return now < before
                    || StartTimes.isReset(
                            window.startTime(i - 1),
                            window.time(i - 1),
                            window.startTime(i),
                            window.time(i));
        }
        return now != before && !(Double.isNaN(now) && Double.isNaN(before));
    }

    private static boolean histogramsDiffer(Window window, int i, boolean resets) {
        NativeHistogram before = window.histogram(i - 1);
        NativeHistogram now = window.histogram(i);
        if (!resets) {
            return !now.isSame(before);
        }
        return now.isResetAfter(before)
                || StartTimes.isReset(
                        window.histogramStartTime(i - 1),
                        window.histogramTime(i - 1),
                        window.histogramStartTime(i),
                        window.histogramTime(i));
    }
}
