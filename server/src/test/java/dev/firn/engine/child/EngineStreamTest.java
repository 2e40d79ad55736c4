package dev.firn.engine.child;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Long answers, and clients that leave.
final class EngineStreamTest {
    private static final long RESIDENT_BYTES_MAX = 1_300_000_000L;

    @TempDir private static Path data;
    private static EngineProcess engine;
    private static EngineClient client;

    @BeforeAll
    static void start() {
        engine = TestEngine.start(data);
        client = new EngineClient(engine);
    }

    @AfterAll
    static void stop() {
        engine.close();
    }

    private static InputStream open(String sql) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(engine.url() + "/"))
                                .POST(HttpRequest.BodyPublishers.ofString(sql))
                                .build(),
                        HttpResponse.BodyHandlers.ofInputStream())
                .body();
    }

    private static long residentBytes() throws IOException {
        var ps = new ProcessBuilder("ps", "-o", "rss=", "-p", Long.toString(engine.pid())).start();
        return 1024
                * Long.parseLong(
                        new String(ps.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                                .strip());
    }

    @Test
    void tenMillionRowsPassInBoundedMemory() throws IOException, InterruptedException {
        long bytes = 0;
        long residentMax = 0;
        try (var in = open("SELECT number, repeat('x', 190) FROM numbers(10000000)")) {
            byte[] buffer = new byte[1 << 20];
            long look = 0;
            int count = in.read(buffer);
            while (count >= 0) {
                bytes += count;
                if (bytes > look) {
                    residentMax = Math.max(residentMax, residentBytes());
                    look += 300_000_000;
                }
                count = in.read(buffer);
            }
        }
        assertThat(bytes).isEqualTo(10_000_000L * 192 + 68_888_890);
        assertThat(residentMax).isLessThan(RESIDENT_BYTES_MAX);
    }

    @Test
    void failureInTheMiddleIsSeen() throws IOException, InterruptedException {
        var in =
                open(
                        "SELECT throwIf(number = 3000000, 'boom') FROM numbers(4000000) SETTINGS"
                                + " max_threads = 1");
        assertThatThrownBy(in::readAllBytes).isInstanceOf(IOException.class);
        var url = URI.create(engine.url());
        try (var socket = new Socket(url.getHost(), url.getPort())) {
            String sql = "SELECT throwIf(number = 3000000, 'boom') FROM numbers(4000000)";
            socket.getOutputStream()
                    .write(
                            ("GET /?query=" + EngineClient.encode(sql) + " HTTP/1.1\r\n\r\n")
                                    .getBytes(StandardCharsets.UTF_8));
            String answer =
                    new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 200").contains("Code: 395. DB::Exception");
            assertThat(answer).doesNotEndWith("0\r\n\r\n");
        }
    }

    private static void leave(String sql, int bytesFirst) throws IOException {
        var url = URI.create(engine.url());
        String id = "leaver-" + bytesFirst;
        try (var socket = new Socket(url.getHost(), url.getPort())) {
            socket.getOutputStream()
                    .write(
                            ("GET /?query_id="
                                            + id
                                            + "&query="
                                            + EngineClient.encode(sql)
                                            + " HTTP/1.1\r\n\r\n")
                                    .getBytes(StandardCharsets.UTF_8));
            Deadline.await("the query to run", () -> running(id) == 1);
            socket.getInputStream().readNBytes(bytesFirst);
        }
        long from = System.nanoTime();
        Deadline.await("the query to stop", () -> running(id) == 0);
        assertThat(System.nanoTime() - from).isLessThan(12_000_000_000L);
    }

    private static int running(String id) {
        return Integer.parseInt(
                client.run(
                                "SELECT count() FROM system.processes WHERE"
                                        + " endsWith(Settings['log_comment'], ':"
                                        + id
                                        + "')")
                        .strip());
    }

    @Test
    void computingStopsWhenItsClientLeaves() throws IOException {
        leave("SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(sipHash64(number))", 0);
    }

    @Test
    void streamingStopsWhenItsClientLeaves() throws IOException {
        leave("SELECT number FROM numbers(1000000000000)", 1_000_000);
    }
}
