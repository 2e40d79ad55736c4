package dev.firn.ops.load;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.resource.v1.Resource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What a reader makes of the points alone: increases with resets, added up by hour, plane,
/// service, route, method and status.
final class NaiveIncrease {
    private static final long HOUR = 3600 * LoadOptions.SECOND;

    record Sum(long count, double seconds) {
        Sum plus(Sum other) {
            return new Sum(count + other.count, seconds + other.seconds);
        }
    }

    private record Last(long start, long count, double seconds) {}

    private final Map<ByteString, Last> lasts = new HashMap<>();
    final Map<Ledger.RequestKey, Sum> durations = new HashMap<>();
    final Map<Ledger.RequestKey, Sum> counters = new HashMap<>();

    void add(ExportMetricsServiceRequest request) {
        for (var resource : request.getResourceMetricsList()) {
            for (var scope : resource.getScopeMetricsList()) {
                for (Metric metric : scope.getMetricsList()) {
                    add(resource.getResource(), metric);
                }
            }
        }
    }

    private void add(Resource resource, Metric metric) {
        double unit = metric.getUnit().equals("ms") ? 1000 : 1;
        boolean delta =
                List.of(
                                metric.getSum().getAggregationTemporality(),
                                metric.getHistogram().getAggregationTemporality(),
                                metric.getExponentialHistogram().getAggregationTemporality())
                        .contains(AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA);
        if (metric.getName().equals("shop.http.requests")) {
            for (var p : metric.getSum().getDataPointsList()) {
                var sum = new Sum(p.getAsInt(), 0);
                point(
                        resource,
                        metric,
                        p.getAttributesList(),
                        p.getStartTimeUnixNano(),
                        p.getTimeUnixNano(),
                        sum,
                        delta,
                        counters);
            }
        }
        for (var p : metric.getHistogram().getDataPointsList()) {
            var sum = new Sum(p.getCount(), p.getSum() / unit);
            point(
                    resource,
                    metric,
                    p.getAttributesList(),
                    p.getStartTimeUnixNano(),
                    p.getTimeUnixNano(),
                    sum,
                    delta,
                    durations);
        }
        for (var p : metric.getExponentialHistogram().getDataPointsList()) {
            var sum = new Sum(p.getCount(), p.getSum() / unit);
            point(
                    resource,
                    metric,
                    p.getAttributesList(),
                    p.getStartTimeUnixNano(),
                    p.getTimeUnixNano(),
                    sum,
                    delta,
                    durations);
        }
    }

    private void point(
            Resource resource,
            Metric metric,
            List<KeyValue> attributes,
            long start,
            long time,
            Sum sum,
            boolean delta,
            Map<Ledger.RequestKey, Sum> into) {
        var identity = ByteString.newOutput();
        try {
            resource.writeTo(identity);
            identity.write(metric.getName().getBytes(java.nio.charset.StandardCharsets.UTF_8));
            for (KeyValue attribute : attributes) {
                attribute.writeTo(identity);
            }
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
        Last before = lasts.put(identity.toByteString(), new Last(start, sum.count, sum.seconds));
        Sum increase = sum;
        if (!delta && before != null && before.start == start) {
            increase = new Sum(sum.count - before.count, sum.seconds - before.seconds);
        }
        if (increase.count != 0) {
            into.merge(key(resource, attributes, time), increase, Sum::plus);
        }
    }

    private static Ledger.RequestKey key(Resource resource, List<KeyValue> attributes, long time) {
        return new Ledger.RequestKey(
                time / HOUR,
                any(resource.getAttributesList(), "data_plane_id"),
                any(
                        resource.getAttributesList(),
                        "deployment.environment.name",
                        "deployment.environment"),
                any(resource.getAttributesList(), "service.name"),
                any(attributes, "http.route", "http_route"),
                any(attributes, "http.request.method", "http.method", "http_method"),
                Integer.parseInt(
                        any(
                                attributes,
                                "http.response.status_code",
                                "http.status_code",
                                "http_status_code")));
    }

    private static String any(List<KeyValue> attributes, String... names) {
        for (String name : names) {
            for (KeyValue attribute : attributes) {
                if (attribute.getKey().equals(name)) {
                    var value = attribute.getValue();
                    return value.hasIntValue()
                            ? Long.toString(value.getIntValue())
                            : value.getStringValue();
                }
            }
        }
        throw new AssertionError("none of " + List.of(names) + " in " + attributes);
    }
}
