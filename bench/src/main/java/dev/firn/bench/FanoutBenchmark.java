package dev.firn.bench;

import dev.firn.base.Clock;
import dev.firn.base.NioDisk;
import dev.firn.base.OwnMetrics;
import dev.firn.base.Throttle;
import dev.firn.config.Config;
import dev.firn.config.ConfigReader;
import dev.firn.model.Batch;
import dev.firn.model.HistogramValue;
import dev.firn.model.Histograms;
import dev.firn.model.Metric;
import dev.firn.model.MetricType;
import dev.firn.model.NumberValue;
import dev.firn.model.Pipelines;
import dev.firn.model.PointValue;
import dev.firn.model.Resource;
import dev.firn.model.Scope;
import dev.firn.model.Series;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import dev.firn.model.Temporality;
import dev.firn.process.Fanout;
import dev.firn.process.Processors;
import dev.firn.process.state.StateRoom;
import dev.firn.process.state.StatefulProcessors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
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

/// What the processors of `config/config-production.yaml` cost for each point, in nanoseconds on
/// one core, with the memory that they keep of series: requests of 1,000 points (of ten series five
/// sums, four gauges, one histogram of ten buckets), nobody behind the pipelines.
@State(org.openjdk.jmh.annotations.Scope.Thread)
@Fork(1)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FanoutBenchmark {
    private static final int POINTS = 1_000;
    private static final long SECOND = 1_000_000_000L;
    private static final String PROCESSORS =
            """
            receivers:
              otlp: {protocols: {grpc: {}}}
            processors:
              memory_limiter: {check_interval: 1s, limit_mib: 1024, spike_limit_mib: 256}
              resource:
                attributes:
                  - {key: environment, value: development, action: upsert}
                  - {key: data_plane_id, value: local, action: upsert}
                  - {key: cluster_id, value: default-cluster, action: upsert}
                  - {key: region, value: us-east-1, action: upsert}
              filter/drop_internal:
                metrics:
                  exclude: {match_type: regexp, metric_names: ["^otelcol_.*"]}
              batch: {}
            exporters: {debug: , firn: }
            service:
              pipelines:
            """;

    /// `none`: no processors; `one`: those of storage before the log; `three`: with those of
    /// realtime and debug beside them.
    @Param({"none", "one", "three"})
    private String pipelines;

    /// What senders say of `data_plane_id`: `absent`, so that their series gain it; `other`, so
    /// that it is overwritten.
    @Param({"absent", "other"})
    private String plane;

    /// Series that points belong to by turns.
    @Param({"1000", "20000"})
    private int series;

    private Fanout fanout;
    private List<Batch> batches;
    private int next;
    private long steps;

    /// Requests that together have a point of each series.
    @Setup
    public void open() throws IOException, InterruptedException {
        Clock clock = Clock.system();
        var registry = new SeriesRegistry(SeriesIdentity.SHA_256, clock, 10_000_000);
        Config config = ConfigReader.parse(Map.of("bench.yaml", text()), name -> null);
        var metrics = new OwnMetrics();
        Path data = Files.createTempDirectory("firn-fanout");
        var room = new StateRoom(data, new NioDisk(), clock, metrics, StateRoom.Limits.DEFAULT);
        var processors = new Processors(registry, clock, metrics);
        var stateful = new StatefulProcessors(room, registry);
        var all = new ArrayList<Fanout.Pipeline>();
        config.pipelines()
                .forEach((name, pipeline) ->
                        all.add(
                                new Fanout.Pipeline(
                                        name,
                                        processors.chain(config, name, stateful),
                                        config.durable(pipeline),
                                        List.of())));
        fanout = new Fanout(all, room, metrics, new Throttle(clock, 1));
        room.open(null);
        batches = new ArrayList<>();
        for (int from = 0; from < Math.max(series, POINTS); from += POINTS) {
            batches.add(batch(registry, from));
        }
    }

    private String text() {
        String storage =
                pipelines.equals("none")
                        ? "[]"
                        : "[memory_limiter, resource, filter/drop_internal, batch]";
        String text =
                PROCESSORS
                        + "    metrics/storage: {receivers: [otlp], processors: "
                        + storage
                        + ", exporters: [firn]}\n";
        return pipelines.equals("three")
                ? text
                        + """
                            metrics/realtime: {receivers: [otlp], processors: [memory_limiter, resource, batch], exporters: [debug]}
                            metrics/debug: {receivers: [otlp], processors: [memory_limiter, resource], exporters: [debug]}
                        """
                : text;
    }

    private Batch batch(SeriesRegistry registry, int from) {
        var batch = new Batch();
        for (int i = 0; i < POINTS; i++) {
            int number = (from + i) % series;
            value(number, 1).addTo(batch, one(registry, number), SECOND, SECOND / 2, 0);
        }
        return batch;
    }

    private static PointValue value(int number, long step) {
        return number % 10 == 9
                ? new HistogramValue(
                        10 * step,
                        (byte) Histograms.HAS_SUM,
                        4.5 * step,
                        0,
                        0,
                        LongStream.rangeClosed(1, 9).map(Double::doubleToRawLongBits).toArray(),
                        new long[] {step, step, step, step, step, step, step, step, step, step})
                : NumberValue.of(step);
    }

    private Series one(SeriesRegistry registry, int number) {
        String resource =
                plane.equals("absent")
                        ? "{\"service.name\":\"shop\"}"
                        : "{\"data_plane_id\":\"plane-7\",\"service.name\":\"shop\"}";
        MetricType type =
                number % 10 == 9
                        ? MetricType.HISTOGRAM
                        : number % 10 < 5 ? MetricType.SUM : MetricType.GAUGE;
        var metric =
                new Metric(
                        new Resource(resource, "", 0, ""),
                        new Scope("", "", "{}", "", 0),
                        "m" + number % 100,
                        "1",
                        type,
                        type == MetricType.GAUGE ? Temporality.UNSPECIFIED : Temporality.CUMULATIVE,
                        type == MetricType.SUM,
                        "",
                        "{}");
        return registry.intern(metric, "{\"i\":\"" + number + "\"}");
    }

    /// A request, a second after the one before of the same series.
    @Benchmark
    @OperationsPerInvocation(POINTS)
    public int process() {
        if (++next == batches.size()) {
            next = 0;
        }
        Batch batch = batches.get(next);
        long time = ++steps * SECOND;
        java.util.Arrays.fill(batch.numbers.time, time);
        java.util.Arrays.fill(batch.histograms.time, time);
        Pipelines.Run run = fanout.run(batch);
        int size = run.durable().size();
        run.stored();
        return size;
    }
}
