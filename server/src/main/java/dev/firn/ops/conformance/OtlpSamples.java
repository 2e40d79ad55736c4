package dev.firn.ops.conformance;

import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import dev.firn.model.Batch;
import dev.firn.model.Histograms;
import dev.firn.model.LongLists;
import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.Numbers;
import dev.firn.model.Points;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Series;
import dev.firn.model.SeriesRegistry;
import dev.firn.model.Temporality;
import dev.firn.query.promql.value.Buckets;
import dev.firn.query.promql.value.Labels;
import dev.firn.query.promql.value.NativeHistogram;
import dev.firn.query.promql.value.ResetHint;
import dev.firn.query.promql.value.StaleNan;
import java.util.ArrayList;
import java.util.Arrays;

/// Samples of Prometheus as points of OTLP: numbers as gauges, native histograms as exponential
/// ones, those with custom buckets as histograms with explicit bounds. A histogram that is no
/// counter has no temporality.
final class OtlpSamples {
    private static final long NANOS = 1_000_000;
    private static final double COUNT_MAX = 1L << 53;

    private final SeriesRegistry registry;
    private final Resource resource;
    private final Scope scope = new Scope("", "", "{}", "", 0);

    OtlpSamples(SeriesRegistry registry, Resource resource) {
        this.registry = registry;
        this.resource = resource;
    }

    /// Whether OTLP has a form for a histogram: its counts are whole numbers.
    static boolean hasForm(NativeHistogram histogram) {
        return histogram.isStale()
                || (isWhole(histogram.count(), histogram.zeroCount())
                        && isWhole(histogram.positive().count())
                        && isWhole(histogram.negative().count()));
    }

    private static boolean isWhole(double... counts) {
        return Arrays.stream(counts)
                .allMatch(count -> count >= 0 && count < COUNT_MAX && count == Math.rint(count));
    }

    private Series series(Labels labels, MetricType type, Temporality temporality) {
        var attributes = new ArrayList<Attributes.Entry>();
        for (int i = 0; i < labels.size(); i++) {
            if (!labels.nameAt(i).equals(Labels.NAME)) {
                attributes.add(
                        new Attributes.Entry(
                                labels.nameAt(i), new AttributeValue.Text(labels.valueAt(i))));
            }
        }
        var metric =
                new Metric(resource, scope, labels.name(), "", type, temporality, false, "", "{}");
        return registry.intern(metric, Attributes.of(attributes));
    }

    void number(Batch batch, Labels labels, long timeMillis, double number, long startMillis) {
        Series series = series(labels, MetricType.GAUGE, Temporality.UNSPECIFIED);
        boolean stale = StaleNan.is(number);
        batch.numbers.add(
                series,
                timeMillis * NANOS,
                startMillis * NANOS,
                stale ? Points.NO_RECORDED_VALUE : 0,
                stale ? Numbers.NONE : Numbers.DOUBLE,
                stale ? 0 : Double.doubleToRawLongBits(number));
    }

    void histogram(
            Batch batch,
            Labels labels,
            long timeMillis,
            NativeHistogram histogram,
            long startMillis) {
        Temporality temporality =
                histogram.hint() == ResetHint.GAUGE
                        ? Temporality.UNSPECIFIED
                        : Temporality.CUMULATIVE;
        if (histogram.isCustom()) {
            Series series = series(labels, MetricType.HISTOGRAM, temporality);
            custom(batch.histograms, series, timeMillis * NANOS, startMillis * NANOS, histogram);
        } else {
            Series series = series(labels, MetricType.EXPONENTIAL_HISTOGRAM, temporality);
            exponential(batch, series, timeMillis * NANOS, startMillis * NANOS, histogram);
        }
    }

    private static void custom(
            Histograms to, Series series, long time, long start, NativeHistogram histogram) {
        boolean stale = histogram.isStale();
        if (!stale) {
            for (double bound : histogram.bounds()) {
                to.bounds.push(Double.doubleToRawLongBits(bound));
            }
            long[] counts = new long[histogram.bounds().length + 1];
            Buckets buckets = histogram.positive();
            for (int i = 0; i < buckets.index().length; i++) {
                counts[buckets.index()[i]] += (long) buckets.count()[i];
            }
            for (long count : counts) {
                to.counts.push(count);
            }
        }
        to.add(
                series,
                time,
                start,
                stale ? Points.NO_RECORDED_VALUE : 0,
                stale ? 0 : (long) histogram.count(),
                stale ? 0 : Histograms.HAS_SUM,
                stale ? 0 : histogram.sum(),
                0,
                0);
    }

    private static void exponential(
            Batch batch, Series series, long time, long start, NativeHistogram histogram) {
        var to = batch.exponential;
        boolean stale = histogram.isStale();
        int positive = stale ? 0 : push(histogram.positive(), to.positive);
        int negative = stale ? 0 : push(histogram.negative(), to.negative);
        int row = to.add(series, time, start, stale ? Points.NO_RECORDED_VALUE : 0);
        if (!stale) {
            to.count[row] = (long) histogram.count();
            to.sum[row] = histogram.sum();
            to.has[row] = Histograms.HAS_SUM;
            to.scale[row] = histogram.schema();
            to.zeroCount[row] = (long) histogram.zeroCount();
            to.zeroThreshold[row] = histogram.zeroThreshold();
            to.positiveOffset[row] = positive;
            to.negativeOffset[row] = negative;
        }
    }

    /// Returns OTLP's index of the first bucket, which is one less than Prometheus'.
    private static int push(Buckets buckets, LongLists to) {
        int[] index = buckets.index();
        if (index.length == 0) {
            return 0;
        }
        int at = index[0];
        for (int i = 0; i < index.length; i++, at++) {
            for (; at < index[i]; at++) {
                to.push(0);
            }
            to.push((long) buckets.count()[i]);
        }
        return index[0] - 1;
    }
}
