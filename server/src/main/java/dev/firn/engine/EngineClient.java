package dev.firn.engine;

import dev.firn.base.ByteWriter;
import dev.firn.base.Clock;
import dev.firn.base.security.Tls;
import dev.firn.base.security.Visible;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// Speaks to a ClickHouse over its HTTP interface: the embedded engine or any server. Thread-safe.
///
/// Every call throws [EngineException]; its outcome says whether the request may have been done.
public final class EngineClient implements AutoCloseable {
    /// Where the engine is and who asks; read anew for each request, since an embedded engine may
    /// come back elsewhere.
    ///
    /// @param endpoint `http://host:port/`
    /// @param user empty for the anonymous user
    /// @param byCertificate the client's certificate stands for the password
    public record Access(URI endpoint, String user, String password, boolean byCertificate) {
        /// With a password.
        public Access(URI endpoint, String user, String password) {
            this(endpoint, user, password, false);
        }
    }

    /// How statements differ from those of one server.
    ///
    /// @param settings of every request
    /// @param rewrite what is run in place of a statement, in order
    public record Dialect(Map<String, String> settings, Function<String, List<String>> rewrite) {
        /// One server.
        public static final Dialect PLAIN = new Dialect(Map.of(), List::of);

        public Dialect {
            settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
        }

        /// What a query or INSERT becomes.
        private String one(String sql) {
            List<String> all = rewrite.apply(sql);
            if (all.size() != 1) {
                throw new IllegalArgumentException("more than one statement stands for a query");
            }
            return all.getFirst();
        }
    }

    /// One row of an answer, as text; numbers are parsed on demand.
    public record Row(List<String> values) {
        public Row {
            values = List.copyOf(values);
        }

        /// A value as text.
        public String text(int column) {
            return values.get(column);
        }

        /// A signed integer, or the bits of an unsigned one.
        public long number(int column) {
            String text = values.get(column);
            return text.startsWith("-") ? Long.parseLong(text) : Long.parseUnsignedLong(text);
        }

        /// A double; all NaN are one here.
        public double real(int column) {
            return switch (values.get(column)) {
                case "inf" -> Double.POSITIVE_INFINITY;
                case "-inf" -> Double.NEGATIVE_INFINITY;
                case "nan", "-nan" -> Double.NaN;
                case String text -> Double.parseDouble(text);
            };
        }
    }

    /// Beyond this pause a pooled connection may have been closed by the other side (ClickHouse's
    /// keep_alive_timeout was 3 s for long), and a POST into it would look like a lost answer: ask
    /// for a sign of life first, which may be repeated.
    private static final long IDLE_NANOS = 2_000_000_000L;

    private static final BiPredicate<String, String> ALL = (name, value) -> true;
    private static final int PINGS_MAX = 3;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final int STATEMENT_CHARS_MAX = 120;
    private static final int ANSWER_CHARS_MAX = 1_000;

    /// Header: environments whose rows a statement gets; without it those of all.
    private static final String VISIBLE = "X-Firn-Environments";

    private final HttpClient http;
    private final Supplier<Access> access;
    private final Clock clock;
    private final Duration timeout;
    private final Dialect dialect;
    private final Visible visible;
    private final String plain; // path of a request with no parameters of its own
    private volatile long lastUsed;

    /// @param timeout longest wait for an answer
    public EngineClient(Supplier<Access> access, Clock clock, Duration timeout) {
        this(access, clock, timeout, Optional.empty(), Dialect.PLAIN);
    }

    /// @param timeout longest wait for an answer
    /// @param tls of an `https` endpoint; empty: the JVM's
    public EngineClient(
            Supplier<Access> access,
            Clock clock,
            Duration timeout,
            Optional<Tls> tls,
            Dialect dialect) {
        this.access = access;
        this.clock = clock;
        this.timeout = timeout;
        this.dialect = dialect;
        this.visible = Visible.ALL;
        this.plain = path(Map.of());
        this.lastUsed = clock.ticks() - IDLE_NANOS;
        HttpClient.Builder builder =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(CONNECT_TIMEOUT);
        tls.ifPresent(one -> builder.sslContext(one.context()).sslParameters(one.parameters()));
        this.http = builder.build();
    }

    private EngineClient(EngineClient other, Visible visible) {
        this.http = other.http;
        this.access = other.access;
        this.clock = other.clock;
        this.timeout = other.timeout;
        this.dialect = other.dialect;
        this.plain = other.plain;
        this.lastUsed = other.lastUsed;
        this.visible = visible;
    }

    /// The same whose answers hold rows of these environments only; for the embedded engine, and
    /// for statements of Firn's own: a foreign one could find ways around. Closes with this one.
    public EngineClient within(Visible environments) {
        return new EngineClient(this, environments);
    }

    /// `own` wins over what every request has.
    private String path(Map<String, String> own) {
        var all = new LinkedHashMap<>(dialect.settings);
        all.putAll(own);
        return all.isEmpty()
                ? "/"
                : all.entrySet().stream()
                        .map(pair -> encode(pair.getKey()) + "=" + encode(pair.getValue()))
                        .collect(Collectors.joining("&", "/?", ""));
    }

    /// Runs a statement without an answer.
    public void execute(String sql) throws InterruptedException {
        for (String one : dialect.rewrite.apply(sql)) {
            checkEmpty(text(send(request(plain, ofText(one)), one)), one);
        }
    }

    /// The same for a statement of up to 16 MB, more than ClickHouse parses by default.
    public void executeLong(String sql) throws InterruptedException {
        String path = path(Map.of("max_query_size", "16777216"));
        for (String one : dialect.rewrite.apply(sql)) {
            checkEmpty(text(send(request(path, ofText(one)), one)), one);
        }
    }

    /// Runs a query and reads its whole answer; for small ones. The statement names no format.
    public List<Row> query(String sql) throws InterruptedException {
        String one = dialect.one(sql);
        return TabSeparated.read(text(send(request(plain, ofText(one + "\nFORMAT TSV")), one)));
    }

    /// Runs a query that names its format, and gives the raw answer.
    public byte[] raw(String sql) throws InterruptedException {
        String one = dialect.one(sql);
        return send(request(plain, ofText(one)), one);
    }

    /// An answer to a reading.
    ///
    /// @param age seconds since it was made, where a cache gave it; else 0
    /// @param cached whether a cache gave it
    public record Reading(byte[] body, int age, boolean cached) {}

    /// Runs a query that names its format, with settings and parameters as they stand in the URL.
    public Reading read(String sql, Map<String, String> url, Duration answerTimeout)
            throws InterruptedException {
        HttpRequest request = reading(sql, url, answerTimeout);
        HttpResponse<byte[]> response = answer(request, sql);
        String age = response.headers().firstValue("Age").orElse("");
        return new Reading(
                response.body(), age.isEmpty() ? 0 : Integer.parseInt(age), !age.isEmpty());
    }

    /// The same as a stream, which the caller closes; early if the rest is not wanted, and the
    /// query is stopped. An answer that breaks off ends with an [IOException].
    ///
    /// @param headers of the request, beside who asks
    public InputStream stream(
            String sql,
            Map<String, String> url,
            Map<String, String> headers,
            Duration answerTimeout)
            throws InterruptedException {
        HttpRequest.Builder with = HttpRequest.newBuilder(reading(sql, url, answerTimeout), ALL);
        headers.forEach(with::header);
        HttpRequest request = with.build();
        HttpResponse<InputStream> response =
                exchange(request, HttpResponse.BodyHandlers.ofInputStream(), sql);
        int code = exceptionCode(response);
        if (response.statusCode() == 200 && code == 0) {
            return response.body();
        }
        try (InputStream body = response.body()) {
            String text = text(body.readNBytes(4 * ANSWER_CHARS_MAX));
            throw answered(
                    response.statusCode(), code, shorten(text, ANSWER_CHARS_MAX), request, sql);
        } catch (IOException e) {
            throw failure(EngineException.Outcome.UNKNOWN, request, sql, e);
        }
    }

    /// Inserts one Native block, whose array may still be read after an exception. `async_insert`
    /// (on by default in newer ClickHouse) would answer before the part is there, and deduplication
    /// would drop equal blocks that are none: both off.
    ///
    /// @param table with its database
    /// @param columns names in the block's order, separated by commas
    /// @param queryId names the insert in the engine's list of processes
    public void insert(String table, String columns, ByteWriter block, String queryId)
            throws InterruptedException {
        insert(table, columns, "insert_deduplicate=0", block, queryId);
    }

    /// The same with settings of its own.
    ///
    /// @param settings as after SETTINGS, from code; among them `insert_deduplicate`
    void insert(String table, String columns, String settings, ByteWriter block, String queryId)
            throws InterruptedException {
        if (clock.ticks() - lastUsed >= IDLE_NANOS) {
            awaken();
        }
        String sql =
                "INSERT INTO "
                        + table
                        + " ("
                        + columns
                        + ") SETTINGS async_insert=0, "
                        + settings
                        + " FORMAT Native";
        String path = path(Map.of("query", sql, "query_id", queryId));
        checkEmpty(text(send(request(path, new BlockBody(block)), sql)), sql);
    }

    /// Asks for a sign of life.
    public void ping() throws InterruptedException {
        URI uri = access.get().endpoint().resolve("/ping");
        send(HttpRequest.newBuilder(uri).timeout(CONNECT_TIMEOUT).GET().build(), "ping");
    }

    private void awaken() throws InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                ping();
                return;
            } catch (EngineException e) {
                if (attempt == PINGS_MAX) {
                    // A ping changes nothing: whatever became of it, nothing was inserted.
                    throw new EngineException(
                            EngineException.Outcome.UNREACHABLE,
                            e.code(),
                            "cannot reach the engine: " + e.getMessage(),
                            e);
                }
            }
        }
    }

    private HttpRequest request(String path, HttpRequest.BodyPublisher body) {
        Access now = access.get();
        var request =
                HttpRequest.newBuilder(now.endpoint().resolve(path)).timeout(timeout).POST(body);
        if (!visible.all()) {
            request.header(VISIBLE, visible.toText());
        }
        if (!now.user().isEmpty()) {
            request.header("X-ClickHouse-User", now.user());
            if (now.byCertificate()) {
                request.header("X-ClickHouse-SSL-Certificate-Auth", "on");
            } else {
                request.header("X-ClickHouse-Key", now.password());
            }
        }
        return request.build();
    }

    /// A text that the embedded engine's front end answers by itself.
    ///
    /// @param path below the endpoint, with parameters
    public String ask(String path) throws InterruptedException {
        return text(send(request(path, ofText("")), path));
    }

    private HttpRequest reading(String sql, Map<String, String> url, Duration answerTimeout) {
        return HttpRequest.newBuilder(request(path(url), ofText(sql)), ALL)
                .timeout(answerTimeout)
                .build();
    }

    private static int exceptionCode(HttpResponse<?> response) {
        return response.headers()
                .firstValue("X-ClickHouse-Exception-Code")
                .map(text -> Integer.parseInt(text.strip()))
                .orElse(0);
    }

    private <T> HttpResponse<T> exchange(
            HttpRequest request, HttpResponse.BodyHandler<T> body, String sql)
            throws InterruptedException {
        try {
            HttpResponse<T> response = http.send(request, body);
            lastUsed = clock.ticks();
            return response;
        } catch (ConnectException | HttpConnectTimeoutException e) {
            throw failure(EngineException.Outcome.UNREACHABLE, request, sql, e);
        } catch (IOException e) {
            throw failure(EngineException.Outcome.UNKNOWN, request, sql, e);
        }
    }

    private byte[] send(HttpRequest request, String sql) throws InterruptedException {
        return answer(request, sql).body();
    }

    private HttpResponse<byte[]> answer(HttpRequest request, String sql)
            throws InterruptedException {
        HttpResponse<byte[]> response =
                exchange(request, HttpResponse.BodyHandlers.ofByteArray(), sql);
        int code = exceptionCode(response);
        if (response.statusCode() == 200 && code == 0) {
            return response;
        }
        throw answered(
                response.statusCode(),
                code,
                shorten(text(response.body()), ANSWER_CHARS_MAX),
                request,
                sql);
    }

    private static EngineException answered(
            int status, int code, String body, HttpRequest request, String sql) {
        String message =
                "cannot run \"%s\" at %s: status %d, code %d: %s"
                        .formatted(
                                shorten(sql, STATEMENT_CHARS_MAX),
                                request.uri().getAuthority(),
                                status,
                                code,
                                body);
        if (code != 0) {
            return EngineException.answered(code, message);
        }
        // Without a code it was no ClickHouse that answered: a gateway's 5xx says nothing of the
        // request behind it, a 4xx says that it was not passed on.
        var outcome =
                status >= 500 || status == 200
                        ? EngineException.Outcome.UNKNOWN
                        : EngineException.Outcome.BUSY;
        return new EngineException(outcome, 0, message, null);
    }

    private static EngineException failure(
            EngineException.Outcome outcome, HttpRequest request, String sql, IOException cause) {
        String message =
                "cannot run \"%s\" at %s: %s; is the engine running?"
                        .formatted(
                                shorten(sql, STATEMENT_CHARS_MAX),
                                request.uri().getAuthority(),
                                cause);
        return new EngineException(outcome, 0, message, cause);
    }

    /// An error after the status line was sent stands in the body.
    private static void checkEmpty(String body, String sql) {
        if (body.contains("DB::Exception")) {
            throw new EngineException(
                    EngineException.Outcome.UNKNOWN,
                    0,
                    "cannot run \"%s\": %s"
                            .formatted(
                                    shorten(sql, STATEMENT_CHARS_MAX),
                                    shorten(body, ANSWER_CHARS_MAX)),
                    null);
        }
    }

    private static HttpRequest.BodyPublisher ofText(String sql) {
        return HttpRequest.BodyPublishers.ofString(sql, StandardCharsets.UTF_8);
    }

    private static String text(byte[] body) {
        return new String(body, StandardCharsets.UTF_8);
    }

    private static String encode(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    private static String shorten(String text, int charsMax) {
        String stripped = text.strip();
        return stripped.length() <= charsMax ? stripped : stripped.substring(0, charsMax) + "…";
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
