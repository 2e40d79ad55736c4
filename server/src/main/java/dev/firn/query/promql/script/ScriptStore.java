package dev.firn.query.promql.script;

import dev.firn.query.promql.eval.MemorySource;
import dev.firn.query.promql.eval.SeriesSource;
import dev.firn.query.promql.value.Labels;
import dev.firn.query.promql.value.NativeHistogram;
import dev.firn.query.promql.value.ResetHint;
import dev.firn.query.promql.value.Samples;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The series that a script has loaded. Hints about counter resets come out as Prometheus' storage
/// gives them: known within a chunk, unknown for its first histogram.
final class ScriptStore implements ScriptStorage {
    private final Map<Labels, TreeMap<Long, Point>> series = new TreeMap<>();

    private record Point(double number, @Nullable NativeHistogram histogram, long start) {}

    @Override
    public void clear() {
        series.clear();
    }

    @Override
    public void append(
            Labels labels,
            long timeMillis,
            double number,
            @Nullable NativeHistogram histogram,
            long startMillis) {
        series.computeIfAbsent(labels, _ -> new TreeMap<>())
                .put(timeMillis, new Point(number, histogram, startMillis));
    }

    @Override
    public SeriesSource source() {
        var source = new MemorySource();
        series.forEach((labels, points) -> source.put(labels, samples(points)));
        return source;
    }

    private static Samples samples(TreeMap<Long, Point> points) {
        int total = points.size();
        long[] times = new long[total];
        double[] values = new double[total];
        long[] starts = new long[total];
        long[] histogramTimes = new long[total];
        NativeHistogram[] histograms = new NativeHistogram[total];
        long[] histogramStarts = new long[total];
        int n = 0;
        int h = 0;
        NativeHistogram previous = null;
        for (Map.Entry<Long, Point> entry : points.entrySet()) {
            Point point = entry.getValue();
            NativeHistogram histogram = point.histogram;
            if (histogram == null) {
                times[n] = entry.getKey();
                values[n] = point.number;
                starts[n++] = point.start;
                previous = null;
            } else {
                histogramTimes[h] = entry.getKey();
                histograms[h] = histogram.withHint(ResetHint.after(previous, histogram));
                histogramStarts[h++] = point.start;
                previous = histogram;
            }
        }
        return new Samples(
                Arrays.copyOf(times, n),
                Arrays.copyOf(values, n),
                Arrays.copyOf(starts, n),
                Arrays.copyOf(histogramTimes, h),
                Arrays.copyOf(histograms, h),
                Arrays.copyOf(histogramStarts, h));
    }
}
