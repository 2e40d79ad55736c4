package dev.firn.ops.load;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsPartialSuccess;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.GZIPInputStream;

/// An OTLP/HTTP receiver that answers as it is told, and keeps what it was sent.
final class TinyReceiver implements AutoCloseable {
    /// @param status -1 to close the connection without an answer
    record Scripted(int status, String retryAfter, byte[] body) {}

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Deque<Scripted> script = new ArrayDeque<>();
    final List<byte[]> bodies = new ArrayList<>();

    TinyReceiver() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/v1/metrics", this::handle);
        server.start();
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    synchronized void answer(int status, String retryAfter) {
        script.add(new Scripted(status, retryAfter, new byte[0]));
    }

    synchronized void partial(long rejected, String message) {
        var partial =
                ExportMetricsPartialSuccess.newBuilder()
                        .setRejectedDataPoints(rejected)
                        .setErrorMessage(message);
        var body = ExportMetricsServiceResponse.newBuilder().setPartialSuccess(partial).build();
        script.add(new Scripted(200, "", body.toByteArray()));
    }

    synchronized void refuse(int status, byte[] body) {
        script.add(new Scripted(status, "", body));
    }

    private synchronized Scripted take(byte[] body) {
        bodies.add(body);
        Scripted next = script.poll();
        return next == null ? new Scripted(200, "", new byte[0]) : next;
    }

    synchronized List<byte[]> taken() {
        return List.copyOf(bodies);
    }

    private void handle(HttpExchange exchange) throws IOException {
        boolean gzip = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
        byte[] body;
        try (var in = exchange.getRequestBody()) {
            body = gzip ? new GZIPInputStream(in).readAllBytes() : in.readAllBytes();
        }
        Scripted answer = take(body);
        if (answer.status() < 0) {
            exchange.close();
            return;
        }
        if (!answer.retryAfter().isEmpty()) {
            exchange.getResponseHeaders().set("Retry-After", answer.retryAfter());
        }
        exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
        exchange.sendResponseHeaders(
                answer.status(), answer.body().length == 0 ? -1 : answer.body().length);
        exchange.getResponseBody().write(answer.body());
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.close();
    }
}
