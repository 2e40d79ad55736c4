package dev.firn.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.config.SendingQueueConfig.Sizer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The keys of the otlp exporters, of tls, auth, cors and the two extensions.
class OtlpExporterConfigTest {
    private static final long SECOND = 1_000_000_000L;

    private final List<String> problems = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    private Section section(String yaml) {
        return new Section(
                "x", "f.yaml:1", Yaml.parse("f.yaml", yaml, name -> null), problems, warnings);
    }

    @Test
    void defaultsAreTheCollectors() {
        OtlpHttpExporterConfig http =
                OtlpHttpExporterConfig.read(section("endpoint: https://otel.example:4318"));
        OtlpGrpcExporterConfig grpc =
                OtlpGrpcExporterConfig.read(section("endpoint: otel.example:4317"));

        assertThat(http.endpoint()).hasToString("https://otel.example:4318/v1/metrics");
        assertThat(http.json()).isFalse();
        assertThat(http.client().timeoutNanos()).isEqualTo(30 * SECOND);
        assertThat(http.client().compression()).isEqualTo(ClientConfig.Compression.GZIP);
        assertThat(http.client().retry()).isEqualTo(RetryConfig.DEFAULT);
        assertThat(http.client().queue()).isEqualTo(SendingQueueConfig.DEFAULT);
        assertThat(grpc.client().timeoutNanos()).isEqualTo(5 * SECOND);
        assertThat(grpc.plaintext()).isFalse();
        assertThat(grpc.balancer()).isEqualTo("round_robin");
        assertThat(problems).isEmpty();
        assertThat(warnings).isEmpty();
    }

    @Test
    void everyKeyIsRead() {
        OtlpHttpExporterConfig http =
                OtlpHttpExporterConfig.read(
                        section(
                                """
                                endpoint: http://ignored:1/
                                metrics_endpoint: https://otel.example/custom
                                traces_endpoint: https://otel.example/traces
                                encoding: json
                                compression: zstd
                                compression_params: {level: 3}
                                timeout: 2s
                                headers: {X-Tenant: acme}
                                retry_on_failure: {initial_interval: 1s, randomization_factor: 0.1,
                                  multiplier: 2, max_interval: 4s, max_elapsed_time: 0s}
                                sending_queue: {num_consumers: 2, queue_size: 5000, sizer: items,
                                  batch: {flush_timeout: 1s, min_size: 100, max_size: 200}}
                                tls: {ca_file: ca.pem, cert_file: c.pem, key_file: k.pem,
                                  min_version: "1.3", server_name_override: other, reload_interval: 1h}
                                auth: {authenticator: bearertokenauth/x}
                                """));

        assertThat(problems).isEmpty();
        assertThat(http.endpoint()).hasToString("https://otel.example/custom");
        assertThat(http.json()).isTrue();
        assertThat(http.compressionLevel()).isEqualTo(3);
        ClientConfig client = http.client();
        assertThat(client.headers()).containsOnlyKeys("X-Tenant");
        assertThat(client.retry()).isEqualTo(new RetryConfig(true, SECOND, 0.1, 2, 4 * SECOND, 0));
        SendingQueueConfig queue = client.queue();
        assertThat(queue.consumers()).isEqualTo(2);
        assertThat(queue.sizeMax()).isEqualTo(5_000);
        assertThat(queue.sizer()).isEqualTo(Sizer.ITEMS);
        assertThat(queue.flushNanos()).isEqualTo(SECOND);
        assertThat(queue.pointsMin()).isEqualTo(100);
        assertThat(queue.pointsMax()).isEqualTo(200);
        var tls = client.tls().orElseThrow().settings();
        assertThat(tls.protocols()).containsExactly("TLSv1.3");
        assertThat(tls.serverName()).isEqualTo("other");
        assertThat(tls.reloadNanos()).isEqualTo(3_600 * SECOND);
        assertThat(tls.certificate().orElseThrow().place()).isEqualTo("x.tls.cert_file \"c.pem\"");
        assertThat(client.auth().orElseThrow().authenticator()).isEqualTo("bearertokenauth/x");
    }

    @Test
    void schemesDecideAboutTlsOfGrpc() {
        assertThat(OtlpGrpcExporterConfig.read(section("endpoint: http://h:4317")).plaintext())
                .isTrue();
        var secure =
                OtlpGrpcExporterConfig.read(
                        section("{endpoint: 'https://h:4317', tls: {insecure: true}}"));
        assertThat(secure.plaintext()).isFalse();
        assertThat(secure.target()).isEqualTo("h:4317");
        var plain =
                OtlpGrpcExporterConfig.read(section("{endpoint: 'h:4317', tls: {insecure: true}}"));
        assertThat(plain.plaintext()).isTrue();
        assertThat(problems).isEmpty();
    }

    @Test
    void mistakesAreNamed() {
        OtlpHttpExporterConfig.read(section("{}"));
        OtlpHttpExporterConfig.read(
                section(
                        """
                        endpoint: otel.example:4318
                        compression: snappy
                        proxy_url: http://proxy
                        headers: {Host: x}
                        retry_on_failure: {max_elapsed_time: 1s}
                        sending_queue: {wait_for_result: true, storage: file_storage}
                        max_idle_conns: 5
                        endpont: x
                        """));
        OtlpGrpcExporterConfig.read(
                section("{endpoint: 'http://h:1', auth: {authenticator: basicauth}}"));
        TlsConfig.server(section("tls: {key_file: k, max_version: \"1.1\", tpm: {enabled: true}}"));

        assertThat(String.join("\n", problems))
                .contains(
                        "x.endpoint: write one, such as https://otel.example:4318",
                        "\"otel.example:4318/v1/metrics\" is not an address",
                        "x.compression: Firn does not send \"snappy\"; write gzip or zstd",
                        "x.proxy_url: Firn sends without a proxy",
                        "x.headers: Firn sets the header \"Host\" itself",
                        "x.retry_on_failure.max_elapsed_time: 1s is below",
                        "x.sending_queue.wait_for_result:",
                        "x.endpont: unknown key; did you mean \"endpoint\"?",
                        "x.auth: gRPC sends no credentials in plain text",
                        "x.tls.key_file: certificate and key go together",
                        "x.tls.cert_file: a listener needs one",
                        "x.tls.max_version: Firn speaks TLS 1.2 and 1.3 only",
                        "x.tls.tpm: Firn reads keys from files only");
        assertThat(String.join("\n", warnings))
                .contains("x.sending_queue.storage:", "x.max_idle_conns: has no effect in Firn");
    }

    @Test
    void extensionsAreReadWithoutShowingTheirSecrets() {
        var bearer =
                BearerTokenAuthConfig.read(
                        section("{tokens: [one, two], header: X-Key, scheme: ''}"));
        var basic = BasicAuthConfig.read(section("client_auth: {username: ann, password: geheim}"));
        var cors =
                CorsConfig.read(
                        section(
                                "cors: {allowed_origins: ['https://*.shop.example'], max_age: 60}"));

        assertThat(problems).isEmpty();
        assertThat(bearer.tokens()).hasSize(2);
        assertThat(bearer.toString()).doesNotContain("one");
        assertThat(basic.toString()).doesNotContain("geheim");
        assertThat(basic.forListeners()).isFalse();
        assertThat(basic.forExporters()).isTrue();
        assertThat(cors.orElseThrow().maxAgeSeconds()).isEqualTo(60);

        BearerTokenAuthConfig.read(section("{}"));
        BasicAuthConfig.read(
                section("{htpasswd: {inline: 'a:b'}, client_auth: {username: 'a', password: b}}"));
        assertThat(String.join("\n", problems))
                .contains(
                        "x.token: write token, tokens or filename",
                        "x.client_auth: htpasswd is for listeners and client_auth for exporters");
    }
}
