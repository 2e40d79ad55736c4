package dev.firn.query.promql.script;

import dev.firn.query.promql.lang.GoNumber;
import dev.firn.query.promql.value.Bounds;
import dev.firn.query.promql.value.Buckets;
import dev.firn.query.promql.value.Labels;
import dev.firn.query.promql.value.NativeHistogram;
import dev.firn.query.promql.value.ResetHint;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/// `load_with_nhcb`: classic histograms once more, as native ones with custom buckets.
final class ClassicConversion {
    private final Map<Labels, TreeMap<Long, Classic>> histograms = new HashMap<>();

    private static final class Classic {
        private final TreeMap<Double, Double> buckets = new TreeMap<>();
        private double count = Double.NaN;
        private double sum;
    }

    void add(Labels labels, long time, SequenceValue value) {
        if (value.histogram() != null) {
            return;
        }
        String name = labels.name();
        if (name.endsWith("_bucket")) {
            OptionalDouble bound = GoNumber.parse(labels.get(Labels.BUCKET));
            if (bound.isPresent() && !Double.isNaN(bound.getAsDouble())) {
                of(labels, "_bucket", time)
                        .buckets
                        .putIfAbsent(bound.getAsDouble(), value.number());
            }
        } else if (name.endsWith("_count")) {
            of(labels, "_count", time).count = value.number();
        } else if (name.endsWith("_sum")) {
            of(labels, "_sum", time).sum = value.number();
        }
    }

    private Classic of(Labels labels, String suffix, long time) {
        String name = labels.name();
        Labels base =
                labels.with(Labels.BUCKET, "")
                        .with(Labels.NAME, name.substring(0, name.length() - suffix.length()));
        return histograms
                .computeIfAbsent(base, _ -> new TreeMap<>())
                .computeIfAbsent(time, _ -> new Classic());
    }

    void store(ScriptStorage store) {
        histograms.forEach((labels, byTime) ->
                byTime.forEach(
                        (time, classic) -> store.append(labels, time, 0, convert(classic), 0)));
    }

    private static NativeHistogram convert(Classic classic) {
        TreeMap<Double, Double> buckets = classic.buckets;
        double count = classic.count;
        if (Double.isNaN(count)) {
            count = buckets.isEmpty() ? 0 : buckets.lastEntry().getValue();
        }
        buckets.putIfAbsent(Double.POSITIVE_INFINITY, count);
        double[] bounds = new double[buckets.size() - 1];
        double[] counts = new double[buckets.size()];
        double before = 0;
        int i = 0;
        for (Map.Entry<Double, Double> bucket : buckets.entrySet()) {
            if (i < bounds.length) {
                bounds[i] = bucket.getKey();
            }
            counts[i++] = bucket.getValue() - before;
            before = bucket.getValue();
        }
        if (count != before || Arrays.stream(counts).anyMatch(each -> each < 0)) {
            throw new IllegalArgumentException("classic histogram's counts are not cumulative");
        }
        return new NativeHistogram(
                Bounds.CUSTOM_SCHEMA,
                0,
                0,
                count,
                classic.sum,
                Buckets.from(0, counts),
                Buckets.from(0),
                bounds,
                ResetHint.UNKNOWN);
    }
}
