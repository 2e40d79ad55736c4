package dev.firn.lake;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/// Stands between Firn and an S3 and spoils what it is told to.
final class FaultProxy implements AutoCloseable {
    /// What is done to one request.
    enum Fault {
        NONE,
        /// No answer, for as long as the client waits.
        SILENCE,
        INTERNAL_ERROR,
        SLOW_DOWN,
        FORBIDDEN,
        /// The connection ends before the answer, and the server never saw the request.
        RESET_BEFORE,
        /// The connection is reset in the middle of the request's body: the server gets one half of
        /// it, as from a proxy that hands on what it has. A request without a body ends as above.
        RESET_IN_REQUEST,
        /// The answer ends in the middle of its body, or before it if it has none.
        RESET_IN_BODY,
        /// Done, but the answer is lost.
        ANSWER_LOST,
        /// The answer comes a few bytes at a time.
        SLOW_BYTES
    }

    /// @param headers names in lower case
    record Seen(String method, String path, String query, Map<String, String> headers) {}

    /// Chooses what happens to a request; any thread may ask.
    interface Plan {
        Fault of(Seen request);

        static Plan share(RandomGenerator random, double share, Fault... faults) {
            return request -> {
                synchronized (random) {
                    return random.nextDouble() < share
                            ? faults[random.nextInt(faults.length)]
                            : Fault.NONE;
                }
            };
        }
    }

    private static final Set<String> HOP =
            Set.of("host", "content-length", "connection", "expect", "transfer-encoding");

    private final HttpServer server;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String target;
    private final CountDownLatch closed = new CountDownLatch(1);
    final ConcurrentLinkedQueue<Seen> seen = new ConcurrentLinkedQueue<>();
    volatile Plan plan = request -> Fault.NONE;
    volatile int spoiled;

    /// Requests that were reset in the middle of their bodies.
    final AtomicInteger cutOff = new AtomicInteger();

    FaultProxy(String target) throws IOException {
        this.target = target;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
    }

    String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            var headers = new java.util.HashMap<String, String>();
            exchange.getRequestHeaders()
                    .forEach((name, values) ->
                            headers.put(name.toLowerCase(Locale.ROOT), values.getFirst()));
            URI uri = exchange.getRequestURI();
            var request =
                    new Seen(
                            exchange.getRequestMethod(),
                            uri.getPath(),
                            String.valueOf(uri.getRawQuery()),
                            Map.copyOf(headers));
            seen.add(request);
            Fault fault = plan.of(request);
            if (fault != Fault.NONE) {
                spoiled++;
            }
            long length = Long.parseLong(headers.getOrDefault("content-length", "0"));
            if (fault == Fault.RESET_IN_REQUEST && length > 1) {
                cutOff(exchange, (int) (length / 2));
                return; // unread bytes make the end of the connection a reset
            }
            byte[] body = exchange.getRequestBody().readAllBytes();
            switch (fault) {
                case NONE, ANSWER_LOST, RESET_IN_BODY, SLOW_BYTES ->
                        answer(exchange, fault, forward(exchange, body));
                case SILENCE -> closed.await(3, TimeUnit.SECONDS);
                case INTERNAL_ERROR -> refuse(exchange, 500, "InternalError");
                case SLOW_DOWN -> refuse(exchange, 503, "SlowDown");
                case FORBIDDEN -> refuse(exchange, 403, "AccessDenied");
                case RESET_BEFORE, RESET_IN_REQUEST -> {}
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Hands on the first bytes of a body, and no more.
    private void cutOff(HttpExchange exchange, int bytes) throws IOException {
        URI uri = URI.create(target);
        var head = new StringBuilder(exchange.getRequestMethod());
        head.append(' ').append(exchange.getRequestURI()).append(" HTTP/1.1\r\n");
        head.append("Host: ").append(uri.getAuthority()).append("\r\n");
        exchange.getRequestHeaders()
                .forEach((name, values) -> {
                    String lower = name.toLowerCase(Locale.ROOT);
                    if (lower.equals("content-length") || !HOP.contains(lower)) {
                        values.forEach(value ->
                                head.append(name).append(": ").append(value).append("\r\n"));
                    }
                });
        byte[] part = exchange.getRequestBody().readNBytes(bytes);
        try (var server = new Socket(uri.getHost(), uri.getPort())) {
            var out = server.getOutputStream();
            out.write(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
            out.write(part);
        }
        cutOff.incrementAndGet();
    }

    private HttpResponse<byte[]> forward(HttpExchange exchange, byte[] body)
            throws IOException, InterruptedException {
        var request =
                HttpRequest.newBuilder(URI.create(target + exchange.getRequestURI()))
                        .method(
                                exchange.getRequestMethod(),
                                body.length == 0
                                        ? HttpRequest.BodyPublishers.noBody()
                                        : HttpRequest.BodyPublishers.ofByteArray(body));
        for (Map.Entry<String, List<String>> header : exchange.getRequestHeaders().entrySet()) {
            if (!HOP.contains(header.getKey().toLowerCase(Locale.ROOT))) {
                header.getValue().forEach(value -> request.header(header.getKey(), value));
            }
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private static void answer(HttpExchange exchange, Fault fault, HttpResponse<byte[]> answer)
            throws IOException, InterruptedException {
        byte[] body = answer.body();
        if (fault == Fault.ANSWER_LOST || fault == Fault.RESET_IN_BODY && body.length == 0) {
            return;
        }
        boolean head = exchange.getRequestMethod().equals("HEAD");
        answer.headers()
                .map()
                .forEach((name, values) -> {
                    if (head || !HOP.contains(name.toLowerCase(Locale.ROOT))) {
                        exchange.getResponseHeaders().put(name, values);
                    }
                });
        exchange.sendResponseHeaders(
                answer.statusCode(), head || body.length == 0 ? -1 : body.length);
        if (head || body.length == 0) {
            return;
        }
        var out = exchange.getResponseBody();
        switch (fault) {
            case RESET_IN_BODY -> {
                out.write(body, 0, body.length / 2);
                out.flush();
            }
            case SLOW_BYTES -> {
                int step = Math.max(1, body.length / 10);
                for (int at = 0; at < body.length; at += step) {
                    out.write(body, at, Math.min(step, body.length - at));
                    out.flush();
                    Thread.sleep(20); // the fault itself
                }
            }
            default -> out.write(body);
        }
    }

    private static void refuse(HttpExchange exchange, int status, String code) throws IOException {
        byte[] body =
                ("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>"
                                + code
                                + "</Code><Message>injected</Message></Error>")
                        .getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/xml");
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
    }
}
