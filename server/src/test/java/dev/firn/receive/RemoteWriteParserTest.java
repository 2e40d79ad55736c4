package dev.firn.receive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.ByteWriter;
import dev.firn.receive.RemoteWriteParser.Parsed;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Requests of remote write, and what they become.
class RemoteWriteParserTest {
    private static final long TIME = 1_764_000_000_000L;
    private static final double STALE = Double.longBitsToDouble(0x7ff0000000000002L);

    private static ByteWriter message(ByteWriter to, int field, ByteWriter content) {
        return to.u8(field << 3 | 2)
                .varint(content.size())
                .bytes(content.array(), 0, content.size());
    }

    private static ByteWriter empty() {
        return new ByteWriter(64);
    }

    private static ByteWriter text(ByteWriter to, int field, String text) {
        return to.u8(field << 3 | 2).string(text);
    }

    private static ByteWriter sample(double value, long time, long start) {
        ByteWriter sample = empty().u8(1 << 3 | 1).f64(value).u8(2 << 3).varint(time);
        return start == 0 ? sample : sample.u8(3 << 3).varint(start);
    }

    private static ByteWriter series(String... labels) {
        ByteWriter series = empty();
        for (int i = 0; i < labels.length; i += 2) {
            message(series, 1, text(text(empty(), 1, labels[i]), 2, labels[i + 1]));
        }
        return series;
    }

    /// Buckets 1 and 3 of schema 0, and -2 below zero.
    private static ByteWriter histogram(boolean fractions) {
        ByteWriter histogram = empty();
        if (fractions) {
            histogram.u8(2 << 3 | 1).f64(4.5);
        } else {
            histogram.u8(1 << 3).varint(7);
        }
        histogram.u8(3 << 3 | 1).f64(12.5).u8(4 << 3).zigzag(0).u8(5 << 3 | 1).f64(0.001);
        histogram.u8(6 << 3).varint(1);
        message(histogram, 8, empty().u8(1 << 3).zigzag(-2).u8(2 << 3).varint(1));
        message(histogram, 9, empty().zigzag(2));
        message(histogram, 11, empty().u8(1 << 3).zigzag(1).u8(2 << 3).varint(1));
        message(histogram, 11, empty().u8(1 << 3).zigzag(1).u8(2 << 3).varint(1));
        message(histogram, 12, empty().zigzag(1).zigzag(2));
        return histogram.u8(15 << 3).varint(TIME);
    }

    private static ByteWriter first(ByteWriter... series) {
        ByteWriter request = empty();
        for (ByteWriter one : series) {
            message(request, 1, one);
        }
        return request;
    }

    private static Parsed parse(ByteWriter request, boolean second) {
        return RemoteWriteParser.parse(request.array(), request.size(), second, 1 << 20);
    }

    private static List<Metric> otlp(Parsed parsed) throws Exception {
        var metrics = new ArrayList<Metric>();
        ExportMetricsServiceRequest.parseFrom(new PrometheusToOtlp(true).request(parsed.series()))
                .getResourceMetricsList()
                .forEach(resource ->
                        resource.getScopeMetricsList()
                                .forEach(scope -> metrics.addAll(scope.getMetricsList())));
        return metrics;
    }

    @Test
    void firstVersionBecomesSumsAndGauges() throws Exception {
        ByteWriter counter =
                series("__name__", "x_total", "instance", "i:1", "job", "ns/svc", "code", "200");
        message(counter, 2, sample(5, TIME, 0));
        message(counter, 2, sample(STALE, TIME + 1000, 0));
        ByteWriter exemplar = empty();
        message(
                exemplar,
                1,
                text(text(empty(), 1, "trace_id"), 2, "4bf92f3577b34da6a3ce929d0e0e4736"));
        exemplar.u8(2 << 3 | 1).f64(0.5).u8(3 << 3).varint(TIME);
        ByteWriter apart =
                series("__name__", "x_total", "instance", "i:1", "job", "ns/svc", "code", "200");
        message(apart, 3, exemplar);
        ByteWriter gauge = series("__name__", "temp", "otel_scope_name", "lib");
        message(gauge, 2, sample(-1.5, TIME, 0));
        ByteWriter request = first(counter, apart, gauge);
        message(request, 3, text(text(empty().u8(1 << 3).varint(2), 2, "temp"), 4, "How warm"));
        Parsed parsed = parse(request, false);
        assertThat(parsed.metadata()).containsOnlyKeys("temp");

        var all =
                ExportMetricsServiceRequest.parseFrom(
                        new PrometheusToOtlp(true).request(parsed.series()));
        assertThat(all.getResourceMetrics(0).getResource().getAttributesList())
                .extracting(one -> one.getKey() + "=" + one.getValue().getStringValue())
                .containsExactly(
                        "service.namespace=ns", "service.name=svc", "service.instance.id=i:1");
        assertThat(all.getResourceMetrics(1).getScopeMetrics(0).getScope().getName())
                .isEqualTo("lib");
        Metric sum = all.getResourceMetrics(0).getScopeMetrics(0).getMetrics(0);
        assertThat(sum.getSum().getIsMonotonic()).isTrue();
        assertThat(sum.getSum().getAggregationTemporalityValue()).isEqualTo(2);
        NumberDataPoint point = sum.getSum().getDataPoints(0);
        assertThat(point.getAsDouble()).isEqualTo(5);
        assertThat(point.getTimeUnixNano()).isEqualTo(TIME * 1_000_000);
        assertThat(point.getAttributesList()).hasSize(1);
        assertThat(point.getExemplars(0).getTraceId().size()).isEqualTo(16);
        assertThat(sum.getSum().getDataPoints(1).getFlags()).isEqualTo(1);
        Metric temp = all.getResourceMetrics(1).getScopeMetrics(0).getMetrics(0);
        assertThat(temp.getGauge().getDataPoints(0).getAsDouble()).isEqualTo(-1.5);
    }

    @Test
    void nativeHistogramsKeepTheirBuckets() throws Exception {
        ByteWriter one = series("__name__", "h");
        message(one, 4, histogram(false));
        ExponentialHistogramDataPoint point =
                otlp(parse(first(one), false))
                        .getFirst()
                        .getExponentialHistogram()
                        .getDataPoints(0);
        assertThat(point.getCount()).isEqualTo(7);
        assertThat(point.getSum()).isEqualTo(12.5);
        assertThat(point.getZeroCount()).isEqualTo(1);
        assertThat(point.getZeroThreshold()).isEqualTo(0.001);
        assertThat(point.getPositive().getOffset()).isEqualTo(0);
        assertThat(point.getPositive().getBucketCountsList()).containsExactly(1L, 0L, 3L);
        assertThat(point.getNegative().getOffset()).isEqualTo(-3);
        assertThat(point.getNegative().getBucketCountsList()).containsExactly(2L);
    }

    @Test
    void customBucketsBecomeExplicitBounds() throws Exception {
        ByteWriter histogram = empty().u8(1 << 3).varint(3).u8(3 << 3 | 1).f64(9);
        histogram.u8(4 << 3).zigzag(-53);
        message(histogram, 11, empty().u8(1 << 3).zigzag(1).u8(2 << 3).varint(2));
        message(histogram, 12, empty().zigzag(1).zigzag(1));
        histogram.u8(15 << 3).varint(TIME);
        histogram.varint(16 << 3 | 2).varint(16).f64(1).f64(5);
        ByteWriter one = series("__name__", "h");
        message(one, 4, histogram);
        HistogramDataPoint point =
                otlp(parse(first(one), false)).getFirst().getHistogram().getDataPoints(0);
        assertThat(point.getExplicitBoundsList()).containsExactly(1.0, 5.0);
        assertThat(point.getBucketCountsList()).containsExactly(0L, 1L, 2L);
    }

    @Test
    void secondVersionHasSymbolsStartsAndMetadata() throws Exception {
        ByteWriter one = empty();
        message(one, 1, empty().varint(1).varint(2).varint(3).varint(4));
        message(one, 2, sample(3, TIME, TIME - 5000));
        message(one, 5, empty().u8(1 << 3).varint(1).u8(3 << 3).varint(5).u8(4 << 3).varint(6));
        ByteWriter request = empty();
        message(request, 5, one); // before its symbols
        for (String symbol :
                List.of("", "__name__", "x_bytes_total", "path", "/a", "What x is", "bytes")) {
            text(request, 4, symbol);
        }
        Metric metric = otlp(parse(request, true)).getFirst();
        assertThat(metric.getName()).isEqualTo("x_bytes_total");
        assertThat(metric.getDescription()).isEqualTo("What x is");
        assertThat(metric.getUnit()).isEqualTo("By");
        assertThat(metric.getSum().getDataPoints(0).getStartTimeUnixNano())
                .isEqualTo((TIME - 5000) * 1_000_000);
        ByteWriter wrong = empty();
        message(wrong, 5, message(empty(), 1, empty().varint(1).varint(9)));
        assertThatThrownBy(() -> parse(wrong, true)).isInstanceOf(Receiver.MalformedBody.class);
    }

    @Test
    void whatHasNoFormIsRefusedAlone() {
        ByteWriter fractions = series("__name__", "h");
        message(fractions, 4, histogram(true));
        message(fractions, 2, sample(1, TIME, 0));
        message(fractions, 2, sample(2, TIME, 0));
        ByteWriter nameless = series("job", "x");
        message(nameless, 2, sample(1, TIME, 0));
        ByteWriter twice = series("__name__", "x", "a", "1", "a", "2");
        message(twice, 2, sample(1, TIME, 0));
        ByteWriter broken = series("__name__", "f");
        ByteWriter histogram = empty().u8(2 << 3 | 1).f64(4.5).u8(15 << 3).varint(TIME);
        message(broken, 4, histogram);
        Parsed parsed = parse(first(fractions, nameless, twice, broken), false);
        assertThat(parsed.refusedSamples()).isEqualTo(4);
        assertThat(parsed.refused()).hasSize(3);
        assertThat(parsed.series().stream().mapToInt(one -> one.samples.size()).sum()).isEqualTo(2);
    }

    @Test
    void damagedRequestsNeverDoMoreThanBeRefused() {
        ByteWriter one = series("__name__", "h", "job", "x");
        message(one, 4, histogram(false));
        message(one, 2, sample(1, TIME, 0));
        byte[] good = first(one).toBytes();
        var random = new Random(7);
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] body = good.clone();
            for (int j = 0; j <= i % 3; j++) {
                body[random.nextInt(body.length)] = (byte) random.nextInt();
            }
            try {
                Parsed parsed = RemoteWriteParser.parse(body, body.length, i % 2 == 1, 1 << 20);
                new PrometheusToOtlp(true).request(parsed.series());
            } catch (Receiver.MalformedBody e) {
                refused++;
            }
        }
        assertThat(refused).isBetween(1_000, 20_000);
    }

    @Test
    void aSmallRequestThatStandsForMuchIsRefused() {
        ByteWriter gaps = series("__name__", "h");
        ByteWriter histogram = empty();
        message(histogram, 11, empty().u8(1 << 3).zigzag(0).u8(2 << 3).varint(1));
        message(histogram, 11, empty().u8(1 << 3).zigzag(65_534).u8(2 << 3).varint(1));
        message(histogram, 12, empty().zigzag(1).zigzag(1));
        message(gaps, 4, histogram);
        ByteWriter labels = series("__name__", "x", "long", "v".repeat(10_000));
        for (int i = 0; i < 200; i++) {
            message(labels, 2, empty());
        }
        for (ByteWriter request : List.of(first(gaps), first(labels))) {
            assertThatThrownBy(() -> parse(request, false))
                    .isInstanceOf(Refusal.class)
                    .hasMessageContaining("limits.request_bytes_max");
        }
    }
}
