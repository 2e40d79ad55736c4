package dev.firn.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.config.Config.Address;
import dev.firn.config.WebConfig;
import dev.firn.ops.health.Health;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// The server itself, over sources that say next to nothing.
class WebServerTest {
    static Sources sources() {
        return new Sources(
                () -> new Status(true, List.of(), List.of()),
                () -> new Health("ok", "2026-01-01T00:00:00Z", List.of()),
                () -> new byte[0],
                () -> Map.of("version", "1"),
                Optional.empty(),
                "",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of((request, response) ->
                        response.send(request.headers().size() + " headers")),
                Map::of,
                Map::of,
                Optional.empty(),
                Map::of,
                Map.of("reading", parameters -> Map.of("read", true)),
                Map.of("task", (parameters, progress) -> Map.of("done", true)));
    }

    private static WebServer open(String... hosts) {
        return WebServer.open(
                new WebConfig(new Address("127.0.0.1", 0), true, List.of(hosts)), sources());
    }

    /// The answer's first line and its body.
    static String ask(WebServer web, String line, String... headers) throws IOException {
        try (var socket = new Socket("127.0.0.1", web.port())) {
            String request =
                    line
                            + " HTTP/1.1\r\nConnection: close\r\n"
                            + String.join(
                                    "", List.of(headers).stream().map(h -> h + "\r\n").toList())
                            + "\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            String answer =
                    new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return answer.lines().findFirst().orElse("")
                    + answer.substring(answer.indexOf("\r\n\r\n") + 2);
        }
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

    @Test
    void anEncodedBodyIsReadByRemoteWriteOnly() throws IOException {
        try (var web = open()) {
            String[] headers = {"Host: localhost", "Content-Encoding: gzip", "Content-Length: 0"};
            assertThat(ask(web, "POST /api/firn/v1/sql", headers))
                    .contains(" 415 ", "cannot read a body with Content-Encoding \"gzip\"");
            assertThat(ask(web, "POST /api/firn/v1/task", headers)).contains(" 415 ");
            assertThat(ask(web, "POST /api/v1/write", headers)).contains(" 200 ");
            headers[1] = "Content-Encoding: identity";
            assertThat(ask(web, "POST /api/firn/v1/task", headers)).contains(" 200 ");
        }
    }
}
