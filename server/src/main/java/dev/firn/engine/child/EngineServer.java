package dev.firn.engine.child;

import dev.firn.base.WorldException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The ClickHouse HTTP interface over an [Engine]: accepts connections and answers `/`, `/ping` and
/// `/replicas_status`. A platform thread a connection, since native calls pin virtual ones.
final class EngineServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EngineServer.class);
    private static final int IDLE_MILLIS = 60_000;
    private static final int BACKLOG = 128;
    private static final int DRAIN_BYTES_MAX = 1 << 20;
    private static final int CLOSE_MILLIS = 3_000;
    private static final byte[] OK = "Ok.\n".getBytes(StandardCharsets.UTF_8);

    private final EngineConfig config;
    private final Engine engine;
    private final RunningQueries running;
    private final QueryService service;
    private final ServerSocket listener;
    private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
    private volatile boolean closing;

    /// Opens the data and takes the port; a busy port is a [WorldException].
    EngineServer(EngineConfig config) {
        this.config = config;
        this.listener = listen(config); // first: fails fast, and clients wait in the backlog
        try {
            this.engine = new Engine(config);
        } catch (RuntimeException e) {
            closeQuietly(listener);
            throw e;
        }
        this.running = new RunningQueries(config.limits().queriesMax());
        this.service = new QueryService(engine, config, running);
        Thread.ofPlatform().daemon().name("accept").start(this::accept);
    }

    private static ServerSocket listen(EngineConfig config) {
        try {
            var socket = new ServerSocket();
            // Connections of a child that was killed must not keep the next one from its port.
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(config.host(), config.port()), BACKLOG);
            return socket;
        } catch (IOException e) {
            throw new WorldException(
                    "cannot listen on "
                            + config.host()
                            + ":"
                            + config.port()
                            + " for the engine: "
                            + e.getMessage()
                            + "; stop what uses the port or set engine.endpoint to another address",
                    e);
        }
    }

    int port() {
        return listener.getLocalPort();
    }

    String version() {
        return engine.version();
    }

    private void accept() {
        while (!closing) {
            try {
                Socket socket = listener.accept();
                connections.add(socket);
                Thread.ofPlatform().daemon().name("http").start(() -> serve(socket));
            } catch (IOException e) {
                if (!closing) {
                    LOG.warn("cannot accept a connection: {}", e.getMessage());
                }
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            var in = new HttpInput(socket, IDLE_MILLIS);
            var out = new BufferedOutputStream(socket.getOutputStream(), 64 << 10);
            boolean more = connections.size() <= config.limits().connectionsMax();
            if (!more) {
                refuse(out);
            }
            while (more && !closing) {
                more = exchange(in, out);
                out.flush();
            }
        } catch (IOException e) {
            LOG.debug("a connection ended: {}", e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("a request failed inside the engine's front end", e);
        } finally {
            connections.remove(socket);
        }
    }

    private static void refuse(OutputStream out) throws IOException {
        out.write(
                ("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n"
                                + "Connection: Close\r\n\r\n")
                        .getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    /// One request and its answer; false: the connection must end.
    private boolean exchange(HttpInput in, OutputStream out) throws IOException {
        Http.Request request;
        try {
            request = Http.read(in, out);
        } catch (Http.MalformedException e) {
            out.write(
                    ("HTTP/1.1 400 Bad Request\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n")
                            .getBytes(StandardCharsets.UTF_8));
            return false;
        }
        if (request == null) {
            return false;
        }
        var response = new Http.Response(out, request);
        response.header("X-ClickHouse-Server-Display-Name", "firn");
        response.header("Content-Type", "text/plain; charset=UTF-8");
        try {
            route(request, response, in);
        } catch (EngineException e) {
            fail(request, response, e);
        } catch (IOException e) {
            // The request's body broke off or is not what it says; nothing of it was stored.
            response.closeAfter();
            if (response.begun()) {
                throw e;
            }
            fail(
                    request,
                    response,
                    EngineException.of(
                            EngineException.CANNOT_READ_ALL_DATA,
                            "CANNOT_READ_ALL_DATA",
                            "Cannot read the request: " + e.getMessage()));
        }
        return response.keepAlive() && drained(request.body());
    }

    private void route(Http.Request request, Http.Response response, HttpInput in)
            throws IOException {
        switch (request.method()) {
            case "GET", "POST", "HEAD" -> {}
            case "OPTIONS" -> {
                response.status(204);
                response.send(new byte[0]);
                return;
            }
            default -> {
                response.status(405);
                response.send("Use GET or POST.\n".getBytes(StandardCharsets.UTF_8));
                return;
            }
        }
        switch (request.path()) {
            case "/ping", "/replicas_status" -> response.send(OK);
            case "/" -> {
                if (request.method().equals("POST") || request.parameter("query") != null) {
                    service.run(request, response, in);
                } else {
                    response.send(OK);
                }
            }
            default -> {
                response.status(404);
                response.send(
                        ("There is no handle "
                                        + request.path()
                                        + "\n\nUse / or /ping for health checks.\n")
                                .getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    private static void fail(Http.Request request, Http.Response response, EngineException e)
            throws IOException {
        response.status(e.httpStatus());
        response.header("Content-Type", "text/plain; charset=UTF-8");
        response.header("X-ClickHouse-Exception-Code", Integer.toString(e.code()));
        if (e.code() == EngineException.TOO_MANY_SIMULTANEOUS_QUERIES) {
            response.header("Retry-After", "1");
        }
        if (request.header("expect") != null) {
            response.closeAfter(); // the body may or may not come now
        }
        response.send((e.text() + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /// Reads what is left of a body that nobody wanted, up to a limit.
    private static boolean drained(InputStream body) {
        try {
            byte[] bytes = new byte[16 << 10];
            int total = 0;
            int count = body.read(bytes);
            while (count >= 0) {
                total += count;
                if (total > DRAIN_BYTES_MAX) {
                    return false;
                }
                count = body.read(bytes);
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /// Takes no more, stops readers' queries, lets inserts end for a moment, closes the data.
    @Override
    public void close() {
        closing = true;
        closeQuietly(listener);
        long deadline = System.nanoTime() + CLOSE_MILLIS * 1_000_000L;
        for (String mark : running.marks()) {
            if (mark.contains(":reader:")) {
                engine.kill(mark);
            }
        }
        while (!running.marks().isEmpty() && System.nanoTime() < deadline) {
            Thread.onSpinWait();
            java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
        }
        for (Socket socket : connections) {
            closeQuietly(socket);
        }
        if (running.marks().isEmpty()) {
            engine.close();
        }
    }

    private static void closeQuietly(java.io.Closeable closeable) {
        try {
            closeable.close();
        } catch (IOException e) {
            LOG.debug("cannot close: {}", e.getMessage());
        }
    }
}
