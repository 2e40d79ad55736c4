package dev.firn.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;

/// `otlphttp` exporter (`otlp_http`).
///
/// @param endpoint where metrics are posted, path and all
/// @param json OTLP/JSON instead of protobuf
/// @param compressionLevel of gzip 1 to 9, of zstd 1 to 22; -1: the library's own
public record OtlpHttpExporterConfig(
        URI endpoint, boolean json, int compressionLevel, ClientConfig client)
        implements ExporterConfig {
    private static final long SECOND = 1_000_000_000L;
    private static final URI NOWHERE = URI.create("http://localhost:0/v1/metrics");

    /// The JDK's client sets these itself.
    private static final List<String> OWN_HEADERS =
            List.of("connection", "content-length", "expect", "host", "upgrade");

    /// With what a `batch` processor before it says of its requests.
    public OtlpHttpExporterConfig batchedBy(BatchProcessorConfig batch) {
        return new OtlpHttpExporterConfig(
                endpoint, json, compressionLevel, client.batchedBy(batch));
    }

    static OtlpHttpExporterConfig read(Section section) {
        URI endpoint = endpoint(section);
        String encoding = section.word("encoding", "proto", "proto", "json");
        ClientConfig client = ClientConfig.read(section, 30 * SECOND);
        for (String name : client.headers().keySet()) {
            if (OWN_HEADERS.contains(name.toLowerCase(java.util.Locale.ROOT))) {
                section.problem("headers", "Firn sets the header \"" + name + "\" itself");
            }
        }
        int level = level(section, client.compression());
        refused(section);
        section.close();
        return new OtlpHttpExporterConfig(endpoint, encoding.equals("json"), level, client);
    }

    private static URI endpoint(Section section) {
        String base = section.text("endpoint", "");
        String metrics = section.text("metrics_endpoint", "");
        for (String other : List.of("traces_endpoint", "logs_endpoint", "profiles_endpoint")) {
            section.text(other, ""); // Firn keeps metrics only
        }
        if (base.isEmpty() && metrics.isEmpty()) {
            section.problem("endpoint", "write one, such as https://otel.example:4318");
            return NOWHERE;
        }
        String key = metrics.isEmpty() ? "endpoint" : "metrics_endpoint";
        String slash = base.endsWith("/") ? "" : "/";
        String text = metrics.isEmpty() ? base + slash + "v1/metrics" : metrics;
        try {
            var uri = new URI(text);
            boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            if (http && uri.getHost() != null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // said below
        }
        section.problem(
                key, "\"" + text + "\" is not an address such as https://otel.example:4318");
        return NOWHERE;
    }

    private static int level(Section parent, ClientConfig.Compression compression) {
        Section section = parent.section("compression_params");
        int max = compression == ClientConfig.Compression.ZSTD ? 22 : 9;
        int level = (int) section.integer("level", -1, -1, max);
        section.close();
        return level == 0 ? -1 : level;
    }

    private static void refused(Section section) {
        if (!section.text("proxy_url", "").isEmpty()) {
            section.problem("proxy_url", "Firn sends without a proxy; take it out");
        }
        if (section.section("cookies").bool("enabled", false)) {
            section.problem("cookies", "Firn keeps no cookies; take it out");
        }
        if (section.has("middlewares")) {
            section.problem("middlewares", "Firn has none; take it out");
        }
        SendingQueueConfig.ignoreTuning(
                section,
                List.of(
                        "read_buffer_size",
                        "write_buffer_size",
                        "max_idle_conns",
                        "max_idle_conns_per_host",
                        "max_conns_per_host",
                        "idle_conn_timeout",
                        "disable_keep_alives",
                        "http2_read_idle_timeout",
                        "http2_ping_timeout",
                        "force_attempt_http2"));
    }
}
