package dev.firn.query.promql.script;

import dev.firn.query.promql.eval.MemorySource;
import dev.firn.query.promql.eval.SeriesSource;
import dev.firn.query.promql.value.Bounds;
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
final class ScriptStore {
    private final Map<Labels, TreeMap<Long, Point>> series = new TreeMap<>();

    private record Point(double number, @Nullable NativeHistogram histogram, long start) {}

    void clear() {
        series.clear();
    }

    void append(Labels labels, long time, SequenceValue value, long start) {
        series.computeIfAbsent(labels, _ -> new TreeMap<>())
                .put(time, new Point(value.number(), value.histogram(), start));
    }

    SeriesSource source() {
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
                histograms[h] = histogram.withHint(hint(histogram, previous));
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

    private static ResetHint hint(NativeHistogram histogram, @Nullable NativeHistogram previous) {
        if (histogram.hint() == ResetHint.GAUGE) {
            return ResetHint.GAUGE;
        }
        boolean sameChunk =
                previous != null
                        && previous.hint() != ResetHint.GAUGE
                        && histogram.hint() != ResetHint.RESET
                        && !previous.isStale()
                        && sameLayout(histogram, previous)
                        && !histogram.withHint(ResetHint.UNKNOWN).isResetAfter(previous);
        return sameChunk ? ResetHint.NOT_RESET : ResetHint.UNKNOWN;
    }

    private static boolean sameLayout(NativeHistogram a, NativeHistogram b) {
        return a.schema() == b.schema()
                && a.zeroThreshold() == b.zeroThreshold()
                && (a.schema() != Bounds.CUSTOM_SCHEMA || Arrays.equals(a.bounds(), b.bounds()));
    }
}
