package dev.firn.receive;

import dev.firn.base.Ports;
import dev.firn.base.WorldException;
import dev.firn.base.security.ServerSecurity;
import io.helidon.common.socket.SocketOptions;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.HttpRouting;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/// OTLP/HTTP: `POST /v1/metrics`, protobuf and JSON, over HTTP/1.1. One virtual thread a
/// connection; [HttpExport] does a request.
public final class HttpOtlpServer implements AutoCloseable {
    /// Kept here, because the JDK holds loggers weakly and would forget the level: Helidon's INFO
    /// lines at start and stop say nothing that Firn's do not.
    private static final Logger HELIDON = Logger.getLogger("io.helidon");

    static {
        HELIDON.setLevel(Level.WARNING);
    }

    private final WebServer server;

    /// In plain text, for anybody but web pages.
    public HttpOtlpServer(InetSocketAddress address, Receiver receiver, Admission admission) {
        this(address, receiver, admission, ServerSecurity.NONE, Cors.NONE);
    }

    /// Binds and serves; port 0 takes a free one.
    ///
    /// @param cors web pages that may send all the same
    ///
    /// @throws WorldException when the address cannot be bound
    public HttpOtlpServer(
            InetSocketAddress address,
            Receiver receiver,
            Admission admission,
            ServerSecurity security,
            Cors cors) {
        probe(address);
        ServerLimits limits = admission.limits();
        var export =
                new HttpExport(
                        address, receiver, admission, security.authenticator().orElse(null), cors);
        server =
                WebServer.builder()
                        .bindAddress(address)
                        .tls(security.helidonTls())
                        .shutdownHook(false)
                        .protocolsDiscoverServices(true)
                        .contentEncoding(new UndecodedBodies())
                        .maxPayloadSize(HttpExport.discardedBytesMax(limits))
                        .maxTcpConnections(limits.connectionsMax())
                        .shutdownGracePeriod(Duration.ofMillis(limits.drainMillis()))
                        .connectionOptions(SocketOptions.builder().tcpNoDelay(true).build())
                        .directHandlers(directHandlers(admission))
                        .routing(HttpRouting.builder().any(export::handle))
                        .build();
        server.start();
        if (!server.isRunning()) {
            throw failed(address, null);
        }
    }

    private static void probe(InetSocketAddress address) {
        try {
            Ports.probe(address);
        } catch (IOException e) {
            throw failed(address, e);
        }
    }

    private static WorldException failed(InetSocketAddress address, @Nullable Throwable cause) {
        return Bindings.failed("OTLP/HTTP", "receivers.otlp.protocols.http", address, cause);
    }

    /// Requests that Helidon refuses before they reach [HttpExport] get a Status body too, and
    /// never a 500, which senders would not retry.
    private static DirectHandlers directHandlers(Admission admission) {
        var handlers = DirectHandlers.builder();
        for (DirectHandler.EventType type : DirectHandler.EventType.values()) {
            handlers.addHandler(
                    type,
                    (request, event, status, headers, message) ->
                            refuse(admission, request, status, headers));
        }
        return handlers.build();
    }

    private static DirectHandler.TransportResponse refuse(
            Admission admission,
            DirectHandler.TransportRequest request,
            Status status,
            ServerResponseHeaders headers) {
        Refusal refusal = HttpExport.refusal(status, admission.limits());
        Receiver.Format format = HttpExport.answerFormat(request.headers());
        admission.countRefused(refusal);
        admission.countHttp(Integer.toString(refusal.kind().httpStatus()));
        headers.set(HeaderNames.CONTENT_TYPE, HttpExport.mediaType(format));
        if (refusal.kind().retryable()) {
            headers.set(HeaderNames.RETRY_AFTER, Integer.toString(refusal.retryAfterSeconds()));
        }
        return DirectHandler.TransportResponse.builder()
                .status(Status.create(refusal.kind().httpStatus()))
                .headers(headers)
                .keepAlive(false)
                .entity(OtlpAnswers.status(format, refusal))
                .build();
    }

    /// The bound port.
    public int port() {
        return server.port();
    }

    /// Stops accepting and waits for requests in flight, at most [ServerLimits#drainMillis]; then
    /// breaks them off.
    @Override
    public void close() {
        server.stop();
    }
}
