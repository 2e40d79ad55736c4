package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.Clock;
import dev.firn.base.security.TestCertificates;
import dev.firn.base.security.Tls;
import dev.firn.engine.child.EngineLibrary;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A whole Firn whose engine's port and own metrics speak TLS.
class TlsServedTest {
    @TempDir private static Path folder;
    private static Served served;
    private static HttpClient client;

    @BeforeAll
    static void start() throws Exception {
        TestCertificates certificates = TestCertificates.shared();
        certificates.write(folder, "server");
        Path passwords =
                Files.writeString(folder.resolve("htpasswd"), "anna:secret\nscraper:word\n");
        String tls =
                "tls: {cert_file: %1$s/server.crt, key_file: %1$s/server.key}".formatted(folder);
        served =
                new Served(
                        folder.resolve("data"),
                        """
                        extensions: {basicauth: {htpasswd: {file: %2$s}}}
                        service:
                          extensions: [basicauth]
                          telemetry: {metrics: {readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: 0, auth: {authenticator: basicauth}, %1$s}}}}]}}
                          pipelines: {metrics: {receivers: [otlp], exporters: [firn]}}
                        engine: {endpoint: "127.0.0.1:0", library: "%3$s", %1$s}
                        web: {endpoint: "127.0.0.1:0", anonymous: read, htpasswd_file: %2$s, users: [{name: anna, role: read}]}
                        """
                                .formatted(tls, passwords, EngineLibrary.find()));
        Tls trusting = Tls.client(certificates.settings("client", "ca"), Clock.system());
        client = HttpClient.newBuilder().sslContext(trusting.context()).build();
    }

    @AfterAll
    static void stop() throws Exception {
        client.close();
        served.close();
    }

    private static String engine() {
        return served.json("/api/firn/v1/info").path("engine_url").asString("");
    }

    private static HttpResponse<String> ask(String url, String pair, String body)
            throws IOException, InterruptedException {
        var request =
                HttpRequest.newBuilder(URI.create(url))
                        .POST(HttpRequest.BodyPublishers.ofString(body));
        if (!pair.isEmpty()) {
            request.header("Authorization", basic(pair));
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static String basic(String pair) {
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes());
    }

    @Test
    void theEngineIsAskedByTls() throws Exception {
        assertThat(engine()).startsWith("https://127.0.0.1:");
        assertThat(ask(engine(), "anna:secret", "SELECT 40 + 2").body()).isEqualTo("42\n");
        assertThat(ask(engine(), "", "SELECT 1").body()).isEqualTo("1\n");
        assertThat(ask(engine(), "anna:wrong", "SELECT 1").body())
                .contains("AUTHENTICATION_FAILED");
        String many = ask(engine(), "anna:secret", "SELECT number FROM numbers(1000000)").body();
        assertThat(many.lines().count()).isEqualTo(1_000_000);
        assertThatThrownBy(() -> ask(engine().replace("https", "http"), "", "SELECT 1"))
                .isInstanceOf(IOException.class);
        assertThat(served.sql("SELECT 40 + 2")).isEqualTo("42"); // the page's way is none of it
    }

    @Test
    void aQueryOfWhoLeavesIsStopped() throws Exception {
        var answer =
                client.sendAsync(
                        HttpRequest.newBuilder(
                                        URI.create(
                                                engine()
                                                        + "/?query_id=left&query=SELECT+count()+FROM+numbers(1000000000000)"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        String running =
                "SELECT count() FROM system.processes WHERE Settings['log_comment'] LIKE '%left'";
        Served.await(() -> served.sql(running).equals("1"));
        answer.cancel(true);
        Served.await(() -> served.sql(running).equals("0"));
    }

    @Test
    void ownMetricsAskWhoItIs() throws Exception {
        String url =
                served.running.listening().stream()
                        .filter(line -> line.startsWith("telemetry "))
                        .findFirst()
                        .orElseThrow()
                        .substring(10);
        assertThat(url).startsWith("https://");
        var nobody = HttpRequest.newBuilder(URI.create(url)).build();
        assertThat(client.send(nobody, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(401);
        var known =
                HttpRequest.newBuilder(URI.create(url))
                        .header("Authorization", basic("scraper:word"))
                        .build();
        assertThat(client.send(known, HttpResponse.BodyHandlers.ofString()).body())
                .contains("otelcol_process_uptime");
    }
}
