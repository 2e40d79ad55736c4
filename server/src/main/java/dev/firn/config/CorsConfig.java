package dev.firn.config;

import java.util.List;
import java.util.Optional;

/// `cors:` of an HTTP listener: web pages that may send.
///
/// @param allowedOrigins such as `https://shop.example` or `https://*.example`; `*` for all
/// @param allowedHeaders beside Accept, Accept-Language, Content-Type, Content-Language; `*` for
///   all
/// @param exposedHeaders of the answer that a page may read
/// @param maxAgeSeconds how long a browser may remember the permission; 0: as long as it likes
public record CorsConfig(
        List<String> allowedOrigins,
        List<String> allowedHeaders,
        List<String> exposedHeaders,
        int maxAgeSeconds) {
    public CorsConfig {
        allowedOrigins = List.copyOf(allowedOrigins);
        allowedHeaders = List.copyOf(allowedHeaders);
        exposedHeaders = List.copyOf(exposedHeaders);
    }

    /// `cors:` below `parent`; empty if there is none.
    static Optional<CorsConfig> read(Section parent) {
        if (!parent.has("cors")) {
            return Optional.empty();
        }
        Section section = parent.section("cors");
        var cors =
                new CorsConfig(
                        section.texts("allowed_origins"),
                        section.texts("allowed_headers"),
                        section.texts("exposed_headers"),
                        (int) section.integer("max_age", 0, 0, 86_400 * 365));
        if (cors.allowedOrigins.isEmpty() && !cors.allowedHeaders.isEmpty()) {
            section.warning(
                    "allowed_headers",
                    "does nothing without allowed_origins; write allowed_origins:"
                            + " [\"https://shop.example\"]");
        }
        section.close();
        return Optional.of(cors);
    }
}
