package dev.firn.query.promql.eval;

import dev.firn.query.promql.eval.VectorFunction.Arguments;
import dev.firn.query.promql.value.Bucket;
import dev.firn.query.promql.value.BucketWalk;
import dev.firn.query.promql.value.KahanSum;
import dev.firn.query.promql.value.NativeHistogram;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/// One number from each native histogram; numbers have no result.
final class HistogramFunctions {
    private HistogramFunctions() {}

    static void register(Map<String, VectorFunction> functions) {
        put(functions, "histogram_count", NativeHistogram::count);
        put(functions, "histogram_sum", NativeHistogram::sum);
        put(functions, "histogram_avg", histogram -> histogram.sum() / histogram.count());
        put(functions, "histogram_stdvar", HistogramFunctions::variance);
        put(functions, "histogram_stddev", histogram -> Math.sqrt(variance(histogram)));
    }

    private static void put(
            Map<String, VectorFunction> functions,
            String name,
            ToDoubleFunction<NativeHistogram> function) {
        functions.put(name, arguments -> map(arguments, function));
    }

    private static List<Column> map(
            Arguments arguments, ToDoubleFunction<NativeHistogram> function) {
        var result = new ArrayList<Column>();
        for (Column column : arguments.vector(0)) {
            Column out = arguments.evaluator().derived(column, true);
            for (int i = 0; i < column.steps(); i++) {
                NativeHistogram histogram = column.histogram(i);
                if (histogram != null) {
                    out.set(i, function.applyAsDouble(histogram));
                }
            }
            if (!out.isEmpty()) {
                result.add(out);
            }
        }
        return Columns.merge(result);
    }

    /// Each observation is taken to be at the middle of its bucket: geometric for exponential ones.
    private static double variance(NativeHistogram histogram) {
        double mean = histogram.sum() / histogram.count();
        var squares = new KahanSum();
        BucketWalk walk = histogram.upwards();
        while (walk.next()) {
            Bucket bucket = walk.bucket();
            if (bucket.count() != 0) {
                double delta = middle(bucket, histogram.isCustom()) - mean;
                squares.add(bucket.count() * delta * delta);
            }
        }
        return squares.sum() / histogram.count();
    }

    private static double middle(Bucket bucket, boolean custom) {
        if (custom) {
            return (bucket.upper() + bucket.lower()) / 2;
        }
        if (bucket.lower() <= 0 && bucket.upper() >= 0) {
            return 0;
        }
        double geometric = Math.sqrt(bucket.upper() * bucket.lower());
        return bucket.upper() < 0 ? -geometric : geometric;
    }
}
