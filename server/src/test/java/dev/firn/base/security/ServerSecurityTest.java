package dev.firn.base.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.Clock;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// TLS and credentials before a page of any Helidon server.
class ServerSecurityTest {
    private static WebServer page(ServerSecurity security) {
        return WebServer.builder()
                .address(InetAddress.getLoopbackAddress())
                .port(0)
                .shutdownHook(false)
                .tls(security.helidonTls())
                .routing(
                        HttpRouting.builder()
                                .addFilter(security.helidonFilter())
                                .get("/metrics", (request, response) -> response.send("page")))
                .build()
                .start();
    }

    private static HttpResponse<String> get(
            HttpClient client, String scheme, int port, String token) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create(scheme + "://localhost:" + port + "/metrics"))
                        .header("Authorization", token)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void aPageBehindTlsAsksForItsToken() throws Exception {
        TestCertificates certificates = TestCertificates.shared();
        var security =
                new ServerSecurity(
                        Optional.of(
                                Tls.server(certificates.settings("server", ""), Clock.system())),
                        Optional.of(
                                BearerTokens.of(
                                        "Authorization", "Bearer", List.of(new Secret("right")))));
        WebServer server = page(security);
        try {
            Tls tls = Tls.client(certificates.settings("", "ca"), Clock.system());
            HttpClient client = HttpClient.newBuilder().sslContext(tls.context()).build();

            var refused = get(client, "https", server.port(), "Bearer wrong");
            assertThat(refused.statusCode()).isEqualTo(401);
            assertThat(refused.headers().firstValue("WWW-Authenticate")).contains("Bearer");
            assertThat(get(client, "https", server.port(), "Bearer right").body())
                    .isEqualTo("page");
            assertThatThrownBy(() ->
                            get(HttpClient.newHttpClient(), "http", server.port(), "Bearer right"))
                    .isInstanceOf(IOException.class);
        } finally {
            server.stop();
        }
    }

    @Test
    void withoutEitherThePageIsOpen() throws Exception {
        WebServer server = page(ServerSecurity.NONE);
        try {
            assertThat(get(HttpClient.newHttpClient(), "http", server.port(), "x").body())
                    .isEqualTo("page");
        } finally {
            server.stop();
        }
    }
}
