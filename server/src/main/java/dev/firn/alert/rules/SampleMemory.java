package dev.firn.alert.rules;

import dev.firn.query.promql.eval.MemorySource;
import dev.firn.query.promql.eval.SeriesSource;
import dev.firn.query.promql.value.Labels;
import dev.firn.query.promql.value.NativeHistogram;
import dev.firn.query.promql.value.ResetHint;
import dev.firn.query.promql.value.Samples;
import dev.firn.query.promql.value.StaleNan;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Series that grow at their end, in memory. Thread-safe.
final class SampleMemory implements SeriesSource {
    private static final int FIRST_ROOM = 16;

    private final Map<Labels, Growing> series = new TreeMap<>();

    private static final class Growing {
        private long[] times = new long[FIRST_ROOM];
        private double[] values = new double[FIRST_ROOM];
        private int size;
        private long[] histogramTimes = new long[0];
        private NativeHistogram[] histograms = new NativeHistogram[0];
        private long last = Long.MIN_VALUE;
        private boolean lastIsHistogram;

        private boolean isSame(long time, double value, @Nullable NativeHistogram histogram) {
            if (histogram == null) {
                return size > 0
                        && times[size - 1] == time
                        && Double.doubleToRawLongBits(values[size - 1])
                                == Double.doubleToRawLongBits(value);
            }
            int count = histograms.length;
            return count > 0
                    && histogramTimes[count - 1] == time
                    && histograms[count - 1].isSame(histogram);
        }

        private void add(long time, double value, @Nullable NativeHistogram histogram) {
            last = time;
            if (histogram == null) {
                if (size == times.length) {
                    times = Arrays.copyOf(times, 2 * size);
                    values = Arrays.copyOf(values, 2 * size);
                }
                times[size] = time;
                values[size++] = value;
                lastIsHistogram = false;
                return;
            }
            int count = histograms.length;
            NativeHistogram before = lastIsHistogram ? histograms[count - 1] : null;
            histogramTimes = Arrays.copyOf(histogramTimes, count + 1);
            histograms = Arrays.copyOf(histograms, count + 1);
            histogramTimes[count] = time;
            histograms[count] = histogram.withHint(ResetHint.after(before, histogram));
            lastIsHistogram = true;
        }

        private void forget(long before) {
            int from = lowerBound(times, size, before);
            System.arraycopy(times, from, times, 0, size - from);
            System.arraycopy(values, from, values, 0, size - from);
            size -= from;
            int first = lowerBound(histogramTimes, histogramTimes.length, before);
            histogramTimes = Arrays.copyOfRange(histogramTimes, first, histogramTimes.length);
            histograms = Arrays.copyOfRange(histograms, first, histograms.length);
        }

        private static int lowerBound(long[] times, int size, long time) {
            int at = Arrays.binarySearch(times, 0, size, time);
            return at < 0 ? -at - 1 : at;
        }

        private Samples samples(long from, long to) {
            int first = lowerBound(times, size, from);
            int end = to == Long.MAX_VALUE ? size : lowerBound(times, size, to + 1);
            return Samples.of(
                    Arrays.copyOfRange(times, first, Math.max(first, end)),
                    Arrays.copyOfRange(values, first, Math.max(first, end)),
                    histogramTimes,
                    histograms);
        }
    }

    /// Adds a sample behind the others of its series; one that is there already changes nothing.
    ///
    /// @return what is wrong with it; empty if nothing is
    synchronized String append(
            Labels labels, long time, double value, @Nullable NativeHistogram histogram) {
        Growing one = series.computeIfAbsent(labels, _ -> new Growing());
        if (time > one.last) {
            one.add(time, value, histogram);
            return "";
        }
        if (time < one.last) {
            return "out of order sample";
        }
        return one.isSame(time, value, histogram) ? "" : "duplicate sample for timestamp";
    }

    /// Marks the end of a series where it has one; a sample of the same time stays.
    synchronized void end(Labels labels, long time) {
        Growing one = series.get(labels);
        if (one != null && time > one.last) {
            one.add(time, StaleNan.VALUE, null);
        }
    }

    /// Forgets what is older, and series of which nothing is left.
    synchronized void forget(long before) {
        series.values().forEach(one -> one.forget(before));
        series.values().removeIf(one -> one.size == 0 && one.histograms.length == 0);
    }

    @Override
    public synchronized Cursor select(Selection selection) {
        var found = new MemorySource();
        series.forEach((labels, one) -> {
            if (selection.matchers().stream()
                    .allMatch(matcher -> matcher.matches(labels.get(matcher.name())))) {
                found.put(labels, one.samples(selection.fromMillis(), selection.toMillis()));
            }
        });
        return found.select(selection);
    }
}
