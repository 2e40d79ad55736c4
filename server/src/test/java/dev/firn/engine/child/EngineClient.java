package dev.firn.engine.child;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;

/// A plain HTTP client of the engine, as curl would be.
final class EngineClient {
    private final HttpClient http = HttpClient.newHttpClient();
    private final EngineProcess engine;

    EngineClient(EngineProcess engine) {
        this.engine = engine;
    }

    /// An answer: status, exception code header or empty, body.
    record Answer(int status, String code, String body, HttpResponse<byte[]> raw) {
        String header(String name) {
            return raw.headers().firstValue(name).orElse("");
        }
    }

    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    HttpRequest.Builder request(String search) {
        return HttpRequest.newBuilder(URI.create(engine.url() + "/" + search));
    }

    HttpRequest.Builder internal(String search) {
        return request(search)
                .header("X-ClickHouse-User", "firn")
                .header("X-ClickHouse-Key", engine.secret());
    }

    Answer send(HttpRequest.Builder request) {
        try {
            var answer = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            return new Answer(
                    answer.statusCode(),
                    answer.headers().firstValue("X-ClickHouse-Exception-Code").orElse(""),
                    new String(answer.body(), StandardCharsets.UTF_8),
                    answer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /// A reader's statement in the body, with URL parameters beginning with `?` or none.
    Answer read(String sql, String search) {
        return send(request(search).POST(HttpRequest.BodyPublishers.ofString(sql)));
    }

    Answer read(String sql) {
        return read(sql, "");
    }

    /// The internal user's statement; fails the test when it fails.
    String run(String sql) {
        var answer = send(internal("").POST(HttpRequest.BodyPublishers.ofString(sql)));
        if (answer.status() != 200) {
            throw new AssertionError(sql + ": " + answer.body());
        }
        return answer.body();
    }

    /// Rows in a format, statement in the URL.
    Answer insert(String sql, byte[] rows) {
        return send(
                internal("?query=" + encode(sql))
                        .POST(HttpRequest.BodyPublishers.ofByteArray(rows)));
    }
}
