package dev.firn.query.promql.store;

import dev.firn.query.promql.value.NativeHistogram;
import dev.firn.query.promql.value.ResetHint;
import dev.firn.query.promql.value.Samples;
import java.util.Arrays;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Samples of one series while they come. Mutable columns: millions of samples pass here, one
/// object each would be the cost of the query.
final class SampleColumns {
    private static final NativeHistogram[] NO_HISTOGRAMS = {};

    private long[] times = new long[16];
    private double[] values = new double[16];
    private long[] starts = new long[16];
    private int size;
    private long[] histogramTimes = {};
    private NativeHistogram[] histograms = NO_HISTOGRAMS;
    private long[] histogramStarts = {};
    private int histogramSize;

    /// Adds a number; one of the same time as the one before takes its place.
    void add(long time, double value, long start) {
        if (size > 0 && times[size - 1] == time) {
            size--;
        }
        if (size == times.length) {
            int more = 2 * size;
            times = Arrays.copyOf(times, more);
            values = Arrays.copyOf(values, more);
            starts = Arrays.copyOf(starts, more);
        }
        times[size] = time;
        values[size] = value;
        starts[size++] = start;
    }

    /// Adds a histogram; one of the same time as the one before takes its place.
    void add(long time, NativeHistogram histogram, long start) {
        if (histogramSize > 0 && histogramTimes[histogramSize - 1] == time) {
            histogramSize--;
        }
        if (histogramSize == histogramTimes.length) {
            int more = Math.max(16, 2 * histogramSize);
            histogramTimes = Arrays.copyOf(histogramTimes, more);
            histograms = Arrays.copyOf(histograms, more);
            histogramStarts = Arrays.copyOf(histogramStarts, more);
        }
        histogramTimes[histogramSize] = time;
        histograms[histogramSize] = histogram;
        histogramStarts[histogramSize++] = start;
    }

    boolean isEmpty() {
        return size == 0 && histogramSize == 0;
    }

    Samples samples() {
        var kept = Arrays.copyOf(histograms, histogramSize);
        NativeHistogram previous = null;
        for (int i = 0; i < kept.length; i++) {
            NativeHistogram histogram = kept[i];
            kept[i] = histogram.withHint(hint(i, previous, histogram));
            previous = histogram;
        }
        return new Samples(
                Arrays.copyOf(times, size),
                Arrays.copyOf(values, size),
                Arrays.copyOf(starts, size),
                Arrays.copyOf(histogramTimes, histogramSize),
                kept,
                Arrays.copyOf(histogramStarts, histogramSize));
    }

    private ResetHint hint(int i, @Nullable NativeHistogram previous, NativeHistogram histogram) {
        boolean between = i > 0 && numbersBetween(histogramTimes[i - 1], histogramTimes[i]);
        return ResetHint.after(between ? null : previous, histogram);
    }

    private boolean numbersBetween(long from, long to) {
        if (size == 0) {
            return false;
        }
        int at = Arrays.binarySearch(times, 0, size, from);
        int next = at < 0 ? -at - 1 : at;
        return next < size && times[next] < to;
    }

    /// The samples of several stored series that Prometheus cannot tell apart, by time; of equal
    /// times the last one's.
    static Samples merged(Iterable<Samples> all) {
        var out = new SampleColumns();
        var byTime = new TreeMap<Long, Runnable>();
        for (Samples one : all) {
            for (int i = 0; i < one.times().length; i++) {
                int at = i;
                byTime.put(
                        one.times()[i],
                        () -> out.add(one.times()[at], one.values()[at], start(one.starts(), at)));
            }
            for (int i = 0; i < one.histogramTimes().length; i++) {
                int at = i;
                byTime.put(
                        one.histogramTimes()[i],
                        () ->
                                out.add(
                                        one.histogramTimes()[at],
                                        one.histograms()[at].withHint(unsure(one, at)),
                                        start(one.histogramStarts(), at)));
            }
        }
        byTime.values().forEach(Runnable::run);
        return out.samples();
    }

    private static ResetHint unsure(Samples samples, int at) {
        ResetHint hint = samples.histograms()[at].hint();
        return hint == ResetHint.GAUGE ? hint : ResetHint.UNKNOWN;
    }

    private static long start(long[] starts, int at) {
        return starts.length == 0 ? 0 : starts[at];
    }
}
