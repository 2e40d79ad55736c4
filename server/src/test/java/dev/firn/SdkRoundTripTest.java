package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.receive.FlatOtlp;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.KeyValue;
import io.opentelemetry.api.common.Value;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.exporter.otlp.http.metrics.OtlpHttpMetricExporter;
import io.opentelemetry.exporter.otlp.metrics.OtlpGrpcMetricExporter;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.common.export.MemoryMode;
import io.opentelemetry.sdk.metrics.Aggregation;
import io.opentelemetry.sdk.metrics.ExemplarFilter;
import io.opentelemetry.sdk.metrics.InstrumentSelector;
import io.opentelemetry.sdk.metrics.InstrumentType;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.View;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.export.AggregationTemporalitySelector;
import io.opentelemetry.sdk.metrics.export.MetricExporter;
import io.opentelemetry.sdk.metrics.export.PeriodicMetricReader;
import io.opentelemetry.sdk.resources.Resource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every instrument of the OpenTelemetry Java SDK through both of its exporters and with both
/// temporalities: what the SDK held comes back from lake and engine. The engine keeps nanoseconds
/// here, so that nothing at all may differ.
class SdkRoundTripTest {
    private static final int RETENTION_DAYS = 90;
    private static final Attributes EVERY_TYPE =
            Attributes.builder()
                    .put("text", "é 😀 \"quoted\"")
                    .put("flag", true)
                    .put("int", Long.MIN_VALUE)
                    .put("real", 1.0)
                    .put("texts", "a", "", "b")
                    .put("flags", true, false)
                    .put("ints", 1L, -1L)
                    .put("reals", 0.5, -0.0, Double.NaN, Double.POSITIVE_INFINITY)
                    .put(
                            AttributeKey.valueKey("value"),
                            Value.of(
                                    KeyValue.of("bytes", Value.of(new byte[] {0, -1})),
                                    KeyValue.of("list", Value.of(Value.of(1L), Value.of("1"))),
                                    KeyValue.of("nothing", Value.empty())))
                    .build();
    private static final SpanContext SPAN =
            SpanContext.create(
                    "0af7651916cd43dd8448eb211c80319c",
                    "b7ad6b7169203331",
                    TraceFlags.getSampled(),
                    TraceState.getDefault());

    /// Hands on what it is given and keeps it as OTLP at once, because the SDK reuses its objects.
    private record Recording(MetricExporter to, ExportMetricsServiceRequest.Builder sent)
            implements MetricExporter {
        @Override
        public CompletableResultCode export(Collection<MetricData> metrics) {
            sent.mergeFrom(SdkToOtlp.of(metrics));
            CompletableResultCode result = to.export(metrics);
            result.join(30, TimeUnit.SECONDS);
            assertThat(result.isSuccess()).isTrue();
            return result;
        }

        @Override
        public AggregationTemporality getAggregationTemporality(InstrumentType type) {
            return to.getAggregationTemporality(type);
        }

        @Override
        public Aggregation getDefaultAggregation(InstrumentType type) {
            return to.getDefaultAggregation(type);
        }

        @Override
        public MemoryMode getMemoryMode() {
            return to.getMemoryMode();
        }

        @Override
        public CompletableResultCode flush() {
            return to.flush();
        }

        @Override
        public CompletableResultCode shutdown() {
            return to.shutdown();
        }
    }

    private final ExportMetricsServiceRequest.Builder sent =
            ExportMetricsServiceRequest.newBuilder();

    @Test
    void whatTheSdkHeldComesBack(@TempDir Path folder) {
        try (var firn = TestFirn.start(folder, "engine: {time_precision: 9}")) {
            for (var temporality :
                    List.of(
                            AggregationTemporalitySelector.deltaPreferred(),
                            AggregationTemporalitySelector.alwaysCumulative())) {
                observe(grpc(firn, temporality), "grpc " + temporality);
                observe(http(firn, temporality), "http " + temporality);
            }
            firn.verify();
            List<String> points = FlatOtlp.sorted(sent.build());
            assertThat(points).hasSizeGreaterThan(100);
            assertThat(FlatOtlp.sorted(LakeRows.read(folder).otlp())).isEqualTo(points);
            assertThat(FlatOtlp.sorted(new EngineRows(firn, RETENTION_DAYS).otlp()))
                    .isEqualTo(points);
            holdsEveryKind();
        }
    }

    private static MetricExporter grpc(TestFirn firn, AggregationTemporalitySelector temporality) {
        return OtlpGrpcMetricExporter.builder()
                .setEndpoint("http://" + firn.grpcAddress())
                .setAggregationTemporalitySelector(temporality)
                .build();
    }

    private static MetricExporter http(TestFirn firn, AggregationTemporalitySelector temporality) {
        return OtlpHttpMetricExporter.builder()
                .setEndpoint(firn.otlpHttpUrl() + "/v1/metrics")
                .setCompression("gzip")
                .setAggregationTemporalitySelector(temporality)
                .build();
    }

    private void observe(MetricExporter exporter, String instance) {
        var reader =
                PeriodicMetricReader.builder(new Recording(exporter, sent))
                        .setInterval(Duration.ofHours(1))
                        .build();
        Resource resource =
                Resource.create(
                        EVERY_TYPE.toBuilder()
                                .put("service.name", "shop")
                                .put("service.instance.id", instance)
                                .build(),
                        "https://opentelemetry.io/schemas/1.37.0");
        try (var provider =
                SdkMeterProvider.builder()
                        .setResource(resource)
                        .setExemplarFilter(ExemplarFilter.alwaysOn())
                        .registerView(
                                InstrumentSelector.builder().setName("*.exponential").build(),
                                View.builder()
                                        .setAggregation(
                                                Aggregation.base2ExponentialBucketHistogram())
                                        .build())
                        .registerView(
                                InstrumentSelector.builder().setName("latency").build(),
                                View.builder()
                                        .setAttributeFilter(key -> key.equals("text"))
                                        .build())
                        .registerMetricReader(reader)
                        .build()) {
            Meter meter =
                    provider.meterBuilder("io.example.shop")
                            .setInstrumentationVersion("1.2.3")
                            .setSchemaUrl("https://opentelemetry.io/schemas/1.36.0")
                            .build();
            observables(meter);
            for (int round = 1; round <= 2; round++) {
                record(meter, round);
                assertThat(provider.forceFlush().join(30, TimeUnit.SECONDS).isSuccess()).isTrue();
            }
        }
    }

    private static void observables(Meter meter) {
        meter.gaugeBuilder("temperature")
                .setUnit("Cel")
                .setDescription("Of the room")
                .buildWithCallback(measured -> {
                    measured.record(-0.0, Attributes.empty());
                    measured.record(Math.PI, EVERY_TYPE);
                });
        meter.counterBuilder("bytes.read")
                .setUnit("By")
                .buildWithCallback(measured -> measured.record(Long.MAX_VALUE, EVERY_TYPE));
        meter.upDownCounterBuilder("balance")
                .ofDoubles()
                .buildWithCallback(measured -> measured.record(-1.5, EVERY_TYPE));
    }

    private static void record(Meter meter, int round) {
        try (var scope = Span.wrap(SPAN).makeCurrent()) {
            meter.counterBuilder("orders").setUnit("{order}").build().add(round, EVERY_TYPE);
            meter.counterBuilder("turnover").ofDoubles().build().add(0.1 * round, EVERY_TYPE);
            meter.upDownCounterBuilder("waiting").build().add(-round, EVERY_TYPE);
            meter.upDownCounterBuilder("credit").ofDoubles().build().add(-0.5, EVERY_TYPE);
            meter.gaugeBuilder("queue").ofLongs().build().set(-7, EVERY_TYPE);
            meter.gaugeBuilder("load").build().set(Double.MIN_VALUE, EVERY_TYPE);
            for (double seconds : new double[] {0, 0.0012, 0.3, 17, 4e9}) {
                meter.histogramBuilder("latency")
                        .setUnit("s")
                        .setDescription("Of answers")
                        .setExplicitBucketBoundariesAdvice(List.of(0.0, 0.01, 1.0))
                        .build()
                        .record(seconds * round, EVERY_TYPE);
                meter.histogramBuilder("latency.exponential")
                        .build()
                        .record(seconds * round, EVERY_TYPE);
            }
            meter.histogramBuilder("size").ofLongs().build().record(1L << 53, EVERY_TYPE);
        }
    }

    /// That what was compared is what this test is about.
    private void holdsEveryKind() {
        var text = sent.build().toString();
        assertThat(text)
                .contains(
                        "gauge {",
                        "sum {",
                        "histogram {",
                        "exponential_histogram {",
                        "exemplars {",
                        "filtered_attributes {",
                        "trace_id: ",
                        "AGGREGATION_TEMPORALITY_DELTA",
                        "AGGREGATION_TEMPORALITY_CUMULATIVE",
                        "is_monotonic: true",
                        "bytes_value: ",
                        "kvlist_value {",
                        "as_int: 9223372036854775807",
                        "as_double: -0.0",
                        "double_value: NaN");
    }
}
