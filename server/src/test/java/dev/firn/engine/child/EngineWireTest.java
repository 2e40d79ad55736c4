package dev.firn.engine.child;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Bytes as no proper client sends them, and clients that should not be served.
@Timeout(60)
final class EngineWireTest {
    private static final String PING = "GET /ping HTTP/1.1\r\n";

    @TempDir private static Path data;
    private static EngineProcess engine;

    @BeforeAll
    static void start() {
        engine = TestEngine.start(data);
    }

    @AfterAll
    static void stop() {
        engine.close();
    }

    private static Socket connect() throws IOException {
        var url = URI.create(engine.url());
        return new Socket(url.getHost(), url.getPort());
    }

    /// Sends bytes and reads until the server ends the connection.
    private static String talk(byte[] bytes) throws IOException {
        try (var socket = connect()) {
            socket.getOutputStream().write(bytes);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String talk(String text) throws IOException {
        return talk(text.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Sec-Fetch-Site: cross-site",
                "Host: 127.0.0.1:8123\r\nOrigin: https://evil.example",
                "Host: 127.0.0.1:8123\r\nOrigin: null",
                "Host: evil.example:8123",
                "Host: evil.example:8123\r\nOrigin: http://evil.example:8123",
                "Host: 0.0.0.0:8123",
                "Host: 127.0.0.1.evil.example",
                "Host: localhost.evil.example"
            })
    void pagesFromElsewhereAreRefused(String headers) throws IOException {
        assertThat(talk("GET /?query=SELECT%201 HTTP/1.1\r\n" + headers + "\r\n\r\n"))
                .startsWith("HTTP/1.1 403 ")
                .contains("Cannot answer");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host: 127.0.0.1:8123",
                "Host: localhost",
                "Host: [::1]:8123",
                "Host: LOCALHOST:1\r\nOrigin: http://localhost:1\r\nSec-Fetch-Site: same-origin",
                "Sec-Fetch-Site: none"
            })
    void ownNamesAreServed(String headers) throws IOException {
        assertThat(
                        talk(
                                "GET /?query=SELECT%201 HTTP/1.1\r\nConnection: close\r\n"
                                        + headers
                                        + "\r\n\r\n"))
                .startsWith("HTTP/1.1 200 ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 5\r\nTransfer-Encoding: chunked",
                "Content-Length: 5\r\nContent-Length: 6",
                "Content-Length : 5",
                "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked",
                " folded: x",
                ": nameless"
            })
    void ambiguousRequestsEndTheConnection(String headers) throws IOException {
        assertThat(talk("POST / HTTP/1.1\r\n" + headers + "\r\n\r\nSELECT 1"))
                .startsWith("HTTP/1.1 400 ")
                .contains("Connection: Close")
                .contains("Cannot read the request: ")
                .containsOnlyOnce("HTTP/1.1");
    }

    @Test
    void headersAreBoundedInTotal() throws IOException {
        String line = "x: " + "y".repeat(30_000) + "\r\n";
        assertThat(talk(PING + line + line + line + "\r\n")).startsWith("HTTP/1.1 400 ");
        String good = PING + "Connection: close\r\n" + line + line + "\r\n";
        assertThat(talk(good)).startsWith("HTTP/1.1 200 ");
        assertThat(talk("\r\n".repeat(10) + good)).startsWith("HTTP/1.1 400 ");
        assertThat(talk("\r\n\r\n" + good)).startsWith("HTTP/1.1 200 ");
        String trailers = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
        assertThat(talk(trailers + line + line + line + "\r\n")).startsWith("HTTP/1.1 400 ");
    }

    @Test
    void longStatementMayStandInTheUrl() throws IOException {
        String list = "1%2C".repeat(50_000);
        assertThat(
                        talk(
                                "GET /?query=SELECT%20length(["
                                        + list
                                        + "1]) HTTP/1.1\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 200 ")
                .endsWith("50001\n");
    }

    @Test
    void fewBytesCannotAnnounceALargeBlock() throws IOException {
        var block = ByteBuffer.allocate(25).order(ByteOrder.LITTLE_ENDIAN);
        block.put(16, (byte) 0x82).putInt(17, 2 << 20).putInt(21, 2 << 20);
        var request = new ByteArrayOutputStream();
        request.writeBytes(
                "POST /?decompress=1 HTTP/1.1\r\nConnection: close\r\nContent-Length: 25\r\n\r\n"
                        .getBytes(StandardCharsets.UTF_8));
        request.writeBytes(block.array());
        assertThat(talk(request.toByteArray()))
                .startsWith("HTTP/1.1 400 ")
                .contains("CANNOT_DECOMPRESS");
    }

    @Test
    void readersStatementIsBoundedAndItsRefusalArrives() throws IOException {
        String text = "SELECT '" + "x".repeat(3 << 20) + "'";
        assertThat(
                        talk(
                                "POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: "
                                        + text.length()
                                        + "\r\n\r\n"
                                        + text))
                .startsWith("HTTP/1.1 413 ")
                .contains("QUERY_IS_TOO_LARGE");
        var client = new EngineClient(engine);
        String wide = "SELECT length('" + "x".repeat(2 << 20) + "')";
        assertThat(
                        client.send(
                                        client.internal("?max_query_size=10000000")
                                                .POST(HttpRequest.BodyPublishers.ofString(wide)))
                                .body())
                .isEqualTo((2 << 20) + "\n");
    }

    @Test
    void bodyThatWasHeldBackIsNeverTakenForARequest() throws IOException {
        assertThat(
                        talk(
                                "POST /nothing HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length:"
                                        + " 100\r\n\r\nGET /ping HTTP/1.1\r\n\r\n"))
                .startsWith("HTTP/1.1 404 ")
                .contains("Connection: Close")
                .containsOnlyOnce("HTTP/1.1");
    }

    @Test
    void methodsAreTold() throws IOException {
        assertThat(talk("OPTIONS / HTTP/1.1\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 204 ")
                .contains("Allow: GET, HEAD, POST, OPTIONS")
                .doesNotContain("Content-Length");
        assertThat(talk("PUT / HTTP/1.1\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 405 ")
                .contains("Allow: GET, HEAD, POST, OPTIONS");
    }

    @Test
    void readersCannotTakeTheInternalUsersConnections() throws IOException {
        List<Socket> strangers = new ArrayList<>();
        try {
            for (int i = 0; i < 100; i++) {
                var socket = connect();
                socket.getOutputStream().write(PING.getBytes(StandardCharsets.UTF_8));
                strangers.add(socket);
            }
            var client = new EngineClient(engine);
            assertThat(client.run("SELECT 1")).isEqualTo("1\n");
            assertThat(talk(PING + "\r\n")).startsWith("HTTP/1.1 200 ");
            assertThat(new EngineClient(engine).read("SELECT 1").status()).isEqualTo(503);
        } finally {
            for (var socket : strangers) {
                socket.close();
            }
        }
        Deadline.await(
                "the strangers to be forgotten",
                () -> new EngineClient(engine).read("SELECT 1").status() == 200);
    }
}
