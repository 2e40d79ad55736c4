package dev.firn.engine;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/// Stands between client and engine and swallows answers to inserts: the insert is done, and nobody
/// is told.
final class LossyProxy implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Supplier<EngineClient.Access> engine;

    /// Answers to inserts that will still be swallowed.
    final AtomicInteger toSwallow = new AtomicInteger();

    /// Answers swallowed so far.
    final AtomicInteger swallowed = new AtomicInteger();

    LossyProxy(Supplier<EngineClient.Access> engine) throws IOException {
        this.engine = engine;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    EngineClient.Access access() {
        EngineClient.Access behind = engine.get();
        URI here = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        return new EngineClient.Access(here, behind.user(), behind.password());
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            HttpResponse<byte[]> answer = forward(exchange);
            boolean insert =
                    String.valueOf(exchange.getRequestURI().getRawQuery()).contains("INSERT");
            if (insert && toSwallow.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
                swallowed.incrementAndGet();
                return; // closes the connection
            }
            answer.headers()
                    .firstValue("X-ClickHouse-Exception-Code")
                    .ifPresent(code ->
                            exchange.getResponseHeaders().add("X-ClickHouse-Exception-Code", code));
            byte[] body = answer.body();
            exchange.sendResponseHeaders(answer.statusCode(), body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private HttpResponse<byte[]> forward(HttpExchange exchange)
            throws IOException, InterruptedException {
        var request =
                HttpRequest.newBuilder(
                        engine.get().endpoint().resolve(exchange.getRequestURI().toString()));
        for (String name : new String[] {"X-ClickHouse-User", "X-ClickHouse-Key"}) {
            String value = exchange.getRequestHeaders().getFirst(name);
            if (value != null) {
                request.header(name, value);
            }
        }
        byte[] body = exchange.getRequestBody().readAllBytes();
        request.method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.ofByteArray(body));
        return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    @Override
    public void close() {
        server.stop(0);
        http.shutdownNow();
        threads.shutdownNow();
    }
}
