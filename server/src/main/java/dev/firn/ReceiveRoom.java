package dev.firn;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.base.Worker;
import dev.firn.config.Config;
import dev.firn.config.Config.Address;
import dev.firn.model.Intake;
import dev.firn.model.SeriesRegistry;
import dev.firn.receive.Admission;
import dev.firn.receive.DecodingReceiver;
import dev.firn.receive.GrpcOtlpServer;
import dev.firn.receive.HttpOtlpServer;
import dev.firn.receive.ReceiveLimits;
import dev.firn.receive.SeriesCache;
import dev.firn.receive.ServerLimits;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
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

    private ReceiveRoom() {}

    static ReceiveRoom open(
            Config config,
            Clock clock,
            Intake intake,
            SeriesRegistry registry,
            OwnMetrics metrics) {
        var room = new ReceiveRoom();
        try {
            room.start(config, clock, intake, registry, metrics);
            return room;
        } catch (RuntimeException e) {
            room.close();
            throw e;
        }
    }

    private void start(
            Config config,
            Clock clock,
            Intake intake,
            SeriesRegistry registry,
            OwnMetrics metrics) {
        Config.Limits limits = config.limits();
        var cache = new SeriesCache(new SecureRandom(), Runtime.getRuntime().maxMemory() / 3);
        var receiver =
                new DecodingReceiver(
                        intake, cache, registry, receiveLimits(limits), clock, metrics);
        List<Config.OtlpReceiver> used = used(config);
        var admission = new Admission(serverLimits(limits, used), metrics, clock);
        opened.push(admission);
        for (Config.OtlpReceiver one : used) {
            Admission messages = admission.withGrpcMessages(one.grpcMessageBytesMax());
            Admission bodies = admission.withHttpBodies(one.httpBodyBytesMax());
            one.grpc().ifPresent(address -> grpc(address, receiver, messages));
            one.http().ifPresent(address -> http(address, receiver, bodies));
        }
        int idleSweeps = (int) Math.max(1, limits.seriesIdleNanos() / (SWEEP_MILLIS * 1_000_000));
        opened.push(
                Worker.start(
                        "series-sweep",
                        () -> {
                            Thread.sleep(SWEEP_MILLIS);
                            registry.evictIdle(limits.seriesIdleNanos() / 1_000_000_000);
                            cache.sweep(idleSweeps);
                        }));
    }

    /// Receivers that no pipeline names are not started, as in the Collector.
    private static List<Config.OtlpReceiver> used(Config config) {
        return config.pipelines().values().stream()
                .flatMap(pipeline -> pipeline.receivers().stream())
                .distinct()
                .sorted()
                .map(name -> java.util.Objects.requireNonNull(config.receivers().get(name), name))
                .toList();
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
            Config.Limits limits, List<Config.OtlpReceiver> receivers) {
        ServerLimits defaults = ServerLimits.DEFAULT;
        return new ServerLimits(
                (int)
                        receivers.stream()
                                .mapToLong(Config.OtlpReceiver::httpBodyBytesMax)
                                .max()
                                .orElse(1 << 20),
                (int)
                        receivers.stream()
                                .mapToLong(Config.OtlpReceiver::grpcMessageBytesMax)
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

    private void grpc(Address address, DecodingReceiver receiver, Admission admission) {
        var server = new GrpcOtlpServer(socket(address), receiver, admission);
        servers.add(server);
        listening.add("OTLP gRPC " + new Address(address.host(), server.port()));
    }

    private void http(Address address, DecodingReceiver receiver, Admission admission) {
        var server = new HttpOtlpServer(socket(address), receiver, admission);
        servers.add(server);
        String url = "http://" + new Address(address.host(), server.port());
        listening.add("OTLP HTTP " + url);
        if (httpUrl.isEmpty()) {
            httpUrl = url;
        }
    }

    private static InetSocketAddress socket(Address address) {
        return new InetSocketAddress(address.host(), address.port());
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
