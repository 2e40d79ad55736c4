package dev.firn.query;

import dev.firn.base.Clock;
import dev.firn.base.OwnMetrics;
import dev.firn.engine.EngineClient;
import dev.firn.engine.child.EngineConfig;
import dev.firn.engine.child.EngineLibrary;
import dev.firn.engine.child.EngineProcess;
import dev.firn.engine.child.QueryLimits;
import dev.firn.lake.LakeCatalog;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;

/// An engine with the views of a lake, asked as anybody on :8123 asks.
final class TestLakeEngine implements AutoCloseable {
    final EngineProcess process;
    final EngineClient internal;
    final LakeViews views;
    final FileServer files = new FileServer();
    private final HttpClient http = HttpClient.newHttpClient();

    TestLakeEngine(Path data, LakeCatalog catalog) throws InterruptedException {
        process =
                EngineProcess.start(
                        new EngineConfig(
                                EngineLibrary.find(),
                                data.toAbsolutePath(),
                                "127.0.0.1",
                                0,
                                EngineProcess.newSecret(),
                                2L << 30,
                                "otel_metrics",
                                QueryLimits.within(1L << 30)),
                        new OwnMetrics());
        internal =
                new EngineClient(
                        () ->
                                new EngineClient.Access(
                                        URI.create(process.url()), "firn", process.secret()),
                        Clock.system(),
                        Duration.ofSeconds(60));
        internal.execute("CREATE DATABASE IF NOT EXISTS otel_metrics");
        views =
                new LakeViews(
                        catalog,
                        internal,
                        process::generation,
                        files,
                        "otel_metrics",
                        null,
                        Clock.system(),
                        new OwnMetrics());
    }

    /// @param files of the lake that the front end left, as `opened/total`; empty if it says
    ///   nothing
    record Answer(int status, String text, String files) {}

    Answer ask(String sql) {
        return ask(sql, "");
    }

    Answer ask(String sql, String parameters) {
        try {
            HttpResponse<String> answer =
                    http.send(
                            HttpRequest.newBuilder(URI.create(process.url() + "/" + parameters))
                                    .POST(HttpRequest.BodyPublishers.ofString(sql))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            return new Answer(
                    answer.statusCode(),
                    answer.body().strip(),
                    answer.headers().firstValue("X-Firn-Lake-Files").orElse(""));
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    String answer(String sql) {
        Answer answer = ask(sql);
        if (answer.status() != 200) {
            throw new AssertionError(sql + ": " + answer.text());
        }
        return answer.text();
    }

    @Override
    public void close() {
        http.shutdownNow();
        internal.close();
        files.close();
        process.close();
    }
}
