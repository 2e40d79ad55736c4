package dev.firn;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.firn.ops.load.Ledger;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Metric;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The HTTP histograms of the shop as they were sent: what their first points leave unknown, and
/// their buckets, by the plain reading of DESIGN §8.
final class SentHistograms {
    private static final long HOUR_NANOS = 3_600_000_000_000L;
    private static final long MILLI_NANOS = 1_000_000L;

    /// @param hour since 1970
    record Key(long hour, String environment, String plane, String route, int status) {
        String text() {
            return String.join(
                    "|", Long.toString(hour), environment, plane, route, Integer.toString(status));
        }
    }

    private record Stream(ByteString resource, String scope, String metric) {}

    private record Series(Stream stream, String attributes) {}

    private record Labels(String environment, String plane, String route, int status) {}

    /// @param bounds in seconds; null of exponential histograms
    private record Point(
            long time,
            long start,
            long count,
            long ticks,
            boolean delta,
            @Nullable List<Double> bounds,
            long[] buckets) {}

    private final Map<Series, TreeMap<Long, Point>> points = new HashMap<>();
    private final Map<Series, Labels> labels = new HashMap<>();
    private final Map<Stream, TreeSet<Long>> watched = new HashMap<>();

    /// A body without its other metrics; empty if it has none of these.
    static byte[] only(byte[] body) {
        try {
            var request = ExportMetricsServiceRequest.parseFrom(body).toBuilder();
            for (var resource : request.getResourceMetricsBuilderList()) {
                for (var scope : resource.getScopeMetricsBuilderList()) {
                    var metrics =
                            scope.getMetricsList().stream()
                                    .filter(metric -> metric.getName().startsWith("http.server."))
                                    .toList();
                    scope.clearMetrics().addAllMetrics(metrics);
                }
            }
            boolean none =
                    request.getResourceMetricsList().stream()
                            .flatMap(resource -> resource.getScopeMetricsList().stream())
                            .allMatch(scope -> scope.getMetricsCount() == 0);
            return none ? new byte[0] : request.build().toByteArray();
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    /// Points, each counted once.
    long size() {
        return points.values().stream().mapToLong(TreeMap::size).sum();
    }

    void add(byte[] body) {
        try {
            for (var resource :
                    ExportMetricsServiceRequest.parseFrom(body).getResourceMetricsList()) {
                for (var scope : resource.getScopeMetricsList()) {
                    for (Metric metric : scope.getMetricsList()) {
                        if (metric.getName().startsWith("http.server.")) {
                            var stream =
                                    new Stream(
                                            resource.getResource().toByteString(),
                                            scope.getScope().toString(),
                                            metric.getName());
                            add(stream, resource.getResource().getAttributesList(), metric);
                        }
                    }
                }
            }
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    private void add(Stream stream, List<KeyValue> resource, Metric metric) {
        double scale = metric.getUnit().equals("ms") ? 1_000 : 1;
        for (var point : metric.getHistogram().getDataPointsList()) {
            put(
                    stream,
                    resource,
                    point.getAttributesList(),
                    new Point(
                            point.getTimeUnixNano(),
                            point.getStartTimeUnixNano(),
                            point.getCount(),
                            Math.round(point.getSum() / scale * Ledger.TICKS),
                            delta(metric.getHistogram().getAggregationTemporality()),
                            point.getExplicitBoundsList().stream().map(b -> b / scale).toList(),
                            point.getBucketCountsList().stream().mapToLong(n -> n).toArray()));
        }
        for (var point : metric.getExponentialHistogram().getDataPointsList()) {
            put(
                    stream,
                    resource,
                    point.getAttributesList(),
                    new Point(
                            point.getTimeUnixNano(),
                            point.getStartTimeUnixNano(),
                            point.getCount(),
                            Math.round(point.getSum() / scale * Ledger.TICKS),
                            delta(metric.getExponentialHistogram().getAggregationTemporality()),
                            null,
                            new long[0]));
        }
    }

    private static boolean delta(AggregationTemporality temporality) {
        return temporality == AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA;
    }

    private void put(
            Stream stream, List<KeyValue> resource, List<KeyValue> attributes, Point point) {
        var series =
                new Series(
                        stream,
                        attributes.stream()
                                .map(KeyValue::toString)
                                .sorted()
                                .collect(Collectors.joining()));
        points.computeIfAbsent(series, _ -> new TreeMap<>()).put(point.time(), point);
        watched.computeIfAbsent(stream, _ -> new TreeSet<>()).add(point.time());
        labels.computeIfAbsent(
                series,
                _ ->
                        new Labels(
                                value(
                                        resource,
                                        "deployment.environment.name",
                                        "deployment.environment"),
                                value(resource, "data_plane_id", "data.plane.id"),
                                value(attributes, "http.route", "http_route"),
                                Integer.parseInt(
                                        value(
                                                attributes,
                                                "http.response.status_code",
                                                "http.status_code",
                                                "http_status_code"))));
    }

    private static String value(List<KeyValue> attributes, String... names) {
        for (String name : names) {
            for (KeyValue one : attributes) {
                if (one.getKey().equals(name)) {
                    var value = one.getValue();
                    return value.hasIntValue()
                            ? Long.toString(value.getIntValue())
                            : value.getStringValue();
                }
            }
        }
        throw new AssertionError("none of " + Arrays.toString(names) + " in " + attributes);
    }

    private boolean isUnknown(Series series, Point first, long ageMaxNanos) {
        if (first.delta() || first.time() - first.start() <= ageMaxNanos) {
            return false;
        }
        Long sibling = watched.getOrDefault(series.stream(), new TreeSet<>()).lower(first.time());
        return sibling == null || sibling < first.start();
    }

    private Key key(Series series, long time) {
        Labels of = labels.get(series);
        return new Key(
                Math.floorDiv(time, HOUR_NANOS),
                of.environment(),
                of.plane(),
                of.route(),
                of.status());
    }

    /// Requests and ticks of first points whose baseline is unknown: the shop served them, and
    /// nothing says when.
    Map<String, long[]> unknown(long ageMaxNanos) {
        var unknown = new HashMap<String, long[]>();
        points.forEach((series, all) -> {
            Point first = all.firstEntry().getValue();
            if (isUnknown(series, first, ageMaxNanos)) {
                unknown.merge(
                        key(series, first.time()).text(),
                        new long[] {first.count(), first.ticks()},
                        (a, b) -> new long[] {a[0] + b[0], a[1] + b[1]});
            }
        });
        return unknown;
    }

    /// Merged buckets of an hour, environment, plane and route; left out where bounds differ.
    record Buckets(List<Double> bounds, long[] counts) {
        /// Number of the bucket that holds the value of which a share `level` is at most as great.
        int holding(double level) {
            long rank = (long) Math.ceil(level * Arrays.stream(counts).sum());
            int at = 0;
            for (long seen = counts[0]; seen < rank; seen += counts[at]) {
                at++;
            }
            return at;
        }

        /// The bucket of a value; what lies beyond the last bound is told as that bound.
        boolean holds(int bucket, double value) {
            return (bucket == 0 || value >= bounds.get(bucket - 1) * (1 - 1e-12))
                    && (bucket == bounds.size()
                            ? value == bounds.getLast()
                            : value <= bounds.get(bucket) * (1 + 1e-12));
        }
    }

    Map<String, Buckets> buckets(long ageMaxNanos) {
        var merged = new HashMap<String, Map<List<Double>, long[]>>();
        points.forEach((series, all) -> {
            Point before = null;
            for (Point point : all.values()) {
                long[] came = increase(series, before, point, ageMaxNanos);
                if (Arrays.stream(came).sum() > 0 || point.bounds() == null) {
                    Key key = key(series, point.time());
                    merged.computeIfAbsent(
                                    String.join(
                                            "|",
                                            Long.toString(key.hour()),
                                            key.environment(),
                                            key.plane(),
                                            key.route()),
                                    _ -> new HashMap<>())
                            .merge(
                                    point.bounds() == null ? List.of() : point.bounds(),
                                    came,
                                    SentHistograms::plus);
                }
                before = point;
            }
        });
        var buckets = new HashMap<String, Buckets>();
        merged.forEach((key, by) -> {
            var only = by.entrySet().iterator().next();
            if (by.size() == 1 && !only.getKey().isEmpty()) {
                buckets.put(key, new Buckets(only.getKey(), only.getValue()));
            }
        });
        return buckets;
    }

    private long[] increase(Series series, @Nullable Point before, Point point, long ageMaxNanos) {
        if (before == null && isUnknown(series, point, ageMaxNanos)) {
            return new long[point.buckets().length];
        }
        if (before == null
                || point.delta()
                || point.start() / MILLI_NANOS > before.start() / MILLI_NANOS) {
            return point.buckets();
        }
        long[] came = point.buckets().clone();
        for (int i = 0; i < came.length; i++) {
            came[i] -= before.buckets()[i];
        }
        return came;
    }

    private static long[] plus(long[] a, long[] b) {
        long[] sum = a.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += b[i];
        }
        return sum;
    }
}
