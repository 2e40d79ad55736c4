package dev.firn.query.promql.eval;

import dev.firn.query.promql.lang.Expr.Extension;
import dev.firn.query.promql.lang.Span;
import dev.firn.query.promql.value.Labels;
import dev.firn.query.promql.value.NativeHistogram;
import dev.firn.query.promql.value.Samples;

/// What a range function sees: a stretch of one series, which moves over it step by step. Numbers
/// are `from` (included) to `to` (excluded) of the columns, histograms `histogramFrom` to
/// `histogramTo`. With an extension, samples beyond the range's borders are in it too.
final class Window {
    private final Labels labels;
    private final Samples samples;
    private final long rangeMillis;
    private final Extension extension;
    private final Span span;
    private final Span firstArgument;
    private final boolean useStarts;
    private int from;
    private int to;
    private int histogramFrom;
    private int histogramTo;
    private long start;
    private long end;
    private long evaluation;

    Window(
            Labels labels,
            Samples samples,
            long rangeMillis,
            Extension extension,
            Span span,
            Span firstArgument,
            boolean useStarts) {
        this.labels = labels;
        this.samples = samples;
        this.rangeMillis = rangeMillis;
        this.extension = extension;
        this.span = span;
        this.firstArgument = firstArgument;
        this.useStarts = useStarts;
    }

    /// Moves to the range that ends at `end`, with `before` and `after` more around it.
    void move(long evaluation, long end, long before, long after) {
        this.evaluation = evaluation;
        this.end = end;
        this.start = end - rangeMillis;
        long low = start - before;
        long high = end + after;
        from = firstAfter(samples.times(), from, low);
        to = firstAfter(samples.times(), Math.max(from, to), high);
        histogramFrom = firstAfter(samples.histogramTimes(), histogramFrom, low);
        histogramTo =
                firstAfter(samples.histogramTimes(), Math.max(histogramFrom, histogramTo), high);
    }

    /// The first index from `at` on whose time is after the limit; times only move forward.
    private static int firstAfter(long[] times, int at, long limit) {
        int i = at;
        while (i < times.length && times[i] <= limit) {
            i++;
        }
        return i;
    }

    boolean isEmpty() {
        return from == to && histogramFrom == histogramTo;
    }

    String metric() {
        return labels.name();
    }

    Span span() {
        return span;
    }

    /// Where the call's first argument stands, which need not be the range.
    Span firstArgument() {
        return firstArgument;
    }

    Extension extension() {
        return extension;
    }

    long rangeMillis() {
        return rangeMillis;
    }

    /// The range's left border, which is not part of it.
    long start() {
        return start;
    }

    long end() {
        return end;
    }

    /// The step's time, without offset.
    long evaluation() {
        return evaluation;
    }

    int numbers() {
        return to - from;
    }

    double value(int i) {
        return samples.values()[from + i];
    }

    long time(int i) {
        return samples.times()[from + i];
    }

    /// When the counter behind a sample started, 0 if unknown.
    long startTime(int i) {
        return useStarts && samples.starts().length > 0 ? samples.starts()[from + i] : 0;
    }

    int histograms() {
        return histogramTo - histogramFrom;
    }

    NativeHistogram histogram(int i) {
        return samples.histograms()[histogramFrom + i];
    }

    long histogramTime(int i) {
        return samples.histogramTimes()[histogramFrom + i];
    }

    long histogramStartTime(int i) {
        return useStarts && samples.histogramStarts().length > 0
                ? samples.histogramStarts()[histogramFrom + i]
                : 0;
    }

    boolean isMixed() {
        return numbers() > 0 && histograms() > 0;
    }

    /// The first number whose time is after `limit`, or how many there are.
    int numberAfter(long limit) {
        return Math.min(firstAfter(samples.times(), from, limit), to) - from;
    }

    int histogramAfter(long limit) {
        int i = firstAfter(samples.histogramTimes(), histogramFrom, limit);
        return Math.min(i, histogramTo) - histogramFrom;
    }
}
