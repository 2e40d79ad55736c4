package dev.firn;

import dev.firn.base.Clock;
import dev.firn.base.Disk;
import dev.firn.base.OwnMetrics;
import dev.firn.base.Throttle;
import dev.firn.config.Config;
import dev.firn.config.Config.Address;
import dev.firn.config.DebugExporterConfig;
import dev.firn.config.ExporterConfig;
import dev.firn.config.FileExporterConfig;
import dev.firn.config.FirnExporterConfig;
import dev.firn.config.OtlpGrpcExporterConfig;
import dev.firn.config.OtlpHttpExporterConfig;
import dev.firn.config.PrometheusExporterConfig;
import dev.firn.export.debug.DebugExporter;
import dev.firn.export.file.FileExporter;
import dev.firn.export.otlpgrpc.OtlpGrpcExporter;
import dev.firn.export.otlphttp.OtlpHttpExporter;
import dev.firn.export.prometheus.PrometheusExporter;
import dev.firn.model.CutLog;
import dev.firn.model.Exporter;
import dev.firn.model.Pipelines;
import dev.firn.model.SeriesRegistry;
import dev.firn.process.Chain;
import dev.firn.process.Fanout;
import dev.firn.process.Processors;
import dev.firn.process.state.StateRoom;
import dev.firn.process.state.StatefulProcessors;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The pipelines: processors, what they remember, and all exporters but the log.
///
/// In two steps, because the log must know whether processors hold it back: [#prepare] before it is
/// opened, [#open] after.
final class PipelineRoom implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PipelineRoom.class);
    private static final long FAILURE_LOG_SECONDS = 10;

    private final Config config;
    private final Path data;
    private final Disk disk;
    private final Clock clock;
    private final OwnMetrics metrics;
    private final StateRoom states;
    private final Processors processors;
    private final Map<String, Chain> chains = new LinkedHashMap<>();
    private final Map<String, Exporter> exporters = new LinkedHashMap<>();
    private final List<String> listening = new ArrayList<>();

    private PipelineRoom(
            Config config,
            Path data,
            Disk disk,
            Clock clock,
            SeriesRegistry registry,
            OwnMetrics metrics) {
        this.config = config;
        this.data = data;
        this.disk = disk;
        this.clock = clock;
        this.metrics = metrics;
        this.states = new StateRoom(data, disk, clock, metrics, StateRoom.Limits.DEFAULT);
        this.processors = new Processors(registry, clock, metrics);
    }

    /// Makes the processors.
    static PipelineRoom prepare(
            Config config,
            Path data,
            Disk disk,
            Clock clock,
            SeriesRegistry registry,
            OwnMetrics metrics) {
        var room = new PipelineRoom(config, data, disk, clock, registry, metrics);
        var stateful = new StatefulProcessors(room.states, registry);
        for (String name : config.pipelines().keySet()) {
            room.chains.put(name, room.processors.chain(config, name, stateful));
        }
        return room;
    }

    /// Whether the log keeps any pipeline's points.
    static boolean durable(Config config) {
        return config.pipelines().values().stream().anyMatch(config::durable);
    }

    /// Whether a `memory_limiter` refuses what comes now.
    boolean memoryIsShort() {
        return processors.memoryIsShort();
    }

    /// Whether a processor remembers, and so holds the log back.
    boolean remembers() {
        return states.isUsed();
    }

    /// Brings back what processors remember, and starts the exporters.
    void open(CutLog log) throws InterruptedException {
        if (states.isUsed()) {
            states.open(log);
        }
        config.exporters(ExporterConfig.class)
                .forEach((name, exporter) -> {
                    Exporter made = exporter(name, exporter);
                    if (made != null) {
                        exporters.put(name, made);
                    }
                });
    }

    private @Nullable Exporter exporter(String name, ExporterConfig exporter) {
        return switch (exporter) {
            case FirnExporterConfig _ -> null;
            case FileExporterConfig file -> new FileExporter(name, file, disk, metrics, clock);
            case DebugExporterConfig debug -> new DebugExporter(name, debug, metrics, clock);
            case OtlpHttpExporterConfig http ->
                    OtlpHttpExporter.open(
                            name,
                            config.batch(name).map(http::batchedBy).orElse(http),
                            config.extensions(),
                            queues(),
                            metrics,
                            clock,
                            new SecureRandom());
            case OtlpGrpcExporterConfig grpc ->
                    OtlpGrpcExporter.open(
                            name,
                            config.batch(name).map(grpc::batchedBy).orElse(grpc),
                            config.extensions(),
                            queues(),
                            metrics,
                            clock,
                            new SecureRandom());
            case PrometheusExporterConfig prometheus -> {
                var page =
                        new PrometheusExporter(
                                name,
                                prometheus,
                                prometheus.security().open(config.extensions(), clock),
                                config.limits().seriesMax(),
                                metrics,
                                clock);
                listening.add(
                        "scrape    "
                                + (prometheus.security().tls().isPresent() ? "https://" : "http://")
                                + new Address(prometheus.endpoint().host(), page.port())
                                + "/metrics");
                yield page;
            }
        };
    }

    private ExportQueues queues() {
        return new ExportQueues(data, disk, clock, config.wal().sizeMax());
    }

    /// What a receiver feeds.
    Pipelines fedBy(String receiver) {
        return fed(pipeline -> pipeline.receivers().contains(receiver));
    }

    /// What points of Firn's own making feed: all pipelines that keep points.
    Pipelines durable() {
        return fed(config::durable);
    }

    private Pipelines fed(Predicate<Config.Pipeline> which) {
        var fed = new ArrayList<Fanout.Pipeline>();
        config.pipelines()
                .forEach((name, pipeline) -> {
                    if (which.test(pipeline)) {
                        fed.add(
                                new Fanout.Pipeline(
                                        name,
                                        Objects.requireNonNull(chains.get(name), name),
                                        config.durable(pipeline),
                                        pipeline.exporters().stream()
                                                .map(exporters::get)
                                                .filter(Objects::nonNull)
                                                .toList()));
                    }
                });
        return new Fanout(fed, states, metrics, new Throttle(clock, FAILURE_LOG_SECONDS));
    }

    /// A line for each listener.
    List<String> listening() {
        return listening;
    }

    /// After the receivers, before the log.
    @Override
    public void close() {
        var closing =
                exporters.values().stream()
                        .map(exporter -> Thread.ofPlatform().start(() -> close(exporter)))
                        .toList();
        boolean interrupted = false;
        for (Thread one : closing) {
            try {
                one.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        exporters.clear();
        states.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void close(Exporter exporter) {
        try {
            exporter.close();
        } catch (RuntimeException e) {
            LOG.error("cannot close exporter {} cleanly", exporter.name(), e);
        }
    }
}
