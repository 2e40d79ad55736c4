package dev.firn.export.prometheus;

import dev.firn.model.prometheus.GoFloat;
import io.prometheus.metrics.expositionformats.generated.com_google_protobuf_4_36_2.Metrics.Bucket;
import io.prometheus.metrics.expositionformats.generated.com_google_protobuf_4_36_2.Metrics.Histogram;
import io.prometheus.metrics.expositionformats.generated.com_google_protobuf_4_36_2.Metrics.LabelPair;
import io.prometheus.metrics.expositionformats.generated.com_google_protobuf_4_36_2.Metrics.Metric;
import io.prometheus.metrics.expositionformats.generated.com_google_protobuf_4_36_2.Metrics.MetricFamily;
import io.prometheus.metrics.expositionformats.generated.com_google_protobuf_4_36_2.Metrics.MetricType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Reads a page back with the generated classes, and takes it apart as Prometheus does.
final class ProtobufReader {
    final List<MetricFamily> families = new ArrayList<>();

    ProtobufReader(byte[] page) throws IOException {
        var in = new ByteArrayInputStream(page);
        MetricFamily family;
        while ((family = MetricFamily.parseDelimitedFrom(in)) != null) {
            families.add(family);
        }
    }

    /// Values by series, as [PageParser] has them.
    Map<String, Double> samples() {
        var samples = new LinkedHashMap<String, Double>();
        for (MetricFamily family : families) {
            for (Metric metric : family.getMetricList()) {
                add(family, metric, samples);
            }
        }
        return samples;
    }

    private static void add(MetricFamily family, Metric metric, Map<String, Double> samples) {
        String name = family.getName();
        var labels = new TreeMap<String, String>();
        for (LabelPair pair : metric.getLabelList()) {
            if (labels.put(pair.getName(), pair.getValue()) != null) {
                throw new AssertionError("label twice: " + metric);
            }
        }
        MetricType type = family.getType();
        switch (type) {
            case COUNTER -> put(samples, name, labels, metric.getCounter().getValue());
            case GAUGE -> put(samples, name, labels, metric.getGauge().getValue());
            case UNTYPED -> put(samples, name, labels, metric.getUntyped().getValue());
            case SUMMARY -> {
                var summary = metric.getSummary();
                summary.getQuantileList()
                        .forEach(one ->
                                put(
                                        samples,
                                        name,
                                        with(
                                                labels,
                                                "quantile",
                                                GoFloat.general(one.getQuantile())),
                                        one.getValue()));
                put(samples, name + "_sum", labels, summary.getSampleSum());
                put(samples, name + "_count", labels, unsigned(summary.getSampleCount()));
            }
            case HISTOGRAM -> histogram(samples, name, labels, metric.getHistogram());
            default -> throw new AssertionError("type " + type);
        }
    }

    private static void histogram(
            Map<String, Double> samples,
            String name,
            TreeMap<String, String> labels,
            Histogram histogram) {
        for (Bucket bucket : histogram.getBucketList()) {
            put(
                    samples,
                    name + "_bucket",
                    with(labels, "le", GoFloat.general(bucket.getUpperBound())),
                    unsigned(bucket.getCumulativeCount()));
        }
        if (histogram.getBucketCount() == 0) { // native: as the text formats show it
            valid(histogram);
            put(
                    samples,
                    name + "_bucket",
                    with(labels, "le", "+Inf"),
                    unsigned(histogram.getSampleCount()));
        }
        if (histogram.hasSampleSum()) {
            put(samples, name + "_sum", labels, histogram.getSampleSum());
        }
        put(samples, name + "_count", labels, unsigned(histogram.getSampleCount()));
    }

    /// What Prometheus checks of a native histogram.
    private static void valid(Histogram one) {
        long length = 0;
        for (var span : one.getPositiveSpanList()) {
            length += Integer.toUnsignedLong(span.getLength());
        }
        long total = one.getZeroCount();
        long bucket = 0;
        for (long delta : one.getPositiveDeltaList()) {
            bucket += delta;
            total += bucket;
            check(bucket >= 0, one);
        }
        bucket = 0;
        for (long delta : one.getNegativeDeltaList()) {
            bucket += delta;
            total += bucket;
            check(bucket >= 0, one);
        }
        check(length == one.getPositiveDeltaCount(), one);
        check(one.getSchema() >= -4 && one.getSchema() <= 8 && one.getZeroThreshold() > 0, one);
        check(
                Double.isNaN(one.getSampleSum())
                        ? total <= one.getSampleCount()
                        : total == one.getSampleCount(),
                one);
    }

    private static void check(boolean holds, Histogram histogram) {
        if (!holds) {
            throw new AssertionError("bad native histogram: " + histogram);
        }
    }

    private static double unsigned(long value) {
        return new java.math.BigDecimal(Long.toUnsignedString(value)).doubleValue();
    }

    private static TreeMap<String, String> with(
            Map<String, String> labels, String name, String value) {
        var more = new TreeMap<>(labels);
        if (more.put(name, value) != null) {
            throw new AssertionError("label twice: " + name);
        }
        return more;
    }

    private static void put(
            Map<String, Double> samples, String name, Map<String, String> labels, double value) {
        if (samples.put(PageParser.key(name, labels), value) != null) {
            throw new AssertionError("series twice: " + name + labels);
        }
    }
}
