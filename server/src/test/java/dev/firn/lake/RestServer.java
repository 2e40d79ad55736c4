package dev.firn.lake;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.firn.base.NioDisk;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.random.RandomGenerator;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.SessionCatalog;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.NoSuchNamespaceException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.rest.CatalogHandlers;
import org.apache.iceberg.rest.HTTPClient;
import org.apache.iceberg.rest.RESTCatalogProperties;
import org.apache.iceberg.rest.RESTSerializers;
import org.apache.iceberg.rest.RESTSessionCatalog;
import org.apache.iceberg.rest.auth.AuthSession;
import org.apache.iceberg.rest.requests.CreateNamespaceRequest;
import org.apache.iceberg.rest.requests.CreateTableRequest;
import org.apache.iceberg.rest.requests.UpdateTableRequest;
import org.apache.iceberg.rest.responses.ConfigResponse;
import org.apache.iceberg.rest.responses.ErrorResponse;
import org.apache.iceberg.rest.responses.LoadTableResponse;

/// An Iceberg REST catalog over another catalog, with as much of the protocol as Firn needs. A
/// share of its commits is answered 503 after they were done, half of them with Retry-After, which
/// makes the client repeat them in secret.
final class RestServer implements AutoCloseable {
    private final HttpServer server;
    private final Catalog catalog;
    private final ObjectMapper json = new ObjectMapper();
    private final RandomGenerator random;
    volatile double falseShare;

    /// Demanded of every request but those for tokens; "": none.
    volatile String token = "";

    /// What the server takes for a token, `id:secret`; "": it gives none.
    volatile String credential = "";

    /// Vended for each table's files to who asks for credentials.
    volatile Map<String, String> vended = Map.of();

    RestServer(Catalog catalog, RandomGenerator random) throws IOException {
        this.catalog = catalog;
        this.random = random;
        json.setVisibility(PropertyAccessor.FIELD, JsonAutoDetect.Visibility.ANY);
        json.configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);
        json.setPropertyNamingStrategy(new PropertyNamingStrategies.KebabCaseStrategy());
        RESTSerializers.registerAll(json);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/v1/", this::handle);
        server.start();
    }

    /// A new client, as another process would have.
    Catalog client() {
        var session =
                new RESTSessionCatalog(
                        properties ->
                                HTTPClient.builder(properties)
                                        .uri(properties.get("uri"))
                                        .withAuthSession(AuthSession.EMPTY)
                                        .build(),
                        (context, properties) -> new LakeFiles(new NioDisk()));
        session.initialize(
                "rest", Map.of("uri", "http://127.0.0.1:" + server.getAddress().getPort()));
        return session.asCatalog(SessionCatalog.SessionContext.createEmpty());
    }

    String uri() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            if (exchange.getRequestURI().getPath().equals("/v1/oauth/tokens")) {
                giveToken(exchange, new String(body, StandardCharsets.UTF_8));
                return;
            }
            String shown = exchange.getRequestHeaders().getFirst("Authorization");
            if (!token.isEmpty() && !("Bearer " + token).equals(shown)) {
                send(exchange, 401, error(401, "NotAuthorizedException", "no such token"));
                return;
            }
            try {
                Object answer = answer(exchange, body);
                boolean commit =
                        answer != null
                                && exchange.getRequestMethod().equals("POST")
                                && exchange.getRequestURI().getPath().split("/").length == 6;
                if (commit && random.nextDouble() < falseShare) {
                    if (random.nextBoolean()) {
                        exchange.getResponseHeaders().set("Retry-After", "0");
                    }
                    send(exchange, 503, error(503, "ServiceUnavailableException", "a false one"));
                } else if (answer == null) {
                    exchange.sendResponseHeaders(204, -1);
                } else {
                    send(exchange, 200, answer);
                }
            } catch (RuntimeException e) {
                int code =
                        switch (e) {
                            case NoSuchTableException _ -> 404;
                            case NoSuchNamespaceException _ -> 404;
                            case AlreadyExistsException _ -> 409;
                            case CommitFailedException _ -> 409;
                            default -> 500;
                        };
                send(
                        exchange,
                        code,
                        error(code, e.getClass().getSimpleName(), String.valueOf(e.getMessage())));
            }
        }
    }

    private void giveToken(HttpExchange exchange, String form) throws IOException {
        String[] parts = credential.split(":", 2);
        boolean right =
                parts.length == 2
                        && form.contains("client_id=" + parts[0])
                        && form.contains("client_secret=" + parts[1]);
        if (!right) {
            send(
                    exchange,
                    400,
                    Map.of("error", "invalid_client", "error_description", "no such client"));
            return;
        }
        send(
                exchange,
                200,
                Map.of(
                        "access_token",
                        token,
                        "token_type",
                        "bearer",
                        "expires_in",
                        3600,
                        "issued_token_type",
                        "urn:ietf:params:oauth:token-type:access_token"));
    }

    /// Null: done, nothing to say.
    private @org.jspecify.annotations.Nullable Object answer(HttpExchange exchange, byte[] body)
            throws IOException {
        String[] path = exchange.getRequestURI().getPath().substring(1).split("/");
        String deed = exchange.getRequestMethod() + " " + (path.length - 1);
        var namespaces = (SupportsNamespaces) catalog;
        Namespace namespace = path.length > 2 ? Namespace.of(path[2]) : Namespace.empty();
        return switch (deed) {
            case "GET 1" -> ConfigResponse.builder().build();
            case "POST 1" ->
                    CatalogHandlers.createNamespace(
                            namespaces, json.readValue(body, CreateNamespaceRequest.class));
            case "GET 2" -> CatalogHandlers.loadNamespace(namespaces, namespace);
            case "HEAD 2" -> {
                CatalogHandlers.namespaceExists(namespaces, namespace);
                yield null;
            }
            case "GET 3" -> CatalogHandlers.listTables(catalog, namespace);
            case "POST 3" ->
                    vended(
                            exchange,
                            CatalogHandlers.createTable(
                                    catalog,
                                    namespace,
                                    json.readValue(body, CreateTableRequest.class)));
            case "HEAD 4" -> {
                CatalogHandlers.tableExists(catalog, TableIdentifier.of(namespace, path[4]));
                yield null;
            }
            case "GET 4" ->
                    vended(
                            exchange,
                            CatalogHandlers.loadTable(
                                    catalog,
                                    TableIdentifier.of(namespace, path[4]),
                                    RESTCatalogProperties.SnapshotMode.ALL));
            case "DELETE 4" -> {
                CatalogHandlers.dropTable(catalog, TableIdentifier.of(namespace, path[4]));
                yield null;
            }
            case "POST 4" ->
                    CatalogHandlers.updateTable(
                            catalog,
                            TableIdentifier.of(namespace, path[4]),
                            json.readValue(body, UpdateTableRequest.class));
            default -> null; // metrics reports
        };
    }

    private LoadTableResponse vended(HttpExchange exchange, LoadTableResponse table) {
        boolean asked =
                "vended-credentials"
                        .equals(
                                exchange.getRequestHeaders()
                                        .getFirst("X-Iceberg-Access-Delegation"));
        return LoadTableResponse.builder()
                .withTableMetadata(table.tableMetadata())
                .addAllConfig(asked ? vended : Map.of())
                .build();
    }

    private static ErrorResponse error(int code, String type, String message) {
        return ErrorResponse.builder()
                .responseCode(code)
                .withType(type)
                .withMessage(message)
                .build();
    }

    private void send(HttpExchange exchange, int code, Object answer) throws IOException {
        byte[] body = json.writeValueAsBytes(answer);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(code, -1);
            return;
        }
        exchange.sendResponseHeaders(code, body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
