package dev.firn.engine.child;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.firn.base.Browsers;
import dev.firn.base.WorldException;
import dev.firn.engine.child.Engine.Role;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The ClickHouse HTTP interface over an [Engine]: accepts connections and answers `/`, `/ping` and
/// `/replicas_status`. A platform thread a connection, since native calls pin virtual ones.
final class EngineServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EngineServer.class);

    /// As ClickHouse's own threads have: it refuses statements over views over views else.
    static final long STACK_BYTES = 8L << 20;

    private static final int IDLE_MILLIS = 60_000;
    private static final int BACKLOG = 128;
    private static final int DRAIN_BYTES_MAX = 1 << 20;
    private static final int CLOSE_MILLIS = 3_000;

    /// Longer without a byte taken, and the client is cut.
    private static final long WRITE_MILLIS_MAX = 30_000;

    /// Request lines of more than 64 KiB being read at once.
    private static final int LONG_LINES_MAX = 16;

    /// How long the last answer of a connection waits to be taken.
    private static final long LINGER_MILLIS_MAX = 2_000;

    private static final long DRAIN_MILLIS_MAX = 5_000;
    private static final long ACCEPT_PAUSE_NANOS = 50_000_000L;
    private static final String METHODS = "GET, HEAD, POST, OPTIONS";

    /// For the internal user: what was counted, as one line of pairs.
    static final String FIGURES = "/firn/figures";

    /// For the internal user: what statements took, until that is written down.
    static final String QUERIES = "/firn/queries";

    private static final byte[] OK = "Ok.\n".getBytes(UTF_8);

    private final Engine engine;
    private final RunningQueries running;
    private final QueryService service;
    private final ServerSocket listener;
    private final Connections connections;
    private final Browsers browsers;
    private final WriteWatch writes = new WriteWatch(WRITE_MILLIS_MAX);
    private final Semaphore longLines = new Semaphore(LONG_LINES_MAX);
    private volatile boolean closing;

    /// Opens the data and takes the port; a busy port is a [WorldException].
    EngineServer(EngineConfig config) {
        this.connections = new Connections(config.limits().connectionsMax());
        this.listener = listen(config); // first: fails fast, and clients wait in the backlog
        try {
            this.engine = new Engine(config);
        } catch (RuntimeException e) {
            closeQuietly(listener);
            throw e;
        }
        var address = new InetSocketAddress(config.host(), listener.getLocalPort());
        this.browsers =
                config.accounts()
                        .hosts()
                        .map(hosts -> Browsers.ownPages(address, hosts))
                        .orElseGet(() -> Browsers.ownPages(address));
        this.running =
                new RunningQueries(config.limits().queriesMax(), config.limits().queriesPerUser());
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
                Thread.ofPlatform()
                        .daemon()
                        .name("http")
                        .stackSize(STACK_BYTES)
                        .start(() -> serve(socket));
            } catch (IOException e) {
                if (!closing) {
                    LOG.warn("cannot accept a connection: {}", e.getMessage());
                    LockSupport.parkNanos(ACCEPT_PAUSE_NANOS); // out of files, most likely
                }
            } catch (Throwable e) {
                // A server that accepts nothing more is of no use to anyone; a new one is.
                LOG.error("cannot accept connections any more; ending the process", e);
                Runtime.getRuntime().halt(3);
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            var in = new HttpInput(socket, IDLE_MILLIS, longLines);
            var out = new BufferedOutputStream(writes.output(socket), 64 << 10);
            boolean more = true;
            while (more && !closing) {
                more = exchange(in, out, socket);
                out.flush();
            }
            linger(in, socket);
        } catch (IOException e) {
            LOG.debug("a connection ended: {}", e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("a request failed inside the engine's front end", e);
        } finally {
            connections.remove(socket);
        }
    }

    /// Closing with bytes unread would reset the connection, and the client would lose its answer.
    private static void linger(HttpInput in, Socket socket) throws IOException {
        socket.shutdownOutput();
        in.limit(LINGER_MILLIS_MAX);
        drained(in);
    }

    /// One request and its answer; false: the connection must end.
    private boolean exchange(HttpInput in, OutputStream out, Socket socket) throws IOException {
        Http.Request request;
        try {
            request = Http.read(in, out);
        } catch (Http.MalformedException e) {
            byte[] text = ("Cannot read the request: " + e.getMessage() + "\n").getBytes(UTF_8);
            out.write(
                    ("HTTP/1.1 400 Bad Request\r\nConnection: Close\r\nContent-Type: text/plain;"
                                    + " charset=UTF-8\r\nContent-Length: "
                                    + text.length
                                    + "\r\n\r\n")
                            .getBytes(UTF_8));
            out.write(text);
            return false;
        }
        if (request == null) {
            return false;
        }
        var response = new Http.Response(out, request);
        response.header("X-ClickHouse-Server-Display-Name", "firn");
        response.header("Content-Type", "text/plain; charset=UTF-8");
        try {
            route(request, response, in, socket);
        } catch (EngineException e) {
            fail(response, e);
        } catch (IOException e) {
            // The request's body broke off or is not what it says; nothing of it was stored.
            response.closeAfter();
            if (response.begun()) {
                throw e;
            }
            fail(
                    response,
                    EngineException.of(
                            EngineException.CANNOT_READ_ALL_DATA,
                            "CANNOT_READ_ALL_DATA",
                            "Cannot read the request: " + e.getMessage()));
        }
        in.limit(DRAIN_MILLIS_MAX);
        return response.keepAlive() && drained(request.body());
    }

    private static String header(Http.Request request, String name) {
        String value = request.header(name);
        return value == null ? "" : value;
    }

    private void route(Http.Request request, Http.Response response, HttpInput in, Socket socket)
            throws IOException {
        Optional<String> refusal =
                browsers.refusal(
                        header(request, "host"),
                        header(request, "origin"),
                        header(request, "sec-fetch-site"));
        if (refusal.isPresent()) {
            response.status(403);
            response.closeAfter();
            response.send(("Cannot answer: " + refusal.get() + "\n").getBytes(UTF_8));
            return;
        }
        switch (request.method()) {
            case "GET", "POST", "HEAD" -> {}
            case "OPTIONS" -> {
                response.status(204);
                response.header("Allow", METHODS);
                response.send(new byte[0]);
                return;
            }
            default -> {
                response.status(405);
                response.header("Allow", METHODS);
                response.send("Use GET or POST.\n".getBytes(UTF_8));
                return;
            }
        }
        switch (request.path()) {
            case "/ping", "/replicas_status" -> {
                if (connections.isSurplus(socket)) {
                    response.closeAfter();
                }
                response.send(OK);
            }
            case FIGURES -> {
                if (service.authenticate(request, from(socket)).role() != Role.INTERNAL) {
                    throw EngineException.readOnly("Only user firn sees the engine's figures");
                }
                connections.internal(socket);
                response.send((service.figures().toLine() + "\n").getBytes(UTF_8));
            }
            case QUERIES -> {
                if (service.authenticate(request, from(socket)).role() != Role.INTERNAL) {
                    throw EngineException.readOnly("Only user firn sees what queries took");
                }
                connections.internal(socket);
                response.send(service.tell(request).getBytes(UTF_8));
            }
            case "/" -> {
                if (request.method().equals("POST") || request.parameter("query") != null) {
                    run(request, response, in, socket);
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
                                .getBytes(UTF_8));
            }
        }
    }

    private static String from(Socket socket) {
        return socket.getInetAddress().getHostAddress();
    }

    private void run(Http.Request request, Http.Response response, HttpInput in, Socket socket)
            throws IOException {
        Users.Asking asking = service.authenticate(request, from(socket));
        switch (asking.role()) {
            case INTERNAL -> connections.internal(socket);
            case READER, ADMIN -> {
                if (connections.isSurplus(socket)) {
                    response.closeAfter();
                    throw EngineException.of(
                            EngineException.TOO_MANY_SIMULTANEOUS_QUERIES,
                            "TOO_MANY_SIMULTANEOUS_QUERIES",
                            "Too many connections; try again in a moment");
                }
            }
        }
        service.run(request, response, in, asking);
    }

    private static void fail(Http.Response response, EngineException e) throws IOException {
        response.status(e.httpStatus());
        response.header("Content-Type", "text/plain; charset=UTF-8");
        response.header("X-ClickHouse-Exception-Code", Integer.toString(e.code()));
        if (e.code() == EngineException.TOO_MANY_SIMULTANEOUS_QUERIES) {
            response.header("Retry-After", "1");
        }
        response.send((e.text() + "\n").getBytes(UTF_8));
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
            LockSupport.parkNanos(5_000_000);
        }
        connections.closeAll();
        writes.close();
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
