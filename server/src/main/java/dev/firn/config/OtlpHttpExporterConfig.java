package dev.firn.config;

import dev.firn.base.security.Secret;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// `otlphttp` (`otlp_http`): sends on over OTLP/HTTP.
///
/// @param url the whole one, such as `https://collector:4318/v1/metrics`
/// @param proxy absent: none
public record OtlpHttpExporterConfig(
        URI url,
        Optional<TlsConfig> tls,
        Optional<AuthConfig> auth,
        Optional<URI> proxy,
        Map<String, Secret> headers,
        OtlpCompression compression,
        Encoding encoding,
        long timeoutNanos,
        RetryConfig retry,
        SendingQueueConfig queue)
        implements ExporterConfig {
    private static final long SECOND = 1_000_000_000L;

    public OtlpHttpExporterConfig {
        headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
    }

    /// How a request is written.
    public enum Encoding {
        PROTO,
        JSON
    }

    static OtlpHttpExporterConfig read(Section section) {
        var config =
                new OtlpHttpExporterConfig(
                        url(section),
                        TlsConfig.client(section),
                        AuthConfig.read(section),
                        section.text("proxy_url", "").isEmpty()
                                ? Optional.empty()
                                : Optional.of(url(section, "proxy_url", "")),
                        ClientKeys.headers(section),
                        ClientKeys.compression(section),
                        section.choice("encoding", Encoding.PROTO, Encoding.class),
                        section.nanos("timeout", 30 * SECOND, 0, 3_600 * SECOND),
                        RetryConfig.read(section),
                        SendingQueueConfig.read(section));
        section.ignore(
                "Firn keeps metrics; take this line out",
                "traces_endpoint",
                "logs_endpoint",
                "profiles_endpoint");
        ClientKeys.refused(section);
        section.close();
        return config;
    }

    private static URI url(Section section) {
        if (!section.text("metrics_endpoint", "").isEmpty()) {
            section.has("endpoint");
            return url(section, "metrics_endpoint", "");
        }
        if (section.text("endpoint", "").isEmpty()) {
            section.problem("endpoint", "missing; write endpoint: http://collector:4318");
            return URI.create("http://127.0.0.1:4318/v1/metrics");
        }
        return url(section, "endpoint", "/v1/metrics");
    }

    private static URI url(Section section, String key, String path) {
        String text = section.text(key, "");
        try {
            var url = new URI(text.replaceFirst("/$", "") + path);
            if (url.getHost() != null
                    && ("http".equals(url.getScheme()) || "https".equals(url.getScheme()))) {
                return path.isEmpty() ? new URI(text) : url;
            }
        } catch (URISyntaxException e) {
            // said below
        }
        section.problem(
                key, "\"" + text + "\" is not an address such as http://collector:4318");
        return URI.create("http://127.0.0.1:4318/v1/metrics");
    }
}
