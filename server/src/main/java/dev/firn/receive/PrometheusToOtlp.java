package dev.firn.receive;

import dev.firn.base.ByteWriter;
import dev.firn.receive.PrometheusSeries.Exemplar;
import dev.firn.receive.PrometheusSeries.Histogram;
import dev.firn.receive.PrometheusSeries.Sample;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Prometheus' series as an ExportMetricsServiceRequest, by the OpenTelemetry specification
/// "Prometheus and OpenMetrics Compatibility": counters become monotonic sums, native histograms
/// exponential ones or ones with explicit bounds, everything else gauges.
public final class PrometheusToOtlp {
    private static final long STALE = 0x7ff0000000000002L;
    private static final long NANOS = 1_000_000;
    private static final int CUMULATIVE = 2;
    private static final String SCOPE = "otel_scope_";

    private static final Map<String, String> UNITS =
            Map.of(
                    "seconds", "s",
                    "milliseconds", "ms",
                    "microseconds", "us",
                    "nanoseconds", "ns",
                    "bytes", "By",
                    "meters", "m",
                    "grams", "g",
                    "celsius", "Cel",
                    "ratio", "1");

    private final boolean targets;

    /// @param targets whether `job` and `instance` become the resource, and `otel_scope_…` the
    ///   scope; else all labels are attributes
    public PrometheusToOtlp(boolean targets) {
        this.targets = targets;
    }

    private record Place(Map<String, String> resource, Map<String, String> scope) {}

    /// A word of Prometheus' names as OTLP's unit.
    static String unit(String word) {
        return UNITS.getOrDefault(word, word);
    }

    /// The request's bytes.
    public byte[] request(List<PrometheusSeries> all) {
        var places = new LinkedHashMap<Place, ByteWriter>();
        for (PrometheusSeries series : all) {
            var attributes = new LinkedHashMap<>(series.labels);
            attributes.remove(PrometheusSeries.NAME);
            var place = new Place(resource(attributes), scope(attributes));
            metrics(series, attributes, places.computeIfAbsent(place, _ -> new ByteWriter(1024)));
        }
        var request = new ByteWriter(64 * 1024);
        places.forEach((place, metrics) -> {
            var scoped = new ByteWriter(metrics.size() + 128);
            message(scoped, 1, scopeBytes(place.scope));
            scoped.bytes(metrics.array(), 0, metrics.size());
            String schema = place.scope.getOrDefault("schema_url", "");
            text(scoped, 3, schema);
            var resource = new ByteWriter(scoped.size() + 256);
            var attributes = new ByteWriter(256);
            attributes(attributes, 1, place.resource);
            message(resource, 1, attributes);
            message(resource, 2, scoped);
            message(request, 1, resource);
        });
        return request.toBytes();
    }

    /// Takes them out of the attributes.
    private Map<String, String> resource(Map<String, String> attributes) {
        var resource = new LinkedHashMap<String, String>();
        String job = targets ? attributes.remove("job") : null;
        if (job != null) {
            int slash = job.indexOf('/');
            if (slash > 0 && slash < job.length() - 1) {
                resource.put("service.namespace", job.substring(0, slash));
                job = job.substring(slash + 1);
            }
            resource.put("service.name", job);
        }
        String instance = targets ? attributes.remove("instance") : null;
        if (instance != null) {
            resource.put("service.instance.id", instance);
        }
        return resource;
    }

    private Map<String, String> scope(Map<String, String> attributes) {
        var scope = new LinkedHashMap<String, String>();
        if (targets) {
            for (String label : List.copyOf(attributes.keySet())) {
                if (label.startsWith(SCOPE)) {
                    String value = attributes.remove(label);
                    scope.put(label.substring(SCOPE.length()), value == null ? "" : value);
                }
            }
        }
        return scope;
    }

    private static ByteWriter scopeBytes(Map<String, String> scope) {
        var bytes = new ByteWriter(64);
        text(bytes, 1, scope.getOrDefault("name", ""));
        text(bytes, 2, scope.getOrDefault("version", ""));
        var rest = new LinkedHashMap<>(scope);
        List.of("name", "version", "schema_url").forEach(rest::remove);
        attributes(bytes, 3, rest);
        return bytes;
    }

    /// A metric for numbers, and for each kind of histogram that there is.
    private static void metrics(
            PrometheusSeries series, Map<String, String> attributes, ByteWriter to) {
        var numbers = new ByteWriter(256);
        var kinds = new LinkedHashMap<Kind, ByteWriter>();
        var exemplars = new ArrayList<>(series.exemplars);
        exemplars.sort(Comparator.comparingLong(Exemplar::timeMillis));
        int next = 0;
        List<Sample> samples = series.samples;
        for (int i = 0; i < samples.size(); i++) {
            Sample sample = samples.get(i);
            int first = next; // those up to this sample's time, of the last one all
            while (next < exemplars.size()
                    && (i == samples.size() - 1
                            || exemplars.get(next).timeMillis() <= sample.timeMillis())) {
                next++;
            }
            List<Exemplar> own = exemplars.subList(first, next);
            Histogram histogram = sample.histogram();
            if (histogram == null) {
                message(numbers, 1, number(sample, attributes, own));
            } else {
                Kind kind = new Kind(histogram.bounds() != null, histogram.gauge());
                message(
                        kinds.computeIfAbsent(kind, _ -> new ByteWriter(256)),
                        1,
                        kind.custom
                                ? custom(sample, histogram, attributes, own)
                                : exponential(sample, histogram, attributes, own));
            }
        }
        if (numbers.size() > 0) {
            if (series.counter) {
                numbers.u8(2 << 3).varint(CUMULATIVE).u8(3 << 3).varint(1);
            }
            message(to, 2, metric(series, series.counter ? 7 : 5, numbers));
        }
        kinds.forEach((kind, points) -> {
            if (!kind.gauge) {
                points.u8(2 << 3).varint(CUMULATIVE);
            }
            message(to, 2, metric(series, kind.custom ? 9 : 10, points));
        });
    }

    private record Kind(boolean custom, boolean gauge) {}

    private static ByteWriter metric(PrometheusSeries series, int field, ByteWriter data) {
        var metric = new ByteWriter(data.size() + 128);
        text(metric, 1, series.name());
        text(metric, 2, series.help);
        text(metric, 3, unit(series.unit));
        message(metric, field, data);
        if (!series.type.isEmpty()) {
            attributes(metric, 12, Map.of("prometheus.type", series.type));
        }
        return metric;
    }

    private static ByteWriter times(int capacity, Sample sample) {
        var point = new ByteWriter(capacity);
        if (sample.startMillis() > 0) {
            point.u8(2 << 3 | 1).i64(nanos(sample.startMillis()));
        }
        return point.u8(3 << 3 | 1).i64(nanos(sample.timeMillis()));
    }

    /// 0, which no point may have, for what 64 bits do not hold.
    private static long nanos(long millis) {
        return millis < 0 || millis > Long.MAX_VALUE / NANOS ? 0 : millis * NANOS;
    }

    private static boolean isStale(double value) {
        return Double.doubleToRawLongBits(value) == STALE;
    }

    private static ByteWriter number(
            Sample sample, Map<String, String> attributes, List<Exemplar> exemplars) {
        ByteWriter point = times(256, sample);
        if (isStale(sample.value())) {
            point.u8(8 << 3).varint(1);
        } else {
            point.u8(4 << 3 | 1).f64(sample.value());
        }
        attributes(point, 7, attributes);
        exemplars(point, 5, exemplars);
        return point;
    }

    private static ByteWriter custom(
            Sample sample,
            Histogram histogram,
            Map<String, String> attributes,
            List<Exemplar> exemplars) {
        ByteWriter point = times(512, sample);
        double[] bounds = histogram.bounds();
        if (isStale(histogram.sum())) {
            point.u8(10 << 3).varint(1);
        } else if (bounds != null) {
            point.u8(4 << 3 | 1).i64(histogram.count());
            point.u8(5 << 3 | 1).f64(histogram.sum());
            point.u8(6 << 3 | 2).varint(8L * (bounds.length + 1));
            for (int i = 0; i <= bounds.length; i++) {
                int at = i - histogram.positiveFirst();
                point.i64(
                        at >= 0 && at < histogram.positive().length ? histogram.positive()[at] : 0);
            }
            point.u8(7 << 3 | 2).varint(8L * bounds.length);
            for (double bound : bounds) {
                point.f64(bound);
            }
        }
        attributes(point, 9, attributes);
        exemplars(point, 8, exemplars);
        return point;
    }

    private static ByteWriter exponential(
            Sample sample,
            Histogram histogram,
            Map<String, String> attributes,
            List<Exemplar> exemplars) {
        ByteWriter point = times(512, sample);
        if (isStale(histogram.sum())) {
            point.u8(10 << 3).varint(1);
        } else {
            point.u8(4 << 3 | 1).i64(histogram.count());
            point.u8(5 << 3 | 1).f64(histogram.sum());
            point.u8(6 << 3).zigzag(histogram.schema());
            point.u8(7 << 3 | 1).i64(histogram.zeroCount());
            message(point, 8, buckets(histogram.positiveFirst(), histogram.positive()));
            message(point, 9, buckets(histogram.negativeFirst(), histogram.negative()));
            point.u8(14 << 3 | 1).f64(histogram.zeroThreshold());
        }
        attributes(point, 1, attributes);
        exemplars(point, 11, exemplars);
        return point;
    }

    /// OTLP counts buckets by their lower bound, Prometheus by their upper one.
    private static ByteWriter buckets(int first, long[] counts) {
        var packed = new ByteWriter(counts.length + 16);
        for (long count : counts) {
            packed.varint(count);
        }
        var buckets = new ByteWriter(packed.size() + 16);
        if (counts.length > 0) {
            buckets.u8(1 << 3).zigzag(first - 1);
            message(buckets, 2, packed);
        }
        return buckets;
    }

    private static void exemplars(ByteWriter to, int field, List<Exemplar> exemplars) {
        for (Exemplar exemplar : exemplars) {
            var bytes = new ByteWriter(96);
            bytes.u8(2 << 3 | 1).i64(nanos(exemplar.timeMillis()));
            bytes.u8(3 << 3 | 1).f64(exemplar.value());
            var rest = new LinkedHashMap<>(exemplar.labels());
            id(bytes, 4, rest, "span_id", 8);
            id(bytes, 5, rest, "trace_id", 16);
            attributes(bytes, 7, rest);
            message(to, field, bytes);
        }
    }

    private static void id(
            ByteWriter to, int field, Map<String, String> labels, String label, int length) {
        byte[] id = hex(labels.get(label), length);
        if (id != null) {
            labels.remove(label);
            to.u8(field << 3 | 2).varint(length).bytes(id);
        }
    }

    private static byte @Nullable [] hex(@Nullable String text, int length) {
        return text != null && text.matches("[0-9a-fA-F]{" + 2 * length + "}")
                ? HexFormat.of().parseHex(text)
                : null;
    }

    private static void attributes(ByteWriter to, int field, Map<String, String> attributes) {
        attributes.forEach((key, value) -> {
            var any = new ByteWriter(value.length() + 8).u8(1 << 3 | 2).string(value);
            var pair = new ByteWriter(key.length() + any.size() + 8).u8(1 << 3 | 2).string(key);
            message(pair, 2, any);
            message(to, field, pair);
        });
    }

    private static void text(ByteWriter to, int field, String text) {
        if (!text.isEmpty()) {
            to.u8(field << 3 | 2).string(text);
        }
    }

    private static void message(ByteWriter to, int field, ByteWriter content) {
        to.u8(field << 3 | 2).varint(content.size()).bytes(content.array(), 0, content.size());
    }
}
