package dev.firn.export.otlphttp;

import dev.firn.base.Clock;
import dev.firn.base.security.Credentials;
import dev.firn.base.security.Tls;
import dev.firn.config.OtlpHttpExporterConfig;
import dev.firn.export.send.OtlpReplies;
import dev.firn.export.send.Packing;
import dev.firn.export.send.Transport;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// OTLP/HTTP requests with the JDK's client: HTTP/1.1 in plain text, and HTTP/2 where TLS
/// negotiates it.
final class HttpTransport implements Transport {
    private static final long NO_TIMEOUT_NANOS = 3_600_000_000_000L;

    /// The specification's limit of an answer.
    private static final long ANSWER_BYTES_MAX = 4 << 20;

    private final OtlpHttpExporterConfig config;
    private final Optional<Credentials> credentials;
    private final Clock clock;
    private final Packing packing;
    private final HttpClient client;
    private final long timeoutNanos;

    HttpTransport(OtlpHttpExporterConfig config, Optional<Credentials> credentials, Clock clock) {
        this.config = config;
        this.credentials = credentials;
        this.clock = clock;
        this.packing = new Packing(config.client().compression(), config.compressionLevel());
        long timeout = config.client().timeoutNanos();
        this.timeoutNanos = timeout == 0 ? NO_TIMEOUT_NANOS : timeout;
        boolean secure = "https".equals(config.endpoint().getScheme());
        var builder =
                HttpClient.newBuilder()
                        .version(secure ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1)
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .connectTimeout(Duration.ofNanos(timeoutNanos));
        if (secure) {
            Tls tls = config.client().openTls(clock);
            builder.sslContext(tls.context()).sslParameters(tls.parameters());
        }
        this.client = builder.build();
    }

    @Override
    public byte[] pack(byte[] encoded) {
        return packing.pack(encoded);
    }

    private HttpRequest request(byte[] packed) {
        var builder =
                HttpRequest.newBuilder(config.endpoint())
                        .timeout(Duration.ofNanos(timeoutNanos))
                        .header("User-Agent", "Firn")
                        .header(
                                "Content-Type",
                                config.json() ? "application/json" : "application/x-protobuf")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(packed));
        if (!packing.name().isEmpty()) {
            builder.header("Content-Encoding", packing.name());
        }
        config.client().headers().forEach((name, value) -> builder.setHeader(name, value.value()));
        credentials
                .map(Credentials::header)
                .ifPresent(header -> builder.setHeader(header.name(), header.value().value()));
        return builder.build();
    }

    @Override
    public Outcome send(byte[] packed) throws InterruptedException {
        CompletableFuture<HttpResponse<byte[]>> answer =
                client.sendAsync(
                        request(packed),
                        BodyHandlers.limiting(BodyHandlers.ofByteArray(), ANSWER_BYTES_MAX));
        try {
            // the request's own timeout does not cover the answer's body
            return outcome(answer.get(timeoutNanos, TimeUnit.NANOSECONDS));
        } catch (ExecutionException e) {
            return retry(why(e.getCause() == null ? e : e.getCause()), OptionalLong.empty());
        } catch (TimeoutException e) {
            return retry("no answer within timeout", OptionalLong.empty());
        } finally {
            answer.cancel(true);
        }
    }

    private static String why(Throwable cause) {
        if (!(cause instanceof IOException)) {
            throw new IllegalStateException("the HTTP client failed", cause);
        }
        if (cause instanceof ConnectException) { // its message is empty
            return "cannot connect";
        }
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }

    private Outcome retry(String why, OptionalLong afterNanos) {
        return new Outcome.Retry("\"" + config.endpoint() + "\": " + why, afterNanos);
    }

    private Outcome outcome(HttpResponse<byte[]> response) {
        int status = response.statusCode();
        boolean json =
                response.headers()
                        .firstValue("Content-Type")
                        .orElse("")
                        .toLowerCase(Locale.ROOT)
                        .startsWith("application/json");
        if (status >= 200 && status < 300) {
            return OtlpReplies.success(response.body(), json);
        }
        String said = OtlpReplies.status(response.body(), json).message();
        String why = "status " + status + (said.isEmpty() ? "" : ", \"" + said + "\"");
        return switch (status) {
            case 429, 503 -> retry(why, RetryAfter.nanos(response.headers(), clock));
            case 502, 504 -> retry(why, OptionalLong.empty());
            default -> new Outcome.Refused("\"" + config.endpoint() + "\" refuses it: " + why);
        };
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
