package dev.firn.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.InputException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Several files, and references to the environment.
class FilesTest {
    private static final String BASE =
            """
            receivers: {otlp: {protocols: {grpc: , http: }}}
            processors: {batch: {timeout: 1s, send_batch_size: 10}}
            exporters: {firn: }
            service: {pipelines: {metrics: {receivers: [otlp], processors: [batch], exporters: [firn]}}}
            """;

    private static Config read(Map<String, String> environment, String... texts) {
        var files = new LinkedHashMap<String, String>();
        for (String text : texts) {
            files.put((char) ('a' + files.size()) + ".yaml", text);
        }
        return ConfigReader.parse(files, environment::get);
    }

    private static <C> C part(Class<C> kind, @Nullable Object part) {
        return Objects.requireNonNull(kind.cast(part));
    }

    private static BatchProcessorConfig batch(Config config) {
        return part(BatchProcessorConfig.class, config.processors().get("batch"));
    }

    @Test
    void mappingsMergeKeyByKeyAndListsAreReplaced() {
        Config config =
                read(
                        Map.of(),
                        BASE,
                        """
                        processors: {batch: {timeout: 2s}}
                        exporters: {debug: }
                        service: {pipelines: {metrics: {exporters: [debug]}, metrics/2: {receivers: [otlp], exporters: [firn]}}}
                        """);
        assertThat(batch(config)).isEqualTo(new BatchProcessorConfig(2_000_000_000L, 10, 0));
        assertThat(config.pipelines())
                .containsEntry(
                        "metrics",
                        new Config.Pipeline(List.of("otlp"), List.of("batch"), List.of("debug")))
                .containsKey("metrics/2");
    }

    @Test
    void nothingInALaterFileReplacesWhatWasThere() {
        Config config = read(Map.of(), BASE, "processors: {batch: }");
        assertThat(batch(config).sendBatchSize()).isEqualTo(8_192);
        assertThat(read(Map.of(), BASE, "# only a comment").pipelines()).hasSize(1);
    }

    @Test
    void mistakesOfAllFilesAreShownAtOnce() {
        assertThatThrownBy(() ->
                        read(
                                Map.of(),
                                BASE.replace("1s", "\"${env:A\""),
                                "wal: {segment_size: much}\nwebb: {}\n"))
                .isInstanceOf(InputException.class)
                .hasMessageContainingAll(
                        "a.yaml:2: processors.batch.timeout: ",
                        "b.yaml:1: wal.segment_size: ",
                        "b.yaml:2: webb: unknown key; did you mean \"web\"?");
    }

    @Test
    void anchorsAndMergeKeysWork() {
        Config config =
                read(
                        Map.of(),
                        BASE,
                        """
                        processors:
                          batch: &small {timeout: 3s, send_batch_size: 20}
                          batch/large: {<<: *small, send_batch_size: 2000}
                        """);
        assertThat(config.processors())
                .containsEntry("batch/large", new BatchProcessorConfig(3_000_000_000L, 2_000, 0));
    }

    @Test
    void aVariableHoldsANumberAListOrAMapping() {
        Config config =
                read(
                        Map.of("SIZE", "77", "TO", "[firn, debug]", "DEBUG", "{verbosity: normal}"),
                        BASE.replace("send_batch_size: 10", "send_batch_size: \"${env:SIZE}\"")
                                .replace("{firn: }", "{firn: , debug: \"${env:DEBUG}\"}")
                                .replace("[firn]", "\"${env:TO}\""));
        assertThat(batch(config).sendBatchSize()).isEqualTo(77);
        assertThat(part(Config.Pipeline.class, config.pipelines().get("metrics")).exporters())
                .containsExactly("firn", "debug");
        assertThat(config.exporters().get("debug"))
                .isEqualTo(new DebugExporterConfig(DebugExporterConfig.Verbosity.NORMAL, 2, 1));
    }

    @Test
    void defaultsMayHoldReferencesAndDollarsAreDoubled() {
        String file =
                BASE.replace("{batch:", "{resource: {attributes: [%s]}, batch:")
                        .formatted(
                                "{key: a, value: \"${env:NONE:-${env:HOME:-x}}/$$1\", action: upsert}");
        var resource =
                part(
                        ResourceProcessorConfig.class,
                        read(Map.of("HOME", "/home"), file).processors().get("resource"));
        assertThat(resource.attributes().getFirst().value()).isEqualTo("/home/$1");
        assertThat(
                        part(
                                        ResourceProcessorConfig.class,
                                        read(Map.of(), file).processors().get("resource"))
                                .attributes()
                                .getFirst()
                                .value())
                .isEqualTo("x/$1");
    }

    @Test
    void valuesKeepTheirTypes() {
        String actions =
                """
                {key: a, value: 12, action: insert}, {key: b, value: "12", action: insert},
                {key: c, value: 1.5, action: insert}, {key: d, value: true, action: insert},
                {key: e, value: [a, 1], action: insert}, {key: f, value: "${env:PORT}", action: insert},
                {key: g, value: 1e3, action: insert}, {key: h, value: no, action: insert}
                """;
        Config config =
                read(
                        Map.of("PORT", "8080"),
                        BASE.replace(
                                "{batch:", "{resource: {attributes: [" + actions + "]}, batch:"));
        assertThat(
                        part(ResourceProcessorConfig.class, config.processors().get("resource"))
                                .attributes())
                .extracting(AttributeAction::value)
                .containsExactly(12L, "12", 1.5, true, List.of("a", 1L), 8080L, 1000.0, "no");
    }

    @Test
    void statementsKnowWhereTheyStand() {
        Config config =
                read(
                        Map.of(),
                        BASE,
                        """
                        processors:
                          transform:
                            metric_statements:
                              - context: datapoint
                                conditions:
                                  - attributes["a"] == "b"
                                statements:
                                  - set(attributes["a"], "c")
                                  - set(attributes["d"], "e")
                        """);
        StatementGroup group =
                part(TransformProcessorConfig.class, config.processors().get("transform"))
                        .metricStatements()
                        .getFirst();
        assertThat(group.context()).isEqualTo("datapoint");
        assertThat(group.conditions().getFirst().place()).isEqualTo("b.yaml:6");
        assertThat(group.statements().get(1).message("no"))
                .isEqualTo("b.yaml:9: processors.transform.metric_statements[0].statements[1]: no");
    }

    @Test
    void theMemoryLimitersSoftLimitIsAFifthBelow() {
        var percent = new MemoryLimiterConfig(1, 0, 0, 50, 0);
        assertThat(percent.hardLimitBytes(1_000)).isEqualTo(500);
        assertThat(percent.softLimitBytes(1_000)).isEqualTo(400);
        var bytes = new MemoryLimiterConfig(1, 1_000, 250, 0, 0);
        assertThat(bytes.hardLimitBytes(9)).isEqualTo(1_000);
        assertThat(bytes.softLimitBytes(9)).isEqualTo(750);
    }

    @Test
    void patternsOfResourceLabelsAreWildcards() {
        var some =
                new PrometheusExporterConfig.ResourceLabels(
                        List.of("service*", "k8s.pod.?"), List.of("service.instance.id"));
        assertThat(List.of("service.name", "k8s.pod.a")).allMatch(some::takes);
        assertThat(List.of("service.instance.id", "host.name", "k8s.pod.ab"))
                .noneMatch(some::takes);
        var others = new PrometheusExporterConfig.ResourceLabels(List.of(), List.of("host*"));
        assertThat(others.takes("service.name")).isTrue();
        assertThat(others.takes("host.name")).isFalse();
        assertThat(PrometheusExporterConfig.ResourceLabels.NONE.takes("a")).isFalse();
    }
}
