package dev.firn.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.InputException;
import dev.firn.base.OwnMetrics;
import dev.firn.config.Config;
import dev.firn.config.ConfigReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessorsTest {
    @TempDir Path folder;

    private final TestPoints points = new TestPoints();
    private final Processors processors =
            new Processors(points.registry, points.clock, new OwnMetrics());

    private Config config(String processors, String names) throws IOException {
        Path file = folder.resolve("firn.yaml");
        Files.writeString(
                file,
                """
                receivers:
                  otlp: {protocols: {grpc: {}}}
                exporters:
                  debug: {}
                service:
                  pipelines:
                    metrics: {receivers: [otlp], processors: [%s], exporters: [debug]}
                processors:
                """
                                .formatted(names)
                        + processors);
        return ConfigReader.read(List.of(file), name -> null);
    }

    /// The seed's storage pipeline.
    @Test
    void theSeedsProcessorsAreMadeWithAWarningForEachStatementThatCannotWork() throws IOException {
        Config config =
                config(
                        """
                          memory_limiter: {check_interval: 1s, limit_mib: 1024, spike_limit_mib: 256}
                          resource:
                            attributes:
                              - {key: environment, value: production, action: upsert}
                          transform/storage:
                            metric_statements:
                              - context: datapoint
                                statements:
                                  - set(attributes["year"], Year(start_time_unix_nano))
                                  - set(attributes["hour"], Hour(start_time_unix_nano))
                                  - set(attributes["date"], FormatTime(time_unix_nano, "%F"))
                          filter/drop_internal:
                            metrics:
                              exclude: {match_type: regexp, metric_names: ["^otelcol_.*"]}
                          batch: {timeout: 10s, send_batch_size: 1000}
                        """,
                        "memory_limiter, resource, transform/storage, filter/drop_internal, batch");
        assertThat(config.warnings())
                .filteredOn(warning -> warning.contains("takes a time"))
                .hasSize(2);
        Processors.Findings findings = Processors.check(config);
        assertThat(findings.problems()).isEmpty();
        assertThat(findings.warnings())
                .singleElement()
                .asString()
                .contains("firn.yaml:")
                .contains("processors.transform/storage.metric_statements[0].statements[2]")
                .contains("column 36: FormatTime() needs a time")
                .contains("write set(attributes[\"date\"], FormatTime(time, \"%F\"))");

        Chain chain = processors.chain(config, "metrics", Processors.Stateful.NONE);
        assertThat(chain.stages()).isEqualTo(2);
        points.add(points.series("otelcol_up", "{}"), 1).add(points.series("cpu", "{}"), 2);
        try (Chain.Result result = chain.process(points.batch)) {
            assertThat(TestPoints.shown(result.batch())).containsExactly("cpu{} 2");
            assertThat(result.batch().numbers.series[0].metric().resource().attributes())
                    .isEqualTo("{\"environment\":\"production\"}");
        }
    }

    @Test
    void allMistakesAreSaidAtOnce() throws IOException {
        Config config =
                config(
                        """
                          transform:
                            metric_statements:
                              - set(metric.nam, "x")
                              - set(metric.name)
                          filter:
                            metric_conditions:
                              - IsMatch(metric.name, "a")
                              - name == "x"
                        """,
                        "transform, filter");
        assertThatThrownBy(() -> processors.chain(config, "metrics", Processors.Stateful.NONE))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("statements[0]: column 5: the metric context has no path")
                .hasMessageContaining("statements[1]: column 1: set(target, value) is given 1")
                .hasMessageContaining("conditions[1]: column 1: the context is not known");
        assertThat(Processors.check(config).problems()).hasSize(3);
    }

    @Test
    void aStatefulProcessorMustBeMadeBySomebody() throws IOException {
        Config config = config("  cumulativetodelta: {}\n", "cumulativetodelta");
        assertThatThrownBy(() -> processors.chain(config, "metrics", Processors.Stateful.NONE))
                .hasMessageContaining("nobody makes the processor cumulativetodelta");
        assertThat(Processors.check(config).problems()).isEmpty();
    }
}
