package dev.firn.web;

import dev.firn.base.Browsers;
import dev.firn.base.Ports;
import dev.firn.base.WorldException;
import dev.firn.base.security.ServerSecurity;
import dev.firn.config.Config.Address;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The server of `service.telemetry.metrics`, :8888 unless the file says otherwise: `/metrics`, as
/// a Collector has it.
public final class TelemetryServer implements AutoCloseable {
    private static final Header EXPOSITION =
            HeaderValues.create("Content-Type", "text/plain; version=0.0.4; charset=utf-8");

    private final Browsers browsers;
    private final io.helidon.webserver.WebServer server;

    private TelemetryServer(Address address, ServerSecurity security, Supplier<byte[]> page) {
        this.browsers = Browsers.ownPages(new InetSocketAddress(address.host(), address.port()));
        this.server =
                io.helidon.webserver.WebServer.builder()
                        .host(address.host())
                        .port(address.port())
                        .shutdownHook(false)
                        .tls(security.helidonTls())
                        .routing(routing -> {
                            routing.addFilter(security.helidonFilter());
                            routing.any(this::keepPagesOut);
                            routing.get(
                                    "/metrics",
                                    (request, response) ->
                                            response.header(EXPOSITION).send(page.get()));
                        })
                        .build();
    }

    /// Binds and serves.
    ///
    /// @param security who may ask, and how
    /// @param page the metrics in text format 0.0.4
    public static TelemetryServer open(
            Address address, ServerSecurity security, Supplier<byte[]> page) {
        try {
            Ports.probe(new InetSocketAddress(address.host(), address.port()));
        } catch (IOException e) {
            throw failed(address, e.toString(), e);
        }
        var server = new TelemetryServer(address, security, page);
        server.server.start();
        if (!server.server.isRunning()) {
            throw failed(address, "it does not start", null);
        }
        return server;
    }

    private static WorldException failed(Address address, String why, @Nullable IOException cause) {
        return new WorldException(
                "cannot listen on "
                        + address
                        + " for Firn's own metrics: "
                        + why
                        + "; end what uses the port or set"
                        + " service.telemetry.metrics.readers to another",
                cause);
    }

    /// The port that is served.
    public int port() {
        return server.port();
    }

    private void keepPagesOut(ServerRequest request, ServerResponse response) {
        Optional<String> refusal =
                browsers.refusal(
                        header(request, "Host"),
                        header(request, "Origin"),
                        header(request, "Sec-Fetch-Site"));
        if (refusal.isPresent()) {
            response.status(Status.FORBIDDEN_403).send("refused: " + refusal.get() + "\n");
        } else {
            response.next();
        }
    }

    private static String header(ServerRequest request, String name) {
        return request.headers().first(HeaderNames.create(name)).orElse("");
    }

    @Override
    public void close() {
        server.stop();
    }
}
