package dev.firn.receive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.model.Intake;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.exporter.otlp.http.metrics.OtlpHttpMetricExporter;
import io.opentelemetry.exporter.otlp.metrics.OtlpGrpcMetricExporter;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.common.export.RetryPolicy;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.export.MetricExporter;
import io.opentelemetry.sdk.metrics.export.PeriodicMetricReader;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The OpenTelemetry Java SDK's own exporters against the servers.
class SdkExportersTest {
    private static final RetryPolicy RETRY =
            RetryPolicy.builder()
                    .setMaxAttempts(4)
                    .setInitialBackoff(Duration.ofMillis(5))
                    .setMaxBackoff(Duration.ofMillis(20))
                    .build();

    private final ServerFixture fixture = new ServerFixture();

    @AfterEach
    void close() {
        fixture.close();
    }

    private MetricExporter exporter(String protocol, String compression) {
        return protocol.equals("grpc")
                ? OtlpGrpcMetricExporter.builder()
                        .setEndpoint("http://127.0.0.1:" + fixture.grpc.port())
                        .setCompression(compression)
                        .setRetryPolicy(RETRY)
                        .build()
                : OtlpHttpMetricExporter.builder()
                        .setEndpoint("http://127.0.0.1:" + fixture.http.port() + "/v1/metrics")
                        .setCompression(compression)
                        .setRetryPolicy(RETRY)
                        .build();
    }

    /// Counts 42 and exports once; whether the exporter says that it worked.
    private boolean export(String protocol, String compression) {
        var reader =
                PeriodicMetricReader.builder(exporter(protocol, compression))
                        .setInterval(Duration.ofHours(1))
                        .build();
        var provider = SdkMeterProvider.builder().registerMetricReader(reader).build();
        provider.get("shop")
                .counterBuilder("orders")
                .build()
                .add(42, Attributes.of(AttributeKey.stringKey("region"), "eu"));
        CompletableResultCode result = provider.forceFlush().join(30, TimeUnit.SECONDS);
        // Closing exports once more, which is of no interest here.
        fixture.receiver.script = n -> Intake.Answer.OK;
        int seen = fixture.receiver.requests.size();
        provider.close();
        while (fixture.receiver.requests.size() > seen) {
            fixture.receiver.requests.removeLast();
        }
        return result.isSuccess();
    }

    @ParameterizedTest
    @CsvSource({"grpc,none", "grpc,gzip", "http,none", "http,gzip"})
    void whatTheSdkExportsArrives(String protocol, String compression) throws Exception {
        assertThat(export(protocol, compression)).isTrue();
        assertThat(fixture.receiver.requests).hasSize(1);
        byte[] body = fixture.receiver.requests.getFirst().body();
        var request = ExportMetricsServiceRequest.parseFrom(body);
        var metric = request.getResourceMetrics(0).getScopeMetrics(0).getMetrics(0);
        assertThat(metric.getName()).isEqualTo("orders");
        var point = metric.getSum().getDataPoints(0);
        assertThat(point.getAsInt()).isEqualTo(42);
        assertThat(point.getAttributes(0).getValue().getStringValue()).isEqualTo("eu");
        assertThat(request.getSerializedSize()).isEqualTo(body.length);
        fixture.awaitIdle();
    }

    @ParameterizedTest
    @CsvSource({"grpc,none", "grpc,gzip", "http,none", "http,gzip"})
    void theSdkRetriesWhatIsOverloaded(String protocol, String compression) {
        fixture.receiver.script =
                n -> {
                    if (n < 2) {
                        throw new Intake.Overloaded(
                                Intake.Overloaded.Cause.UNAVAILABLE, 1, "the disk is full");
                    }
                    return Intake.Answer.OK;
                };
        assertThat(export(protocol, compression)).isTrue();
        assertThat(fixture.receiver.requests).hasSize(3);
        assertThat(fixture.receiver.requests.get(2).body())
                .isEqualTo(fixture.receiver.requests.get(0).body());
    }

    @ParameterizedTest
    @CsvSource({"grpc,none", "http,gzip"})
    void theSdkRetriesOurBugsToo(String protocol, String compression) {
        fixture.receiver.script =
                n -> {
                    if (n < 1) {
                        throw new IllegalStateException("a bug that this test made");
                    }
                    return Intake.Answer.OK;
                };
        assertThat(export(protocol, compression)).isTrue();
        assertThat(fixture.receiver.requests).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({"grpc,none", "http,gzip"})
    void theSdkDoesNotRetryWhatIsMalformed(String protocol, String compression) {
        fixture.receiver.script =
                n -> {
                    throw new Receiver.MalformedBody("no metrics at byte 0");
                };
        assertThat(export(protocol, compression)).isFalse();
        assertThat(fixture.receiver.requests).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"grpc,none", "http,none"})
    void theSdkTakesPartialSuccessAsSuccess(String protocol, String compression) {
        fixture.receiver.script = n -> new Intake.Answer(1, "one point has no time");
        assertThat(export(protocol, compression)).isTrue();
        assertThat(fixture.receiver.requests).hasSize(1);
    }
}
