package dev.firn.query.promql.value;

import java.util.Arrays;
import java.util.stream.IntStream;

/// The samples of one series as columns, in order of time; numbers and histograms apart. Times are
/// milliseconds since 1970. A start column is empty where start times are unknown; 0 in it means
/// unknown too.
public record Samples(
        long[] times,
        double[] values,
        long[] starts,
        long[] histogramTimes,
        NativeHistogram[] histograms,
        long[] histogramStarts) {
    private static final long[] NO_TIMES = {};

    /// No samples.
    public static final Samples NONE = of(NO_TIMES, new double[0]);

    public Samples {
        if (times.length != values.length
                || histogramTimes.length != histograms.length
                || (starts.length != 0 && starts.length != times.length)
                || (histogramStarts.length != 0
                        && histogramStarts.length != histogramTimes.length)) {
            throw new IllegalArgumentException("columns of different lengths");
        }
    }

    /// Numbers only, without start times.
    public static Samples of(long[] times, double[] values) {
        return new Samples(times, values, NO_TIMES, NO_TIMES, new NativeHistogram[0], NO_TIMES);
    }

    /// Numbers and histograms, without start times.
    public static Samples of(
            long[] times, double[] values, long[] histogramTimes, NativeHistogram[] histograms) {
        return new Samples(times, values, NO_TIMES, histogramTimes, histograms, NO_TIMES);
    }

    /// Without markers of staleness, which no range sees.
    public Samples withoutStale() {
        if (!hasStale()) {
            return this;
        }
        int[] numbers =
                IntStream.range(0, values.length).filter(i -> !StaleNan.is(values[i])).toArray();
        int[] kept =
                IntStream.range(0, histograms.length)
                        .filter(i -> !histograms[i].isStale())
                        .toArray();
        return new Samples(
                pick(times, numbers),
                Arrays.stream(numbers).mapToDouble(i -> values[i]).toArray(),
                pick(starts, numbers),
                pick(histogramTimes, kept),
                Arrays.stream(kept).mapToObj(i -> histograms[i]).toArray(NativeHistogram[]::new),
                pick(histogramStarts, kept));
    }

    private boolean hasStale() {
        for (double value : values) {
            if (StaleNan.is(value)) {
                return true;
            }
        }
        for (NativeHistogram histogram : histograms) {
            if (histogram.isStale()) {
                return true;
            }
        }
        return false;
    }

    private static long[] pick(long[] column, int[] indices) {
        return column.length == 0
                ? column
                : Arrays.stream(indices).mapToLong(i -> column[i]).toArray();
    }

    /// With other histograms at the same times.
    public Samples withHistograms(NativeHistogram[] others) {
        return new Samples(times, values, starts, histogramTimes, others, histogramStarts);
    }

    /// What they cost a query's limit: a number 1, a histogram by its size.
    public long weight() {
        long weight = times.length;
        for (NativeHistogram histogram : histograms) {
            weight += histogram.weight();
        }
        return weight;
    }
}
