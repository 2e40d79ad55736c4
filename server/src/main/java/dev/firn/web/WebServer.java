package dev.firn.web;

import dev.firn.base.Browsers;
import dev.firn.base.Clock;
import dev.firn.base.InputException;
import dev.firn.base.OwnMetrics;
import dev.firn.base.Ports;
import dev.firn.base.WorldException;
import dev.firn.base.security.Accounts;
import dev.firn.base.security.Sessions;
import dev.firn.config.Config.Address;
import dev.firn.config.WebConfig;
import dev.firn.engine.EngineException;
import dev.firn.receive.UndecodedBodies;
import dev.firn.web.page.AnnotationRoutes;
import dev.firn.web.page.LiveFeed;
import dev.firn.web.page.PageRoutes;
import dev.firn.web.page.ViewRoutes;
import dev.firn.web.prometheus.PromqlRoutes;
import dev.firn.web.prometheus.RuleRoutes;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/// The server on :8080.
public final class WebServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WebServer.class);
    private static final Header TEXT =
            HeaderValues.create("Content-Type", "text/plain; charset=utf-8");
    private static final Header JSON = HeaderValues.create("Content-Type", "application/json");
    private static final Header SVG = HeaderValues.create("Content-Type", "image/svg+xml");
    private static final Header NOT_KEPT = HeaderValues.create("Cache-Control", "no-cache");
    private static final Header EXPOSITION =
            HeaderValues.create("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    static final String REMOTE_WRITE = "/api/v1/write";
    private static final int AUDIT_ENTRIES = 100;
    private static final int STATEMENT_BYTES_MAX = 1 << 20;
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    /// Header by which the engine knows for whom it is asked.
    private static final String FOR = "X-Firn-User";

    private final Sources sources;
    private final Guard guard;
    private final SessionRoutes session;
    private final AuditLog audit;
    private final io.helidon.webserver.WebServer server;
    private final ReentrantLock verifying = new ReentrantLock();
    private final HttpClient client =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(5))
                    .build();

    private WebServer(
            WebConfig config,
            Accounts accounts,
            Sources sources,
            AuditLog audit,
            OwnMetrics metrics,
            Clock clock) {
        Address address = config.endpoint();
        this.sources = sources;
        this.audit = audit;
        var sessions = new Sessions(accounts, clock);
        this.guard =
                new Guard(
                        Browsers.ownPages(
                                new InetSocketAddress(address.host(), address.port()),
                                config.hosts()),
                        accounts,
                        sessions,
                        audit,
                        config.requestsPerUser(),
                        metrics);
        this.session =
                new SessionRoutes(accounts, sessions, guard, audit, config.tls().isPresent());
        this.server =
                io.helidon.webserver.WebServer.builder()
                        .host(address.host())
                        .port(address.port())
                        .shutdownHook(false)
                        .tls(config.security(clock).helidonTls())
                        .contentEncoding(new UndecodedBodies())
                        .routing(this::routes)
                        .build();
    }

    /// Binds and serves.
    ///
    /// @param accounts who may ask
    /// @param audit gets what was done
    public static WebServer open(
            WebConfig config,
            Accounts accounts,
            Sources sources,
            AuditLog audit,
            OwnMetrics metrics,
            Clock clock) {
        Address address = config.endpoint();
        try {
            Ports.probe(new InetSocketAddress(address.host(), address.port()));
        } catch (IOException e) {
            throw failed(address, e);
        }
        var web = new WebServer(config, accounts, sources, audit, metrics, clock);
        web.server.start();
        if (!web.server.isRunning()) {
            throw failed(address, null);
        }
        return web;
    }

    private static WorldException failed(Address address, @Nullable IOException cause) {
        return new WorldException(
                "cannot listen on "
                        + address
                        + " for the web interface"
                        + (cause == null ? "" : ": " + cause.getMessage())
                        + "; end what uses the port or set web.endpoint",
                cause);
    }

    /// The port that is served.
    public int port() {
        return server.port();
    }

    /// All that is answered.
    void routes(HttpRouting.Builder routing) {
        routing.addFilter(guard);
        routing.error(
                InputException.class,
                (request, response, e) -> {
                    response.status(Status.BAD_REQUEST_400);
                    send(response, TEXT, e.getMessage() + "\n");
                });
        routing.error(EngineException.class, this::engineFailed);
        routing.error(
                RuntimeException.class,
                (request, response, e) -> {
                    LOG.error("cannot answer {}", request.path().path(), e);
                    response.status(Status.INTERNAL_SERVER_ERROR_500);
                    send(response, TEXT, messageOf(e) + "\n");
                });
        routing.get("/live", (request, response) -> send(response, TEXT, "ok\n"));
        routing.get("/ready", this::ready);
        new HealthRoutes(sources.status(), sources.health()).route(routing);
        routing.get(
                "/metrics",
                (request, response) -> response.header(EXPOSITION).send(sources.metrics().get()));
        routing.get(
                "/api/firn/v1/info", (request, response) -> json(response, sources.info().get()));
        routing.get("/api/firn/v1/wal", (request, response) -> json(response, sources.wal().get()));
        routing.get(
                "/api/firn/v1/lake",
                (request, response) -> optional(response, sources.lake(), "lake"));
        routing.get(
                "/api/firn/v1/lake/verify",
                (request, response) ->
                        oneAtATime(
                                response,
                                () -> optional(response, sources.verify(), "lake and engine")));
        routing.get(
                "/api/firn/v1/wal/verify",
                (request, response) ->
                        oneAtATime(response, () -> json(response, sources.walVerify().get())));
        sources.iceberg().ifPresent(served -> new IcebergRoutes(served).register(routing));
        routing.post("/api/firn/v1/wal/retry", this::retry);
        routing.post("/api/firn/v1/sql", this::sql);
        var lake = new LakeRoutes(sources.lakeQuestions(), this::forward);
        routing.post(
                "/api/firn/v1/lake/sql",
                (request, response) -> withStatement(request, response, lake::sql));
        routing.post(
                "/api/firn/v1/lake/plan",
                (request, response) -> withStatement(request, response, lake::plan));
        routing.get("/api/firn/v1/lake/diff", lake::diff);
        sources.readings()
                .forEach((name, reading) ->
                        routing.get(
                                "/api/firn/v1/" + name,
                                (request, response) ->
                                        answer(response, reading.answer(parameters(request)))));
        routing.get(
                "/api/firn/v1/openapi.json",
                (request, response) -> response.header(JSON).send(OpenApi.TEXT));
        new PromqlRoutes(sources.promql(), System::currentTimeMillis).register(routing);
        sources.remoteWrite().ifPresent(write -> routing.post(REMOTE_WRITE, write));
        new RuleRoutes(sources.rules()).register(routing);
        new Tasks(sources.tasks()).route(routing);
        session.register(routing);
        routing.get("/api/firn/v1/audit", this::audit);
        sources.live().ifPresent(live -> live.register(routing));
        new AnnotationRoutes(sources.annotations(), System::currentTimeMillis).register(routing);
        new ViewRoutes(sources.views(), System::currentTimeMillis).register(routing);
        new PageRoutes().register(routing);
        routing.any(WebServer::nothingHere);
    }

    private void audit(ServerRequest request, ServerResponse response) {
        String limit = request.query().first("limit").orElse("" + AUDIT_ENTRIES);
        if (!limit.matches("[0-9]{1,4}")) {
            throw new InputException("limit: \"" + limit + "\" is no number of up to 4 digits");
        }
        json(response, Map.of("entries", audit.newest(Integer.parseInt(limit))));
    }

    private void answer(ServerResponse response, Object answer) {
        if (answer instanceof Drawing drawing) {
            response.header(NOT_KEPT);
            response.header(SVG).send(drawing.svg());
        } else {
            json(response, answer);
        }
    }

    static Map<String, String> parameters(ServerRequest request) {
        var parameters = new LinkedHashMap<String, String>();
        for (String key : request.query().names()) {
            parameters.put(key, request.query().get(key));
        }
        return parameters;
    }

    private static void nothingHere(ServerRequest request, ServerResponse response) {
        response.status(Status.NOT_FOUND_404);
        send(response, TEXT, "nothing answers " + request.prologue().method().text() + " here\n");
    }

    private void ready(ServerRequest request, ServerResponse response) {
        dev.firn.web.Status status = sources.status().get();
        response.status(status.ready() ? Status.OK_200 : Status.SERVICE_UNAVAILABLE_503);
        send(
                response,
                TEXT,
                status.ready()
                        ? "ready\n"
                        : "waiting for " + String.join(", ", status.waitingFor()) + "\n");
    }

    private void retry(ServerRequest request, ServerResponse response) {
        json(response, sources.retryQuarantine().get());
    }

    /// Verifications read everything.
    private void oneAtATime(ServerResponse response, Runnable answer) {
        if (!verifying.tryLock()) {
            response.status(Status.SERVICE_UNAVAILABLE_503);
            send(
                    response,
                    TEXT,
                    "cannot verify: a verification is already running; try again later\n");
            return;
        }
        try {
            answer.run();
        } finally {
            verifying.unlock();
        }
    }

    /// Hands a statement to the engine as its reader and streams the answer.
    private void sql(ServerRequest request, ServerResponse response) {
        if (sources.engineUrl().isEmpty()) {
            response.status(Status.NOT_FOUND_404);
            send(
                    response,
                    TEXT,
                    "cannot run SQL: this Firn has no engine (engine.enabled is false)\n");
            return;
        }
        withStatement(
                request,
                response,
                (asked, statement, answer) ->
                        forward(
                                asked,
                                statement,
                                asked.query().first("format").orElse("TabSeparatedWithNames"),
                                sources.engineDatabase(),
                                answer));
    }

    private interface StatementAnswer {
        void of(ServerRequest request, byte[] statement, ServerResponse response);
    }

    private static void withStatement(
            ServerRequest request, ServerResponse response, StatementAnswer answer) {
        byte[] statement;
        try (InputStream body = request.content().inputStream()) {
            statement = body.readNBytes(STATEMENT_BYTES_MAX + 1);
        } catch (IOException e) {
            return; // the client left
        }
        if (statement.length > STATEMENT_BYTES_MAX) {
            response.status(Status.REQUEST_ENTITY_TOO_LARGE_413);
            send(
                    response,
                    TEXT,
                    "cannot run SQL: a statement may have " + STATEMENT_BYTES_MAX + " bytes\n");
            return;
        }
        answer.of(request, statement, response);
    }

    /// Firn's own engine knows its reader; a server that `engine.url` names may let its user
    /// `default` write. With 2 a statement could use table functions (`url`, `file`) plainly.
    ///
    /// @param database of the statement
    private void forward(
            ServerRequest asked,
            byte[] statement,
            String format,
            String database,
            ServerResponse response) {
        String url =
                sources.engineUrl().orElseThrow().get()
                        + "/?default_format="
                        + URLEncoder.encode(format, StandardCharsets.UTF_8)
                        + "&readonly=1&database="
                        + database;
        HttpRequest.Builder forward =
                HttpRequest.newBuilder(URI.create(url))
                        .POST(HttpRequest.BodyPublishers.ofByteArray(statement));
        sources.engineReader().get().forEach(forward::header);
        String source = AskingSource.of(asked);
        if (!source.isEmpty()) {
            forward.header(AskingSource.HEADER, source);
        }
        forward.header(FOR, Guard.asker(asked));
        stream(forward.build(), response);
    }

    private void stream(HttpRequest forward, ServerResponse response) {
        HttpResponse<InputStream> answer;
        try {
            answer = client.send(forward, HttpResponse.BodyHandlers.ofInputStream());
        } catch (IOException e) {
            response.status(Status.SERVICE_UNAVAILABLE_503);
            send(
                    response,
                    TEXT,
                    "cannot run SQL: the engine does not answer ("
                            + e.getMessage()
                            + "); try again\n");
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CloseConnectionException("interrupted", e);
        }
        response.status(Status.create(answer.statusCode()));
        for (String name :
                new String[] {
                    "Content-Type", "X-ClickHouse-Exception-Code", "X-ClickHouse-Summary"
                }) {
            answer.headers()
                    .firstValue(name)
                    .ifPresent(value -> response.header(HeaderNames.create(name), value));
        }
        try (InputStream in = answer.body()) {
            OutputStream out = response.outputStream();
            in.transferTo(out);
            out.close(); // only here: an answer that broke off must not look whole
        } catch (IOException e) {
            throw new CloseConnectionException("the answer broke off", e);
        }
    }

    private void optional(ServerResponse response, Optional<Supplier<Object>> source, String what) {
        if (source.isEmpty()) {
            response.status(Status.NOT_FOUND_404);
            send(response, TEXT, "cannot answer: this Firn has no " + what + "\n");
            return;
        }
        json(response, source.get().get());
    }

    private void json(ServerResponse response, Object value) {
        response.header(JSON).send(MAPPER.writeValueAsBytes(value));
    }

    private static void send(ServerResponse response, Header type, String text) {
        response.header(type).send(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        LOG.debug("web server closes");
        sources.live().ifPresent(LiveFeed::close);
        server.stop();
        client.shutdownNow();
    }

    /// An engine that is away answers the same question later; 503 says so to who asks.
    private void engineFailed(ServerRequest request, ServerResponse response, EngineException e) {
        boolean away = e.away();
        if (away) {
            LOG.warn("cannot answer {}: {}", request.path().path(), e.getMessage());
        } else {
            LOG.error("cannot answer {}", request.path().path(), e);
        }
        response.status(away ? Status.SERVICE_UNAVAILABLE_503 : Status.INTERNAL_SERVER_ERROR_500);
        send(response, TEXT, e.getMessage() + "\n");
    }

    /// Turns what a supplier throws into an answer instead of a stack trace.
    static String messageOf(RuntimeException e) {
        return e instanceof InputException || e instanceof WorldException
                ? String.valueOf(e.getMessage())
                : "this is a bug of Firn: " + e;
    }
}
