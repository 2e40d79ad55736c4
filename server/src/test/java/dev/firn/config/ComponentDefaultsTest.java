package dev.firn.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
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

    private static <C> C part(Class<C> kind, @Nullable Object part) {
        return Objects.requireNonNull(kind.cast(part));
    }

    @Test
    void receivers() {
        assertThat(part(OtlpReceiverConfig.class, written.receivers().get("otlp")).grpc())
                .isEqualTo(part(OtlpReceiverConfig.class, bare.receivers().get("otlp")).grpc());
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
        assertThat(
                        part(FilterProcessorConfig.class, written.processors().get("filter"))
                                .errorMode())
                .isEqualTo(
                        part(FilterProcessorConfig.class, bare.processors().get("filter"))
                                .errorMode());
        assertThat(
                        part(TransformProcessorConfig.class, written.processors().get("transform"))
                                .errorMode())
                .isEqualTo(
                        part(TransformProcessorConfig.class, bare.processors().get("transform"))
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
        assertThat(written.extensions()).containsOnlyKeys("bearertokenauth", "basicauth/client");
    }
}
