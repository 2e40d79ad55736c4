package dev.firn.receive;

import dev.firn.base.WorldException;
import dev.firn.base.security.Authenticator;
import dev.firn.base.security.ServerSecurity;
import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerStreamTracer;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/// OTLP/gRPC: `opentelemetry.proto.collector.metrics.v1.MetricsService/Export`, without generated
/// classes. Callbacks run on grpc's event loops and only copy; each complete request gets a virtual
/// thread, of which there are at most [ServerLimits#concurrentRequestsMax].
public final class GrpcOtlpServer implements AutoCloseable {
    private static final String SERVICE = "opentelemetry.proto.collector.metrics.v1.MetricsService";
    private static final String OTHERS = "opentelemetry.proto.collector.";
    private static final String TOO_LARGE = "gRPC message exceeds maximum size";

    /// Kept here, because the JDK holds loggers weakly and would forget the level: grpc logs a
    /// stack for every message that is too large, which its sender is told and [Oversizes] counts.
    private static final Logger STREAMS =
            Logger.getLogger("io.grpc.netty.shaded.io.grpc.netty.NettyServerStream");

    static {
        STREAMS.setLevel(Level.SEVERE);
    }

    private final Admission admission;
    private final Receiver receiver;
    private final ExecutorService executor =
            Executors.newThreadPerTaskExecutor(
                    Thread.ofVirtual().name("firn-otlp-grpc-", 0).factory());
    private final @Nullable Authenticator authenticator;
    private final Server server;

    /// In plain text, for anybody.
    public GrpcOtlpServer(InetSocketAddress address, Receiver receiver, Admission admission) {
        this(address, receiver, admission, ServerSecurity.NONE);
    }

    /// Binds and serves; port 0 takes a free one.
    ///
    /// @throws WorldException when the address cannot be bound
    public GrpcOtlpServer(
            InetSocketAddress address,
            Receiver receiver,
            Admission admission,
            ServerSecurity security) {
        this.authenticator = security.authenticator().orElse(null);
        this.admission = admission;
        this.receiver = receiver;
        ServerLimits limits = admission.limits();
        var builder = NettyServerBuilder.forAddress(address);
        security.tls().ifPresent(tls -> builder.sslContext(GrpcTls.server(tls)));
        server =
                builder.directExecutor()
                        // and one for the mark of GrpcMessages
                        .maxInboundMessageSize(limits.grpcMessageBytesMax() + 1)
                        .maxConcurrentCallsPerConnection(limits.concurrentRequestsMax())
                        .decompressorRegistry(GrpcMessages.registry())
                        .addService(service())
                        .fallbackHandlerRegistry(new OtherSignals())
                        .addStreamTracerFactory(new Oversizes())
                        .build();
        try {
            server.start();
        } catch (IOException e) {
            executor.close();
            throw Bindings.failed("OTLP/gRPC", "receivers.otlp.protocols.grpc", address, e);
        }
    }

    /// The bound port.
    public int port() {
        return server.getPort();
    }

    private ServerServiceDefinition service() {
        var method =
                MethodDescriptor.<GrpcMessages.Message, byte[]>newBuilder()
                        .setType(MethodDescriptor.MethodType.UNARY)
                        .setFullMethodName(
                                MethodDescriptor.generateFullMethodName(SERVICE, "Export"))
                        .setRequestMarshaller(
                                new GrpcMessages(
                                        admission.buffers(),
                                        admission.limits().grpcMessageBytesMax()))
                        .setResponseMarshaller(new GrpcMessages.Answers())
                        .build();
        return ServerServiceDefinition.builder(
                        ServiceDescriptor.newBuilder(SERVICE).addMethod(method).build())
                .addMethod(method, this::start)
                .build();
    }

    private ServerCall.Listener<GrpcMessages.Message> start(
            ServerCall<GrpcMessages.Message, byte[]> call, Metadata headers) {
        var export = new GrpcExport(call, receiver, admission, executor);
        if (authenticator == null) {
            // 2: the second one would be an error, and is seen as such
            call.request(2);
        } else {
            executor.execute(() -> authenticate(authenticator, call, headers, export));
        }
        return export;
    }

    /// Before the message is asked for. Not on the event loop: a password's hash takes long.
    private static void authenticate(
            Authenticator authenticator,
            ServerCall<GrpcMessages.Message, byte[]> call,
            Metadata headers,
            GrpcExport export) {
        var why =
                authenticator.refusal(name ->
                        headers.get(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER)));
        if (why.isEmpty()) {
            call.request(2);
        } else {
            export.end(
                    Refusal.of(
                            Refusal.Kind.UNAUTHENTICATED, "cannot take the request: " + why.get()));
        }
    }

    /// Stops accepting and waits for calls in flight, at most [ServerLimits#drainMillis]; then
    /// breaks them off.
    @Override
    public void close() {
        server.shutdown();
        boolean interrupted = false;
        try {
            server.awaitTermination(admission.limits().drainMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        server.shutdownNow();
        executor.shutdownNow();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// Answers traces and logs with a message that says why they are not taken.
    private final class OtherSignals extends HandlerRegistry {
        @Override
        public @Nullable ServerMethodDefinition<?, ?> lookupMethod(
                String name, @Nullable String authority) {
            if (!name.startsWith(OTHERS) || name.startsWith(OTHERS + "metrics.")) {
                return null;
            }
            var answers = new GrpcMessages.Answers();
            var method =
                    MethodDescriptor.<GrpcMessages.Message, byte[]>newBuilder()
                            .setType(MethodDescriptor.MethodType.UNARY)
                            .setFullMethodName(name)
                            .setRequestMarshaller(new GrpcMessages(admission.buffers(), 1))
                            .setResponseMarshaller(answers)
                            .build();
            return ServerMethodDefinition.create(
                    method,
                    (call, headers) -> {
                        GrpcExport.refuse(
                                call,
                                admission,
                                Refusal.of(
                                        Refusal.Kind.NOT_FOUND,
                                        "cannot take \""
                                                + name
                                                + "\": Firn keeps metrics only; send other signals"
                                                + " elsewhere"));
                        return new ServerCall.Listener<>() {};
                    });
        }
    }

    /// Counts messages that grpc itself refused for their size: their calls never reach us.
    private final class Oversizes extends ServerStreamTracer.Factory {
        private final ServerStreamTracer tracer =
                new ServerStreamTracer() {
                    @Override
                    public void streamClosed(Status status) {
                        String why = status.getDescription();
                        if (status.getCode() == Status.Code.RESOURCE_EXHAUSTED
                                && why != null
                                && why.contains(TOO_LARGE)) {
                            admission.countRefused(
                                    Refusal.limit(
                                            Refusal.Limit.BODY_BYTES,
                                            Refusal.Kind.TOO_LARGE,
                                            0,
                                            why));
                        }
                    }
                };

        @Override
        public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
            return tracer;
        }
    }
}
