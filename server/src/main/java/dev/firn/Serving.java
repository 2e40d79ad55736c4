package dev.firn;

import ch.qos.logback.classic.Level;
import dev.firn.base.Clock;
import dev.firn.base.DataFormat;
import dev.firn.base.Disk;
import dev.firn.base.FolderLock;
import dev.firn.base.NioDisk;
import dev.firn.base.OwnMetrics;
import dev.firn.base.WorldException;
import dev.firn.base.security.Accounts;
import dev.firn.base.security.BearerTokens;
import dev.firn.cli.Starter;
import dev.firn.cli.Version;
import dev.firn.config.Config;
import dev.firn.config.LakeCatalogConfig;
import dev.firn.lake.serve.RestCatalog;
import dev.firn.model.SeriesIdentity;
import dev.firn.model.SeriesRegistry;
import dev.firn.ops.MemoryPlan;
import dev.firn.ops.ProcessMetrics;
import dev.firn.ops.health.HealthWatch;
import dev.firn.query.FileServer;
import dev.firn.query.LakeViews;
import dev.firn.query.LastData;
import dev.firn.receive.PlaneWatch;
import dev.firn.receive.RemoteWrite;
import dev.firn.wal.Wal;
import dev.firn.web.AuditLog;
import dev.firn.web.Sources;
import dev.firn.web.Task;
import dev.firn.web.TelemetryServer;
import dev.firn.web.WebServer;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The main job: rooms built in order, closed in reverse. Whatever fails on the way closes what was
/// built before it.
///
/// Order: the lock on the data directory, log, lake, engine and its sink, web interface, receivers
/// last, so that the first acknowledged point finds everything behind it in place.
final class Serving implements Starter.Running {
    private static final Logger LOG = LoggerFactory.getLogger(Serving.class);

    /// The whole stop, from the first receiver to the lock; what is not done by then is done from
    /// the log at the next start.
    private static final long STOP_NANOS = 13_000_000_000L;

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final List<String> listening = new ArrayList<>();
    private final Clock clock;
    private final Disk disk = new NioDisk();
    private final OwnMetrics metrics = new OwnMetrics();
    private final Config config;
    private final Path data;
    private boolean started;
    private String url = "";
    private volatile @Nullable RemoteWrite remoteWrite;
    private String otlpHttpUrl = "";

    private Serving(Config config, Path data, Clock clock) {
        this.clock = clock;
        this.data = data.toAbsolutePath().normalize();
        this.config =
                PipelineRoom.durable(config) || config.engine().follows() || holdsPoints(this.data)
                        ? config
                        : config.withoutStores();
    }

    /// What an earlier run left must go on being taken from the log and served, whatever the
    /// pipelines are now.
    private static boolean holdsPoints(Path data) {
        return Files.exists(data.resolve("lake")) || Files.exists(data.resolve("engine"));
    }

    static Starter.Running start(Config config, Path data) {
        return start(config, data, Clock.system());
    }

    static Starter.Running start(Config config, Path data, Clock clock) {
        var serving = new Serving(config, data, clock);
        try {
            serving.open();
            return serving;
        } catch (RuntimeException e) {
            boolean interrupted = Thread.interrupted(); // what is open closes undisturbed
            serving.close();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            throw e;
        } catch (InterruptedException e) {
            serving.close();
            Thread.currentThread().interrupt();
            throw new WorldException("interrupted while starting", e);
        }
    }

    private void open() throws InterruptedException {
        long began = clock.ticks();
        MemoryPlan memory = memoryPlan();
        listening.add(memory.describe());
        Accounts accounts = config.web().users().open(System::getenv, clock);
        FolderLock lock = lock();
        DataFormat.mark(data);
        AuditLog audit = keep(AuditLog.open(data.resolve("state"), clock));
        var registry =
                new SeriesRegistry(
                        SeriesIdentity.SHA_256,
                        clock,
                        config.limits().seriesMax(),
                        seriesBytesMax());
        gauges(registry);

        ProcessMetrics.register(metrics, clock);
        logAsConfigured();
        PipelineRoom pipelines = PipelineRoom.prepare(config, data, disk, clock, registry, metrics);
        Wal wal =
                keep(
                        LogRoom.open(
                                config,
                                data,
                                disk,
                                clock,
                                registry,
                                pipelines.remembers(),
                                metrics));
        metrics.target(resource(wal.writer()));
        @Nullable LakeRoom lake =
                config.lake().enabled()
                        ? keep(LakeRoom.open(config, data, disk, clock, wal, metrics))
                        : null;
        if (lake != null) {
            lake.sink().memoryIsShort(pipelines::memoryIsShort);
        }
        @Nullable EngineRoom engine =
                config.engine().enabled()
                        ? keep(
                                EngineRoom.open(
                                        config,
                                        data,
                                        memory.engine(),
                                        clock,
                                        wal,
                                        lake == null ? null : lake.catalog(),
                                        metrics,
                                        act ->
                                                audit.ofEngine(
                                                        act.user(), act.what(), act.result())))
                        : null;
        FileServer files = keep(new FileServer());
        @Nullable LakeViews views =
                lake == null || engine == null || !engine.opensFiles()
                        ? null
                        : keep(views(lake, engine, files, wal.writer()));
        if (engine != null) {
            keep(new LastData(engine.client(), engine.schema().database(), clock, metrics));
        }
        @Nullable LakeUpkeep upkeep =
                lake == null ? null : keep(LakeUpkeep.start(config.lake(), lake, clock, metrics));
        var tasks = new LinkedHashMap<String, Task>();
        if (upkeep != null && lake != null) {
            tasks.putAll(upkeep.tasks());
            tasks.putAll(new LakeTasks(lake, engine, wal, data, clock).tasks());
        }
        var planes = new PlaneWatch(clock, metrics);
        if (engine != null) {
            Thread asking = HealthRoom.remember(engine, planes);
            keep((AutoCloseable) asking::interrupt);
            engine.backup(data, clock).ifPresent(task -> tasks.put("engine/backup", task));
        }
        AlertRoom alerts = keep(AlertRoom.open(config.alerting(), data, engine, clock, metrics));
        tasks.putAll(alerts.tasks());
        RuleRoom rules = RuleRoom.open(config, engine, alerts.book(), wal.writer(), clock, metrics);
        tasks.putAll(rules.tasks());
        @Nullable AnalyseRoom analyses =
                engine == null
                        ? null
                        : keep(
                                AnalyseRoom.open(
                                        config,
                                        data,
                                        engine,
                                        lake,
                                        wal,
                                        alerts.book(),
                                        clock,
                                        metrics));
        if (analyses != null) {
            tasks.putAll(analyses.tasks());
        }
        CostRoom costs =
                keep(CostRoom.open(config, data, wal, lake, engine, alerts.book(), clock, metrics));
        if (engine != null) {
            keep(ReportRoom.open(config, data, disk, engine, clock, metrics));
        }
        var answers =
                new Answers(
                        config.lake().keep().leastKeepDays(config.engine().leastRetentionDays()),
                        data,
                        wal,
                        lake,
                        tasks,
                        alerts,
                        rules,
                        config.web().remoteWrite()
                                ? Optional.of(this::remoteWrite)
                                : Optional.empty(),
                        analyses,
                        costs,
                        engine,
                        config.rollup(),
                        views,
                        files,
                        metrics,
                        clock,
                        planes,
                        servedCatalog(lake));
        keep(pipelines).open(wal);
        HealthWatch health =
                keep(
                        HealthRoom.start(
                                config,
                                data,
                                wal,
                                lake,
                                engine,
                                planes,
                                () -> answers.isReceiving() && wal.stopReason() == null,
                                metrics,
                                clock));
        keep(alerts.watch(health, wal.writer()));
        WebServer web =
                keep(
                        WebServer.open(
                                config.web(),
                                accounts,
                                answers.sources(health::now),
                                audit,
                                metrics,
                                clock));
        ReceiveRoom receivers =
                keep(
                        ReceiveRoom.open(
                                config, data, disk, clock, wal, registry, pipelines, metrics,
                                planes));
        answers.receiving();
        remoteWrite = receivers.remoteWrite();
        keep(rules).start(receivers.internal("rules"));

        url = config.web().url(web.port());
        otlpHttpUrl = receivers.httpUrl();
        lock.describe("pid " + ProcessHandle.current().pid() + "\nurl " + url);
        listening.addAll(receivers.listening());
        listening.addAll(pipelines.listening());
        listening.add("web       " + url + "  (/ready, /health, /metrics)");
        if (config.lake().catalog().serve().enabled()) {
            listening.add("catalog   " + url + "/iceberg  (Iceberg REST, read-only)");
        }
        telemetry();
        if (engine != null) {
            listening.add(
                    "engine    "
                            + engine.url()
                            + "  (ClickHouse HTTP, database "
                            + config.engine().database()
                            + ")");
        }
        listening.add("data      " + data);
        started = true;
        LOG.info("started in {} ms", (clock.ticks() - began) / 1_000_000);
    }

    /// The receivers come after the web interface.
    private void remoteWrite(ServerRequest request, ServerResponse response) {
        RemoteWrite write = remoteWrite;
        if (write == null) {
            response.status(Status.SERVICE_UNAVAILABLE_503);
            response.send(
                    "cannot take remote write: no pipeline has the exporter firn, or not yet\n");
        } else {
            write.handle(request, response);
        }
    }

    private Optional<Sources.Iceberg> servedCatalog(@Nullable LakeRoom lake) {
        LakeCatalogConfig.Serve serve = config.lake().catalog().serve();
        if (lake == null || !serve.enabled()) {
            return Optional.empty();
        }
        return Optional.of(
                new Sources.Iceberg(
                        new RestCatalog(
                                lake.catalog().iceberg(), RestCatalog.readers(config.lake())),
                        BearerTokens.of("Authorization", "Bearer", List.of(serve.token()))));
    }

    private LakeViews views(LakeRoom lake, EngineRoom engine, FileServer files, String writer) {
        return LakeViews.start(
                lake.catalog(),
                engine.client(),
                engine::generation,
                files,
                engine.schema(),
                config.engine().leastRetentionDays(),
                config.engine().follows() ? null : writer,
                clock,
                metrics);
    }

    /// `service.telemetry.logs.level`; the variable FIRN_LOG_LEVEL wins, for a look at a running
    /// configuration.
    private void logAsConfigured() {
        if (System.getenv("FIRN_LOG_LEVEL") == null
                && LoggerFactory.getLogger("dev.firn")
                        instanceof ch.qos.logback.classic.Logger firn) {
            firn.setLevel(Level.toLevel(config.telemetry().logLevel().name()));
        }
    }

    /// As a Collector names itself: `service.telemetry.resource` adds, replaces, or with an empty
    /// value takes away.
    private Map<String, String> resource(String writer) {
        var resource = new LinkedHashMap<String, String>();
        resource.put("service.instance.id", writer);
        resource.put("service.name", "firn");
        resource.put("service.version", Version.current().firn());
        config.telemetry()
                .resource()
                .forEach((name, value) -> {
                    if (value.isEmpty()) {
                        resource.remove(name);
                    } else {
                        resource.put(name, value);
                    }
                });
        return resource;
    }

    /// Firn's own metrics where a Collector has its own.
    private void telemetry() throws InterruptedException {
        Config.Address address = config.telemetry().metricsEndpoint().orElse(null);
        if (address != null) {
            TelemetryServer server =
                    keep(
                            TelemetryServer.open(
                                    address,
                                    config.telemetry().security().open(config.extensions(), clock),
                                    this::telemetryPage));
            listening.add(
                    "telemetry "
                            + (config.telemetry().security().tls().isPresent()
                                    ? "https://"
                                    : "http://")
                            + new Config.Address(address.host(), server.port())
                            + "/metrics");
        }
    }

    private byte[] telemetryPage() {
        return switch (config.telemetry().metricsLevel()) {
            case NONE -> new byte[0];
            case BASIC -> metrics.page(name -> !name.startsWith("firn_"));
            case NORMAL, DETAILED -> metrics.page();
        };
    }

    private MemoryPlan memoryPlan() {
        var machine =
                (com.sun.management.OperatingSystemMXBean)
                        ManagementFactory.getOperatingSystemMXBean();
        return MemoryPlan.divide(
                config.memoryMax(),
                machine.getTotalMemorySize(),
                Runtime.getRuntime().maxMemory(),
                MemoryPlan.directMax(),
                config.engine().ownsChild());
    }

    private long seriesBytesMax() {
        long configured = config.limits().seriesBytesMax();
        return configured > 0 ? configured : Runtime.getRuntime().maxMemory() / 4;
    }

    private FolderLock lock() throws InterruptedException {
        return keep(
                FolderLock.tryLock(data)
                        .orElseThrow(() ->
                                new WorldException(
                                        "cannot open data directory \""
                                                + data
                                                + "\": another process holds it ("
                                                + FolderLock.holder(data).replace("\n", ", ")
                                                + "); stop that one or choose another with --data DIR")));
    }

    private void gauges(SeriesRegistry registry) {
        metrics.gauge("firn_series_active", "Series that are active now", registry::size);
        metrics.gauge("firn_series_max", "limits.series_max", registry::seriesMax);
        metrics.gauge("firn_series_bytes", "Memory of active series, estimated", registry::bytes);
        metrics.gauge(
                "firn_series_bytes_max",
                "limits.series_bytes_max, or what is derived from the heap",
                registry::bytesMax);
        var memory = ManagementFactory.getMemoryMXBean();
        metrics.gauge(
                "firn_heap_used_bytes",
                "Java heap in use",
                () -> memory.getHeapMemoryUsage().getUsed());
    }

    /// Between two rooms an interrupt ends the start.
    private <T extends AutoCloseable> T keep(T room) throws InterruptedException {
        opened.push(room);
        if (Thread.interrupted()) {
            throw new InterruptedException("asked to stop");
        }
        return room;
    }

    /// Its own metrics, for the reference page.
    List<OwnMetrics.About> metrics() {
        return metrics.all();
    }

    @Override
    public String url() {
        return url;
    }

    @Override
    public String otlpHttpUrl() {
        return otlpHttpUrl;
    }

    @Override
    public List<String> listening() {
        return List.copyOf(listening);
    }

    @Override
    public void close() {
        long began = clock.ticks();
        while (!opened.isEmpty()) {
            AutoCloseable room = opened.pop();
            if (room instanceof EngineRoom engine && opened.peek() instanceof LakeRoom lake) {
                opened.pop();
                closeTogether(lake, engine, began);
            } else if (room instanceof LakeRoom lake) {
                close(lake, () -> lake.close(leftMillis(began)));
            } else {
                close(room, room);
            }
        }
        if (started) { // else one message says why not, and nothing beside it
            LOG.info("stopped in {} ms", (clock.ticks() - began) / 1_000_000);
        }
    }

    /// Neither waits for the other: the last commit must not come after the engine's drain.
    private void closeTogether(LakeRoom lake, EngineRoom engine, long began) {
        Thread aside = Thread.ofPlatform().name("firn-close").start(() -> close(engine, engine));
        close(lake, () -> lake.close(leftMillis(began)));
        try {
            aside.join(Math.max(1, (STOP_NANOS - (clock.ticks() - began)) / 1_000_000));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (aside.isAlive()) {
            LOG.error("the engine does not stop in time and is left behind");
        }
    }

    /// For the last commit, so that what comes after it has time, too.
    private long leftMillis(long began) {
        return Math.max(500, (STOP_NANOS - (clock.ticks() - began)) / 1_000_000 - 2_000);
    }

    private static void close(Object room, AutoCloseable how) {
        try {
            how.close();
        } catch (Exception e) {
            LOG.error("cannot close {} cleanly", room.getClass().getSimpleName(), e);
        }
    }
}
