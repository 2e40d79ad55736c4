package dev.firn.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The reference states the defaults that count.
class ComponentDefaultsTest {
    private final Config written =
            ConfigReader.read(
                    List.of(Path.of("src/test/config/good/every-component.yaml")),
                    variable -> null);
    private final Config bare =
            ConfigReader.parse(
                    Map.of(
                            "bare.yaml",
                            """
                            receivers:
                              otlp: {protocols: {grpc: }}
                              otlpjsonfile: {include: ["./buffer/*.jsonl"]}
                            processors:
                              memory_limiter: {check_interval: 1s, limit_mib: 1024}
                              batch:
                              filter: {metric_conditions: ['metric.name == "a"']}
                              transform: {metric_statements: ['set(datapoint.attributes["a"], "b")']}
                              deltatocumulative:
                            exporters:
                              firn:
                              prometheus: {endpoint: 127.0.0.1:8889}
                              file: {path: ./buffer/metrics.jsonl, rotation: }
                              debug:
                              otlp: {endpoint: "collector:4317", tls: }
                            service:
                              pipelines:
                                metrics: {receivers: [otlp], exporters: [firn]}
                            """),
                    variable -> null);

    @Test
    void receivers() {
        assertThat(((OtlpReceiverConfig) written.receivers().get("otlp")).grpc())
                .isEqualTo(((OtlpReceiverConfig) bare.receivers().get("otlp")).grpc());
        assertThat(written.receivers().get("otlpjsonfile"))
                .isEqualTo(bare.receivers().get("otlpjsonfile"));
    }

    @Test
    void processors() {
        for (String name : List.of("memory_limiter", "batch", "deltatocumulative")) {
            assertThat(written.processors().get(name))
                    .as(name)
                    .isEqualTo(bare.processors().get(name));
        }
        assertThat(((FilterProcessorConfig) written.processors().get("filter")).errorMode())
                .isEqualTo(
                        ((FilterProcessorConfig) bare.processors().get("filter")).errorMode());
        assertThat(((TransformProcessorConfig) written.processors().get("transform")).errorMode())
                .isEqualTo(
                        ((TransformProcessorConfig) bare.processors().get("transform"))
                                .errorMode());
    }

    @Test
    void exporters() {
        for (String name : List.of("prometheus", "file", "debug", "otlp")) {
            assertThat(written.exporters().get(name))
                    .as(name)
                    .isEqualTo(bare.exporters().get(name));
        }
    }

    @Test
    void extensionsThatAreNotListedAreNotStarted() {
        assertThat(written.extensions())
                .containsOnlyKeys("bearertokenauth", "basicauth/client");
    }
}
