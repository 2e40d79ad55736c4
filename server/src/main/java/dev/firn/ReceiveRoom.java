package dev.firn;

import dev.firn.base.Clock;
import dev.firn.base.Disk;
import dev.firn.base.OwnMetrics;
import dev.firn.base.Worker;
import dev.firn.base.security.ServerSecurity;
import dev.firn.config.Config;
import dev.firn.config.Config.Address;
import dev.firn.config.OtlpJsonFileReceiverConfig;
import dev.firn.config.OtlpReceiverConfig;
import dev.firn.model.Intake;
import dev.firn.model.Pipelines;
import dev.firn.model.SeriesRegistry;
import dev.firn.receive.Admission;
import dev.firn.receive.Cors;
import dev.firn.receive.DecodingReceiver;
import dev.firn.receive.GrpcOtlpServer;
import dev.firn.receive.HttpOtlpServer;
import dev.firn.receive.PlaneWatch;
import dev.firn.receive.ReceiveLimits;
import dev.firn.receive.Receiver;
import dev.firn.receive.RemoteWrite;
import dev.firn.receive.SeriesCache;
import dev.firn.receive.ServerLimits;
import dev.firn.receive.file.OtlpJsonFileReceiver;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The receivers that pipelines use, and the sweep of what they remember.
final class ReceiveRoom implements AutoCloseable {
    private static final long SWEEP_MILLIS = 60_000;

    private static final Logger LOG = LoggerFactory.getLogger(ReceiveRoom.class);

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final List<AutoCloseable> servers = new ArrayList<>();
    private final List<String> listening = new ArrayList<>();
    private String httpUrl = "";
    private @Nullable DecodingReceiver first;
    private @Nullable Pipelines durable;
    private @Nullable RemoteWrite remoteWrite;

    private final Path data;
    private final Disk disk;
    private final Clock clock;

    private ReceiveRoom(Path data, Disk disk, Clock clock) {
        this.data = data;
        this.disk = disk;
        this.clock = clock;
    }

    static ReceiveRoom open(
            Config config,
            Path data,
            Disk disk,
            Clock clock,
            Intake intake,
            SeriesRegistry registry,
            PipelineRoom pipelines,
            OwnMetrics metrics,
            PlaneWatch planes) {
        var room = new ReceiveRoom(data, disk, clock);
        try {
            room.start(config, intake, registry, pipelines, metrics, planes);
            return room;
        } catch (RuntimeException e) {
            room.close();
            throw e;
        }
    }

    private void start(
            Config config,
            Intake intake,
            SeriesRegistry registry,
            PipelineRoom pipelines,
            OwnMetrics metrics,
            PlaneWatch planes) {
        Config.Limits limits = config.limits();
        var cache = new SeriesCache(new SecureRandom(), Runtime.getRuntime().maxMemory() / 3);
        var receiver =
                new DecodingReceiver(
                        intake, cache, registry, receiveLimits(limits), clock, metrics, planes);
        first = receiver;
        durable = PipelineRoom.durable(config) ? pipelines.durable() : null;
        List<OtlpReceiverConfig> used =
                List.copyOf(config.receivers(OtlpReceiverConfig.class).values());
        var admission =
                new Admission(serverLimits(limits, used), metrics, clock, pipelines::memoryIsShort);
        opened.push(admission);
        remoteWrite =
                durable == null
                        ? null
                        : new RemoteWrite(
                                receiver.of("prometheusremotewrite", "http", durable), admission);
        config.receivers(OtlpReceiverConfig.class)
                .forEach((name, one) -> {
                    Pipelines feeding = pipelines.fedBy(name);
                    one.grpc()
                            .ifPresent(grpc ->
                                    grpc(
                                            config,
                                            grpc,
                                            receiver.of(name, "grpc", feeding),
                                            admission));
                    one.http()
                            .ifPresent(http ->
                                    http(
                                            config,
                                            http,
                                            receiver.of(name, "http", feeding),
                                            admission));
                });
        config.receivers(OtlpJsonFileReceiverConfig.class)
                .forEach((name, one) -> {
                    servers.add(
                            new OtlpJsonFileReceiver(
                                    name,
                                    one,
                                    data,
                                    receiver.of(name, "file", pipelines.fedBy(name)),
                                    intake::answeredUpTo,
                                    disk,
                                    new SecureRandom(),
                                    metrics,
                                    clock));
                    listening.add("files     " + String.join(", ", one.include()));
                });
        int idleSweeps = (int) Math.max(1, limits.seriesIdleNanos() / (SWEEP_MILLIS * 1_000_000));
        opened.push(
                Worker.start(
                        "series-sweep",
                        () -> {
                            Thread.sleep(SWEEP_MILLIS);
                            registry.evictIdle(limits.seriesIdleNanos() / 1_000_000_000);
                            cache.evicted(registry.evictions());
                            cache.sweep(idleSweeps);
                        }));
    }

    private static ReceiveLimits receiveLimits(Config.Limits limits) {
        ReceiveLimits defaults = ReceiveLimits.defaults();
        return new ReceiveLimits(
                (int) Math.min(Integer.MAX_VALUE, limits.newSeriesPerSender()),
                defaults.sendersMax(),
                limits.attributesPerPointMax(),
                limits.attributesPerResourceMax(),
                limits.identityBytesMax(),
                limits.pointsPerRequestMax(),
                limits.bucketsPerPointMax(),
                limits.valuesPerRequestMax(),
                limits.exemplarsPerPointMax(),
                limits.exemplarsPerRequestMax(),
                Duration.ofNanos(limits.futureMaxNanos()),
                Duration.ofNanos(limits.lateMaxNanos()),
                defaults.futureCounted(),
                defaults.lateCounted());
    }

    /// What all receivers share must have room for the largest request of any.
    private static ServerLimits serverLimits(
            Config.Limits limits, List<OtlpReceiverConfig> receivers) {
        ServerLimits defaults = ServerLimits.DEFAULT;
        return new ServerLimits(
                (int)
                        receivers.stream()
                                .flatMap(one -> one.http().stream())
                                .mapToLong(OtlpReceiverConfig.Http::bodyBytesMax)
                                .max()
                                .orElse(1 << 20),
                (int)
                        receivers.stream()
                                .flatMap(one -> one.grpc().stream())
                                .mapToLong(OtlpReceiverConfig.Grpc::messageBytesMax)
                                .max()
                                .orElse(1 << 20),
                limits.requestBytesMax(),
                limits.inflightBytesMax(),
                limits.requestsMax(),
                limits.connectionsMax(),
                (int) (limits.bodyTimeoutNanos() / 1_000_000),
                5_000, // the whole stop has 15 s
                defaults.retryAfterSeconds());
    }

    private void grpc(
            Config config,
            OtlpReceiverConfig.Grpc one,
            DecodingReceiver receiver,
            Admission admission) {
        Address address = one.endpoint();
        var server =
                new GrpcOtlpServer(
                        socket(address),
                        receiver,
                        admission.withGrpcMessages(one.messageBytesMax()),
                        one.security().open(config.extensions(), clock));
        servers.add(server);
        listening.add("OTLP gRPC " + new Address(address.host(), server.port()));
    }

    private void http(
            Config config,
            OtlpReceiverConfig.Http one,
            DecodingReceiver receiver,
            Admission admission) {
        Address address = one.endpoint();
        ServerSecurity security = one.security().open(config.extensions(), clock);
        var server =
                new HttpOtlpServer(
                        socket(address),
                        receiver,
                        admission.withHttpBodies(one.bodyBytesMax()),
                        security,
                        one.cors().map(Cors::new).orElse(Cors.NONE));
        servers.add(server);
        String url =
                (security.tls().isPresent() ? "https://" : "http://")
                        + new Address(address.host(), server.port());
        listening.add("OTLP HTTP " + url);
        if (httpUrl.isEmpty()) {
            httpUrl = url;
        }
    }

    private static InetSocketAddress socket(Address address) {
        return new InetSocketAddress(address.host(), address.port());
    }

    /// For points that come neither from a socket nor from a file, into all pipelines that keep
    /// them; null where none does.
    @Nullable Receiver internal(String name) {
        return first == null || durable == null ? null : first.of(name, "internal", durable);
    }

    /// Prometheus' remote write, into all pipelines that keep points; null where none does.
    @Nullable RemoteWrite remoteWrite() {
        return remoteWrite;
    }

    /// Base URL of the first OTLP/HTTP receiver; empty if there is none.
    String httpUrl() {
        return httpUrl;
    }

    /// A line for each listener.
    List<String> listening() {
        return listening;
    }

    /// All servers at once, since each waits for the requests that it has; then the rest.
    @Override
    public void close() {
        var closing =
                servers.stream()
                        .map(server -> Thread.ofPlatform().start(() -> close(server)))
                        .toList();
        boolean interrupted = false;
        for (Thread one : closing) {
            try {
                one.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        servers.clear();
        while (!opened.isEmpty()) {
            close(opened.pop());
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void close(AutoCloseable one) {
        try {
            one.close();
        } catch (Exception e) {
            LOG.error("cannot close {} cleanly", one.getClass().getSimpleName(), e);
        }
    }
}
