package dev.firn.config;

import dev.firn.base.security.Secret;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// Keys that the exporters `otlp` and `otlphttp` share.
final class ClientKeys {
    private ClientKeys() {}

    /// How a request is compressed.
    static OtlpCompression compression(Section section) {
        String text = section.text("compression", "gzip");
        section.ignore("Firn chooses the level itself; take this out", "compression_params");
        return switch (text) {
            case "gzip" -> OtlpCompression.GZIP;
            case "zstd" -> OtlpCompression.ZSTD;
            case "none", "" -> OtlpCompression.NONE;
            default -> {
                section.problem(
                        "compression", "Firn has no \"" + text + "\"; write gzip, zstd or none");
                yield OtlpCompression.GZIP;
            }
        };
    }

    /// `headers:`, a mapping or a list of `name` and `value`.
    static Map<String, Secret> headers(Section section) {
        var headers = new LinkedHashMap<String, Secret>();
        if (section.raw("headers") instanceof java.util.List<?>) {
            for (Section one : section.sections("headers")) {
                headers.put(one.text("name", ""), new Secret(one.text("value", "")));
                one.close();
            }
        } else {
            section.textMap("headers").forEach((name, value) -> headers.put(name, new Secret(value)));
        }
        for (String name : headers.keySet()) {
            if (!name.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+")) {
                section.problem("headers", "\"" + name + "\" is not the name of a header");
            }
        }
        return Collections.unmodifiableMap(headers);
    }

    static void refused(Section section) {
        section.refuse("Firn has no middlewares; take this out", "middlewares");
        section.ignore(
                "Firn chooses its own connections and buffers; take this line out",
                "read_buffer_size",
                "write_buffer_size",
                "keepalive",
                "balancer_name",
                "wait_for_ready",
                "user_agent",
                "max_idle_conns",
                "max_idle_conns_per_host",
                "max_conns_per_host",
                "idle_conn_timeout",
                "disable_keep_alives",
                "http2_read_idle_timeout",
                "http2_ping_timeout",
                "force_attempt_http2",
                "cookies",
                "batcher");
    }
}
