package dev.firn.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WebConfigTest {
    private static final String TLS = ", tls: {cert_file: a.pem, key_file: a.key}";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0.0.0.0:8080   | *                         | https://localhost:81",
                "'[::]:8080'    | *.example.org             | https://localhost:81",
                "0.0.0.0:8080   | *.example.org, a.org, b.org | https://a.org:81",
                "192.0.2.1:8080 | *.example.org             | https://192.0.2.1:81",
                "192.0.2.1:8080 | a.org                     | https://a.org:81",
                "127.0.0.1:8080 | a.org                     | https://127.0.0.1:81",
            })
    void withTlsItIsAskedByANameOfItsCertificate(String endpoint, String hosts, String url) {
        assertThat(web(endpoint, hosts, TLS).url(81)).isEqualTo(url);
    }

    @ParameterizedTest
    @CsvSource({"0.0.0.0:8080, http://0.0.0.0:81", "'[::1]:8080', 'http://[::1]:81'"})
    void withoutItByItsAddress(String endpoint, String url) {
        assertThat(web(endpoint, "a.org", "").url(81)).isEqualTo(url);
    }

    private static WebConfig web(String endpoint, String hosts, String more) {
        String text =
                """
                receivers: {otlp: {protocols: {http: }}}
                exporters: {firn: }
                service: {pipelines: {metrics: {receivers: [otlp], exporters: [firn]}}}
                web: {endpoint: "%s", anonymous: read, hosts: ["%s"]%s}
                """
                        .formatted(endpoint, hosts.replace(", ", "\", \""), more);
        return ConfigReader.parse(Map.of("test.yaml", text), name -> null).web();
    }
}
