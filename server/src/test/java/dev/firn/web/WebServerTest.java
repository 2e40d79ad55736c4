package dev.firn.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.base.security.Accounts.Account;
import dev.firn.base.security.Accounts.Source;
import dev.firn.base.security.Role;
import dev.firn.base.security.TestCertificates;
import dev.firn.base.security.Tls;
import dev.firn.config.Config.Address;
import dev.firn.config.TlsConfig;
import dev.firn.config.WebConfig;
import dev.firn.config.WebUsersConfig;
import dev.firn.engine.EngineClient;
import dev.firn.ops.health.Health;
import dev.firn.query.Annotations;
import dev.firn.query.SavedViews;
import dev.firn.query.StateFile;
import dev.firn.receive.PlaneWatch;
import dev.firn.web.page.LiveFeed;
import dev.firn.web.page.LiveRequests;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The server itself, over sources that say next to nothing.
class WebServerTest {
    private static final Path FOLDER = folder();
    private static final Semaphore HOLDING = new Semaphore(0);
    private static final Semaphore RELEASED = new Semaphore(0);

    private static Path folder() {
        try {
            Path folder = Files.createTempDirectory("firn-web");
            folder.toFile().deleteOnExit();
            folder.resolve(AuditLog.FILE).toFile().deleteOnExit(); // which comes first then
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final Optional<Source> PASSWORDS =
            Optional.of(new Source.Variable("htpasswd_env", "PASSWORDS"));
    private static final Map<String, String> ENVIRONMENT =
            Map.of(
                    "PASSWORDS", "anna:secret\notto:hidden\nnobody:norole",
                    "TOKEN", "0123456789abcdef");

    static final List<Account> USERS =
            List.of(
                    user("anna", Role.READ, "", ""),
                    user("otto", Role.ADMIN, "", ""),
                    user("sender", Role.INGEST, "TOKEN", ""),
                    user("machine", Role.ADMIN, "", "cn=client"));

    private static Account user(String name, Role role, String token, String certificate) {
        return new Account(
                "web.users",
                name,
                role,
                token.isEmpty()
                        ? Optional.empty()
                        : Optional.of(new Source.Variable("token_env", token)),
                certificate);
    }

    private static String basic(String pair) {
        return "Authorization: Basic "
                + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    static Sources sources() {
        return sources(Optional.empty());
    }

    static Sources sources(Optional<Sources.Iceberg> iceberg) {
        return sources(iceberg, Optional.empty());
    }

    private static Sources sources(
            Optional<Sources.Iceberg> iceberg, Optional<Supplier<String>> engine) {
        return new Sources(
                () -> new Status(true, List.of(), List.of()),
                () -> new Health("ok", "2026-01-01T00:00:00Z", List.of()),
                () -> new byte[0],
                () -> Map.of("version", "1"),
                engine,
                Map::of,
                "otel_metrics",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of((request, response) ->
                        response.send(request.headers().size() + " headers")),
                Map::of,
                Map::of,
                iceberg,
                Map::of,
                Optional.of(
                        new LiveFeed(
                                new PlaneWatch(Clock.system(), new OwnMetrics()),
                                new LiveRequests(Clock.system()),
                                Map::of,
                                Clock.system(),
                                new OwnMetrics())),
                new Annotations(StateFile.open(FOLDER)),
                new SavedViews(StateFile.open(FOLDER)),
                Map.of(
                        "reading",
                        parameters ->
                                parameters.containsKey("engine")
                                        ? ofAnAbsentEngine()
                                        : parameters.containsKey("hold")
                                                ? held()
                                                : Map.of("read", true)),
                Map.of("task", (parameters, progress) -> Map.of("done", true)));
    }

    private static Object held() {
        HOLDING.release();
        RELEASED.acquireUninterruptibly();
        return Map.of("read", true);
    }

    private static Object ofAnAbsentEngine() {
        var nowhere = new EngineClient.Access(URI.create("http://127.0.0.1:1"), "", "");
        try (var client = new EngineClient(() -> nowhere, Clock.system(), Duration.ofSeconds(30))) {
            return client.query("SELECT 1");
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static WebServer open(String... hosts) {
        return open(List.of(), Optional.of(Role.ADMIN), Optional.empty(), hosts);
    }

    static WebServer open(
            List<Account> users,
            Optional<Role> anonymous,
            Optional<TlsConfig> tls,
            String... hosts) {
        return open(users, anonymous, tls, sources(), hosts);
    }

    static WebServer open(
            List<Account> users,
            Optional<Role> anonymous,
            Optional<TlsConfig> tls,
            Sources sources,
            String... hosts) {
        var config = new WebUsersConfig(users, PASSWORDS, anonymous, true);
        return WebServer.open(
                new WebConfig(new Address("127.0.0.1", 0), true, List.of(hosts), tls, config, 2),
                config.open(ENVIRONMENT::get, Clock.system()),
                sources,
                AuditLog.open(FOLDER, Clock.system()),
                new OwnMetrics(),
                Clock.system());
    }

    /// The whole answer.
    static String ask(WebServer web, String line, String... headers) throws IOException {
        try (var socket = new Socket("127.0.0.1", web.port())) {
            socket.setSoTimeout(30_000);
            String request =
                    line
                            + " HTTP/1.1\r\nConnection: close\r\n"
                            + String.join(
                                    "", List.of(headers).stream().map(h -> h + "\r\n").toList())
                            + "\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            socket.shutdownOutput();
            String answer =
                    new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return answer;
        }
    }

    @Test
    void anEngineThatIsAwayIsNoFaultOfTheQuestion() throws IOException {
        try (var web = open()) {
            assertThat(ask(web, "GET /api/firn/v1/reading?engine=away", "Host: localhost"))
                    .contains(" 503 ", "cannot run \"SELECT 1\"");
        }
    }

    @Test
    void eachRoleMayDoItsOwn() throws IOException {
        String reads = "GET /api/firn/v1/reading";
        String acts = "POST /api/firn/v1/task";
        String sends = "POST /api/v1/write";
        try (var web = open(USERS, Optional.empty(), Optional.empty())) {
            String anna = basic("anna:secret");
            assertThat(asked(web, reads, anna)).contains(" 200 ");
            assertThat(asked(web, acts, anna))
                    .contains(" 403 ", "user \"anna\" has role read", "task needs role admin");
            assertThat(asked(web, sends, anna)).contains(" 403 ");
            String otto = basic("otto:hidden");
            for (String line : List.of(reads, acts, sends)) {
                assertThat(asked(web, line, otto)).contains(" 200 ");
            }
            String sender = "Authorization: bearer 0123456789abcdef";
            assertThat(asked(web, sends, sender)).contains(" 200 ");
            assertThat(asked(web, reads, sender)).contains(" 403 ");
        }
    }

    @Test
    void aUserHasSoManyRequestsAtOnce() throws Exception {
        String reads = "GET /api/firn/v1/reading";
        String anna = basic("anna:secret");
        try (var web = open(USERS, Optional.empty(), Optional.empty());
                var askers = Executors.newVirtualThreadPerTaskExecutor()) {
            var held = new ArrayList<Future<String>>();
            try {
                for (int i = 0; i < 2; i++) {
                    held.add(askers.submit(() -> asked(web, reads + "?hold=1", anna)));
                }
                HOLDING.acquire(2);
                assertThat(asked(web, reads, anna))
                        .contains(" 429 ", "Retry-After: 1", "2 requests of \"anna\" are running")
                        .contains("web.requests_per_user");
                assertThat(asked(web, reads, basic("otto:hidden"))).contains(" 200 ");
            } finally {
                RELEASED.release(2);
            }
            for (Future<String> one : held) {
                assertThat(one.get()).contains(" 200 ");
            }
            assertThat(asked(web, reads, anna)).contains(" 200 ");
        }
    }

    @Test
    void whoIsNotKnownIsAskedWhoItIs() throws IOException {
        String reads = "GET /api/firn/v1/reading";
        try (var web = open(USERS, Optional.empty(), Optional.empty())) {
            assertThat(asked(web, reads))
                    .contains(" 401 ", "WWW-Authenticate: Bearer", "needs role read; log in");
            assertThat(asked(web, reads, "Authorization: Bearer 0123456789abcdeg"))
                    .contains(" 401 ", "the token is not valid")
                    .doesNotContain("0123456789abcdeg");
            assertThat(asked(web, reads, basic("nobody:norole"))).contains(" 401 ");
            assertThat(asked(web, reads, "Authorization: Digest x")).contains(" 401 ");
            assertThat(asked(web, "GET /live")).contains(" 200 ");
            assertThat(asked(web, "GET /ready", basic("anna:wrong"))).contains(" 200 ");
            assertThat(asked(web, "PUT /api/firn/v1/reading")).contains(" 401 ");
            for (String path :
                    List.of(
                            "//api/firn/v1/reading",
                            "/api/firn/v1/./reading",
                            "/assets/../api/firn/v1/reading",
                            "/iceberg/../api/firn/v1/reading",
                            "/assets/%2e%2e/api/firn/v1/reading",
                            "/api/firn/v1/reading;x=1",
                            "/api;/firn/v1/reading")) {
                assertThat(asked(web, "GET " + path)).as(path).doesNotContain("\"read\"");
            }
        }
    }

    @Test
    void fiveWrongPasswordsAreEnoughForAWhile() throws IOException {
        String reads = "GET /api/firn/v1/reading";
        try (var web = open(USERS, Optional.empty(), Optional.empty())) {
            for (int i = 0; i < 5; i++) {
                assertThat(asked(web, reads, basic("anna:wrong"))).contains(" 401 ");
            }
            assertThat(asked(web, reads, basic("anna:secret")))
                    .contains(" 429 ", "Retry-After: ", "too many wrong passwords");
            assertThat(asked(web, reads, basic("otto:hidden"))).contains(" 200 ");
        }
    }

    @Test
    void whoShowsNothingMayDoWhatAnonymousMay() throws IOException {
        try (var web = open(USERS, Optional.of(Role.READ), Optional.empty())) {
            assertThat(asked(web, "GET /api/firn/v1/reading")).contains(" 200 ");
            assertThat(asked(web, "POST /api/firn/v1/task")).contains(" 401 ");
            assertThat(asked(web, "POST /api/firn/v1/task", basic("otto:hidden")))
                    .contains(" 200 ");
        }
    }

    @Test
    void aCertificateSaysWhoItIs() throws Exception {
        TestCertificates certificates = TestCertificates.shared();
        var tls = Optional.of(new TlsConfig(false, certificates.settings("server", "ca")));
        try (var web = open(USERS, Optional.empty(), tls)) {
            var own = Tls.client(certificates.settings("client", "ca"), Clock.system());
            assertThat(status(web, own)).isEqualTo(200);
            var other = Tls.client(certificates.settings("server2", "ca"), Clock.system());
            assertThat(status(web, other)).isEqualTo(401);
            var none = Tls.client(certificates.settings("", "ca"), Clock.system());
            assertThatThrownBy(() -> status(web, none)).isInstanceOf(IOException.class);
        }
    }

    private static int status(WebServer web, Tls tls) throws Exception {
        try (var client = HttpClient.newBuilder().sslContext(tls.context()).build()) {
            return client.send(
                            HttpRequest.newBuilder(
                                            URI.create(
                                                    "https://localhost:"
                                                            + web.port()
                                                            + "/api/firn/v1/reading"))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }

    private static String login(WebServer web, String body, String... more) throws IOException {
        var headers = new ArrayList<>(List.of(more));
        headers.add("Content-Type: application/json");
        headers.add("Host: localhost");
        headers.add("Content-Length: " + body.length());
        headers.add("\r\n" + body);
        return ask(web, "POST /api/firn/v1/session", headers.toArray(String[]::new));
    }

    private static String cookie(String answer) {
        Matcher cookie = Pattern.compile("Set-Cookie: (firn_session=[^;]+);").matcher(answer);
        assertThat(cookie.find()).as(answer).isTrue();
        return "Cookie: " + cookie.group(1);
    }

    @Test
    void aLoginIsASessionUntilItsEnd() throws IOException {
        String reads = "GET /api/firn/v1/reading";
        try (var web = open(USERS, Optional.empty(), Optional.empty())) {
            assertThat(asked(web, "GET /api/firn/v1/session"))
                    .contains("{\"login\":true,\"logout\":false}");
            String answer = login(web, "{\"user\":\"anna\",\"password\":\"secret\"}");
            assertThat(answer).contains(" 204 ", "HttpOnly", "SameSite=Strict", "Path=/");
            String cookie = cookie(answer);
            assertThat(asked(web, reads, cookie)).contains(" 200 ");
            assertThat(asked(web, "POST /api/firn/v1/task", cookie)).contains(" 403 ");
            assertThat(asked(web, "GET /api/firn/v1/session", cookie))
                    .contains(
                            "{\"user\":\"anna\",\"role\":\"read\",\"login\":false,\"logout\":true}");
            assertThat(asked(web, reads, cookie, "Authorization: Bearer wrong")).contains(" 401 ");
            assertThat(asked(web, reads, cookie, "Origin: http://evil.example")).contains(" 403 ");
            assertThat(asked(web, "DELETE /api/firn/v1/session", cookie)).contains(" 204 ");
            assertThat(asked(web, reads, cookie)).contains(" 401 ");
        }
    }

    @Test
    void aLoginNeedsTheRightWords() throws IOException {
        try (var web = open(USERS, Optional.empty(), Optional.empty())) {
            assertThat(login(web, "{\"user\":\"anna\",\"password\":\"wrong\"}"))
                    .contains(" 401 ", "user or password are wrong")
                    .doesNotContain("Set-Cookie");
            assertThat(login(web, "{\"user\":\"nobody\",\"password\":\"norole\"}"))
                    .contains(" 401 ");
            assertThat(login(web, "{\"token\":\"0123456789abcdef\"}")).contains(" 204 ");
            assertThat(login(web, "[]")).contains(" 400 ");
            assertThat(login(web, "{")).contains(" 400 ");
            assertThat(asked(web, "POST /api/firn/v1/session", "Content-Type: text/plain"))
                    .contains(" 400 ");
        }
    }

    @Test
    void whatAnAdministratorDoesIsWrittenDown() throws IOException {
        try (var web = open(USERS, Optional.empty(), Optional.empty())) {
            String otto = basic("otto:hidden");
            asked(web, "POST /api/firn/v1/task?a=b", otto);
            asked(web, "GET /api/firn/v1/reading", otto);
            asked(web, "POST /api/firn/v1/wal/retry", basic("anna:secret"));
            assertThat(asked(web, "GET /api/firn/v1/audit?limit=2", otto))
                    .containsSubsequence(
                            "\"user\":\"anna\",\"from\":\"127.0.0.1\","
                                    + "\"what\":\"POST /api/firn/v1/wal/retry\","
                                    + "\"result\":\"refused: role read\"",
                            "\"user\":\"otto\",\"from\":\"127.0.0.1\","
                                    + "\"what\":\"POST /api/firn/v1/task?a=b\","
                                    + "\"result\":\"done\"");
            assertThat(asked(web, "GET /api/firn/v1/audit", basic("anna:secret")))
                    .contains(" 403 ");
            assertThat(asked(web, "GET /api/firn/v1/audit?limit=x", otto)).contains(" 400 ");
        }
    }

    /// The whole answer.
    private static String asked(WebServer web, String line, String... headers) throws IOException {
        var all = new ArrayList<>(List.of(headers));
        all.add("Host: localhost");
        all.add("Content-Length: 0");
        return ask(web, line, all.toArray(String[]::new));
    }

    @Test
    void aForeignNameIsRefused() throws IOException {
        try (var web = open("firn.example")) {
            assertThat(ask(web, "GET /ready", "Host: firn.example")).contains(" 200 ");
            assertThat(ask(web, "GET /ready", "Host: localhost:8080")).contains(" 200 ");
            assertThat(ask(web, "GET /ready", "Host: rebound.example"))
                    .contains(" 403 ", "\"rebound.example\"", "web.hosts");
        }
    }

    /// To an engine that may let everybody write.
    @Test
    void aStatementIsForwardedToBeReadOnly() throws IOException {
        var asked = new LinkedBlockingQueue<String>();
        var engine = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        engine.createContext(
                "/",
                exchange -> {
                    String body =
                            new String(
                                    exchange.getRequestBody().readAllBytes(),
                                    StandardCharsets.UTF_8);
                    asked.add(exchange.getRequestURI().getRawQuery() + " " + body);
                    exchange.sendResponseHeaders(200, -1);
                    exchange.close();
                });
        engine.start();
        Supplier<String> url = () -> "http://127.0.0.1:" + engine.getAddress().getPort();
        Sources sources = sources(Optional.empty(), Optional.of(url));
        try (var web = open(USERS, Optional.empty(), Optional.empty(), sources)) {
            String answer =
                    ask(
                            web,
                            "POST /api/firn/v1/sql?format=CSV%26readonly=0",
                            "Host: localhost",
                            basic("anna:secret"),
                            "Content-Length: 0");
            assertThat(answer).contains(" 200 ");
            assertThat(asked)
                    .containsExactly(
                            "default_format=CSV%26readonly%3D0&readonly=1&database=otel_metrics ");
        } finally {
            engine.stop(0);
        }
    }

    @Test
    void anEncodedBodyIsReadByRemoteWriteOnly() throws IOException {
        try (var web = open()) {
            String[] headers = {"Host: localhost", "Content-Encoding: gzip", "Content-Length: 0"};
            assertThat(ask(web, "POST /api/firn/v1/sql", headers))
                    .contains(" 415 ", "no body with Content-Encoding \"gzip\" is read here");
            assertThat(ask(web, "POST /api/firn/v1/task", headers)).contains(" 415 ");
            assertThat(ask(web, "POST /api/v1/write", headers)).contains(" 200 ");
            headers[1] = "Content-Encoding: identity";
            assertThat(ask(web, "POST /api/firn/v1/task", headers)).contains(" 200 ");
        }
    }
}
