package dev.firn.bench;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.config.Config;
import dev.firn.config.ConfigReader;
import dev.firn.model.AttributeValue;
import dev.firn.model.Attributes;
import dev.firn.model.Batch;
import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.Numbers;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Series;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import dev.firn.model.Temporality;
import dev.firn.process.Chain;
import dev.firn.process.Processors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What a pipeline's processors cost for each point, in nanoseconds on one core: requests of 10,000
/// points, of as many series as said.
@State(org.openjdk.jmh.annotations.Scope.Thread)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PipelineBenchmark {
    private static final int POINTS = 10_000;
    private static final String CONFIG =
            """
            receivers:
              otlp: {protocols: {grpc: {}}}
            processors:
              memory_limiter: {check_interval: 1s, limit_percentage: 80}
              resource:
                attributes:
                  - {key: environment, value: production, action: upsert}
                  - {key: data_plane_id, value: one, action: insert}
              filter/drop_internal:
                metrics:
                  exclude: {match_type: regexp, metric_names: ["^otelcol_.*"]}
              transform/point:
                metric_statements:
                  - set(datapoint.value_int, datapoint.value_int * 2) where metric.name == "m7"
              batch: {}
            exporters:
              debug: {}
            service:
              pipelines:
                metrics/production:
                  receivers: [otlp]
                  processors: [memory_limiter, resource, filter/drop_internal, batch]
                  exporters: [debug]
                metrics/same:
                  receivers: [otlp]
                  processors: [filter/drop_internal]
                  exporters: [debug]
                metrics/point:
                  receivers: [otlp]
                  processors: [transform/point]
                  exporters: [debug]
            """;

    /// `production`: identity changes; `same`: nothing changes; `point`: a statement about values.
    @Param({"production", "same", "point"})
    private String pipeline;

    /// Series that points belong to by turns.
    @Param({"1000", "200000"})
    private int series;

    private Chain chain;
    private List<Batch> batches;
    private int next;

    /// Requests that together have a point of each series.
    @Setup
    public void open() {
        var registry = new SeriesRegistry(SeriesIdentity.SHA_256, Clock.system(), 10_000_000);
        Config config = ConfigReader.parse(Map.of("bench.yaml", CONFIG), name -> null);
        chain =
                new Processors(registry, Clock.system(), new OwnMetrics())
                        .chain(config, "metrics/" + pipeline, Processors.Stateful.NONE);
        batches = new ArrayList<>();
        for (int from = 0; from < Math.max(series, POINTS); from += POINTS) {
            var batch = new Batch();
            for (int i = 0; i < POINTS; i++) {
                batch.numbers.add(one(registry, (from + i) % series), 1 + i, 0, 0, Numbers.INT, i);
            }
            batches.add(batch);
        }
    }

    private static Series one(SeriesRegistry registry, int number) {
        var metric =
                new Metric(
                        new Resource("{\"service.name\":\"shop\"}", "", 0, ""),
                        new Scope("", "", "{}", "", 0),
                        "m" + number % 100,
                        "1",
                        MetricType.GAUGE,
                        Temporality.UNSPECIFIED,
                        false,
                        "",
                        "{}");
        return registry.intern(
                metric,
                Attributes.of(List.of(new Attributes.Entry("i", new AttributeValue.Int(number)))));
    }

    /// A request.
    @Benchmark
    @OperationsPerInvocation(POINTS)
    public int process() {
        next = next + 1 == batches.size() ? 0 : next + 1;
        try (Chain.Result result = chain.process(batches.get(next))) {
            return result.batch().size();
        }
    }
}
