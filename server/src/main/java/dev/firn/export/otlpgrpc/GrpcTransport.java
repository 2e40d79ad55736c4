package dev.firn.export.otlpgrpc;

import dev.firn.base.Clock;
import dev.firn.base.security.Credentials;
import dev.firn.base.security.Secret;
import dev.firn.base.security.Tls;
import dev.firn.config.ClientConfig;
import dev.firn.config.OtlpGrpcExporterConfig;
import dev.firn.export.send.OtlpReplies;
import dev.firn.export.send.Transport;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.CompressorRegistry;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// OTLP/gRPC calls over one channel, which connects anew by itself.
final class GrpcTransport implements Transport {
    private static final MethodDescriptor<byte[], byte[]> EXPORT =
            MethodDescriptor.<byte[], byte[]>newBuilder()
                    .setType(MethodDescriptor.MethodType.UNARY)
                    .setFullMethodName(
                            "opentelemetry.proto.collector.metrics.v1.MetricsService/Export")
                    .setRequestMarshaller(new Bytes())
                    .setResponseMarshaller(new Bytes())
                    .build();
    private static final Metadata.Key<byte[]> STATUS_DETAILS =
            Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);
    private static final long SHUTDOWN_MILLIS = 1_000;

    private final OtlpGrpcExporterConfig config;
    private final Optional<Credentials> credentials;
    private final ManagedChannel channel;

    GrpcTransport(OtlpGrpcExporterConfig config, Optional<Credentials> credentials, Clock clock) {
        this.config = config;
        this.credentials = credentials;
        var builder =
                NettyChannelBuilder.forTarget(config.target())
                        .userAgent("Firn")
                        .defaultLoadBalancingPolicy(config.balancer())
                        .compressorRegistry(compressors());
        String authority = config.authority();
        if (config.plaintext()) {
            builder.usePlaintext();
        } else {
            Tls tls = config.client().openTls(clock);
            builder.sslContext(GrpcClientTls.context(tls));
            authority = authority.isEmpty() ? tls.serverName() : authority;
        }
        if (!authority.isEmpty()) {
            builder.overrideAuthority(authority);
        }
        if (config.keepaliveNanos() > 0) {
            builder.keepAliveTime(config.keepaliveNanos(), TimeUnit.NANOSECONDS)
                    .keepAliveTimeout(
                            Math.max(1, config.keepaliveTimeoutNanos()), TimeUnit.NANOSECONDS)
                    .keepAliveWithoutCalls(config.keepaliveIdle());
        }
        this.channel = builder.build();
    }

    private static CompressorRegistry compressors() {
        CompressorRegistry registry = CompressorRegistry.newEmptyInstance();
        registry.register(new io.grpc.Codec.Gzip());
        registry.register(new ZstdCompressor());
        return registry;
    }

    private CallOptions options() {
        CallOptions options = CallOptions.DEFAULT;
        long timeout = config.client().timeoutNanos();
        if (timeout > 0) {
            options = options.withDeadlineAfter(timeout, TimeUnit.NANOSECONDS);
        }
        if (config.waitForReady()) {
            options = options.withWaitForReady();
        }
        ClientConfig.Compression compression = config.client().compression();
        return switch (compression) {
            case NONE -> options;
            case GZIP -> options.withCompression("gzip");
            case ZSTD -> options.withCompression("zstd");
        };
    }

    private Metadata headers() {
        var metadata = new Metadata();
        config.client().headers().forEach((name, value) -> put(metadata, name, value));
        credentials
                .map(Credentials::header)
                .ifPresent(header -> put(metadata, header.name(), header.value()));
        return metadata;
    }

    private static void put(Metadata metadata, String name, Secret value) {
        var key = Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
        metadata.discardAll(key);
        metadata.put(key, value.value());
    }

    @Override
    public Outcome send(byte[] packed) {
        Channel with =
                ClientInterceptors.intercept(
                        channel, MetadataUtils.newAttachHeadersInterceptor(headers()));
        try {
            byte[] answer = ClientCalls.blockingUnaryCall(with, EXPORT, options(), packed);
            return OtlpReplies.success(answer, false);
        } catch (StatusRuntimeException e) {
            return outcome(e.getStatus(), e.getTrailers());
        }
    }

    /// The table "Failures" of OTLP/gRPC.
    private Outcome outcome(Status status, @Nullable Metadata trailers) {
        byte[] details = trailers == null ? null : trailers.get(STATUS_DETAILS);
        OptionalLong after =
                details == null
                        ? OptionalLong.empty()
                        : OtlpReplies.status(details, false).retryAfterNanos();
        String said = why(status);
        return switch (status.getCode()) {
            case CANCELLED, DEADLINE_EXCEEDED, ABORTED, OUT_OF_RANGE, UNAVAILABLE, DATA_LOSS ->
                    new Outcome.Retry(said, after);
            case RESOURCE_EXHAUSTED ->
                    after.isPresent() ? new Outcome.Retry(said, after) : new Outcome.Refused(said);
            case OK,
                    UNKNOWN,
                    INVALID_ARGUMENT,
                    NOT_FOUND,
                    ALREADY_EXISTS,
                    PERMISSION_DENIED,
                    FAILED_PRECONDITION,
                    UNIMPLEMENTED,
                    INTERNAL,
                    UNAUTHENTICATED ->
                    new Outcome.Refused(said);
        };
    }

    private String why(Status status) {
        var why = new StringBuilder("\"").append(config.target()).append("\": ");
        why.append(status.getCode());
        String said = status.getDescription();
        if (said != null) { // behind its first line grpc lists its own innards
            why.append(", \"").append(said.lines().findFirst().orElse("")).append('"');
        }
        Throwable cause = status.getCause();
        if (cause != null && cause.getMessage() != null) {
            why.append(", ").append(cause.getMessage());
        }
        return why.toString();
    }

    @Override
    public void close() {
        channel.shutdownNow();
        try {
            channel.awaitTermination(SHUTDOWN_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
