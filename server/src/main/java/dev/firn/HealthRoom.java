package dev.firn;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.base.security.Pem;
import dev.firn.config.Config;
import dev.firn.config.ListenerSecurityConfig;
import dev.firn.config.OtlpGrpcExporterConfig;
import dev.firn.config.OtlpHttpExporterConfig;
import dev.firn.config.OtlpReceiverConfig;
import dev.firn.config.PrometheusExporterConfig;
import dev.firn.config.TlsConfig;
import dev.firn.engine.EngineClient;
import dev.firn.engine.EngineException;
import dev.firn.engine.EngineSql;
import dev.firn.ops.health.CertificateProbe;
import dev.firn.ops.health.DiskProbe;
import dev.firn.ops.health.HealthWatch;
import dev.firn.ops.health.History;
import dev.firn.ops.health.ReceiverProbe;
import dev.firn.ops.health.StoreProbe;
import dev.firn.receive.PlaneWatch;
import dev.firn.wal.Wal;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The health checks, with all that they look at.
final class HealthRoom {
    private static final Logger LOG = LoggerFactory.getLogger(HealthRoom.class);

    private HealthRoom() {}

    /// Starts to look.
    ///
    /// @param receiving whether the receivers accept
    static HealthWatch start(
            Config config,
            Path data,
            Wal wal,
            @Nullable LakeRoom lake,
            @Nullable EngineRoom engine,
            PlaneWatch planes,
            BooleanSupplier receiving,
            OwnMetrics metrics,
            Clock clock) {
        var history = new History();
        return HealthWatch.start(
                List.of(
                        new ReceiverProbe(metrics, receiving, planes, clock, history),
                        new StoreProbe(
                                metrics,
                                lake != null,
                                engine != null,
                                () -> lake == null ? null : lake.sink().stopped(),
                                () -> engine == null ? null : engine.feed().stopped(),
                                history),
                        new DiskProbe(metrics, data, wal::stopReason, history),
                        new CertificateProbe(certificates(config), metrics, clock)),
                history,
                clock);
    }

    private static List<Pem> certificates(Config config) {
        Stream<ListenerSecurityConfig> listeners =
                Stream.concat(
                        config.receivers(OtlpReceiverConfig.class).values().stream()
                                .flatMap(one ->
                                        Stream.concat(
                                                one.grpc().stream()
                                                        .map(OtlpReceiverConfig.Grpc::security),
                                                one.http().stream()
                                                        .map(OtlpReceiverConfig.Http::security))),
                        config.exporters(PrometheusExporterConfig.class).values().stream()
                                .map(PrometheusExporterConfig::security));
        Stream<Optional<TlsConfig>> clients =
                Stream.concat(
                        config.exporters(OtlpGrpcExporterConfig.class).values().stream()
                                .map(one -> one.client().tls()),
                        config.exporters(OtlpHttpExporterConfig.class).values().stream()
                                .map(one -> one.client().tls()));
        return Stream.of(
                        listeners.map(ListenerSecurityConfig::tls),
                        Stream.of(
                                config.web().tls(),
                                config.engine().tls(),
                                config.telemetry().security().tls()),
                        clients)
                .flatMap(one -> one)
                .flatMap(Optional::stream)
                .flatMap(tls -> tls.settings().certificate().stream())
                .toList();
    }

    /// Planes of the last week that have not sent since this process started: their silence must be
    /// seen. Aside, because the engine may be at work.
    static Thread remember(EngineRoom engine, PlaneWatch planes) {
        return Thread.ofVirtual()
                .name("firn-planes")
                .start(() -> {
                    try {
                        String sql =
                                EngineSql.read(
                                        "query/planes_seen",
                                        Map.of("database", engine.schema().database()));
                        for (EngineClient.Row row : engine.client().query(sql)) {
                            planes.known(row.text(0), row.text(1), row.number(2) * 1_000_000_000L);
                        }
                    } catch (EngineException e) {
                        LOG.warn("cannot tell which planes sent before: {}", e.getMessage());
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
    }
}
