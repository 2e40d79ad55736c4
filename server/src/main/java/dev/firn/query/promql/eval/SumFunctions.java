package dev.firn.query.promql.eval;

import dev.firn.query.promql.value.IncompatibleBucketsException;
import java.util.Map;

/// `sum_over_time` and `avg_over_time`, of numbers or of histograms.
final class SumFunctions {
    private SumFunctions() {}

    static void register(Map<String, RangeFunction> functions) {
        functions.put("sum_over_time", (window, _, result) -> apply(window, false, result));
        functions.put("avg_over_time", (window, _, result) -> apply(window, true, result));
    }

    private static void apply(Window window, boolean average, RangeFunction.Result result) {
        if (window.isMixed()) {
            result.annotations().mixedFloatsHistograms(window.metric(), window.span());
        } else if (window.numbers() > 0) {
            var mean = new NumberMean(average);
            for (int i = 0; i < window.numbers(); i++) {
                mean.add(window.value(i));
            }
            result.set(mean.result());
        } else {
            histograms(window, average, result);
        }
    }

    private static void histograms(Window window, boolean average, RangeFunction.Result result) {
        var mean = new HistogramMean(average);
        try {
            for (int i = 0; i < window.histograms(); i++) {
                mean.add(window.histogram(i));
            }
        } catch (IncompatibleBucketsException e) {
            result.annotations().mixedBuckets(window.metric(), window.span());
            return;
        }
        mean.tell(result.annotations(), window.span());
        result.set(mean.result());
    }
}
