package dev.firn.config;

/// Keys of the Collector's listeners (its `confighttp` and `configgrpc`) that Firn decides itself.
final class ListenerKeys {
    private static final String BUFFERS =
            "Firn chooses its own buffers and times for connections; take this line out";

    private ListenerKeys() {}

    /// Of an HTTP listener; `limit` is the section of Firn that sets what these keys set.
    static void http(Section section) {
        common(section);
        section.ignore(
                BUFFERS + " (limits.body_timeout breaks slow senders off)",
                "read_timeout",
                "read_header_timeout",
                "write_timeout",
                "idle_timeout",
                "keep_alives_enabled",
                "keepalive");
        section.ignore("Firn sends no headers of its own; take this out", "response_headers");
        for (String algorithm : section.texts("compression_algorithms")) {
            if (!algorithm.isEmpty() && !algorithm.equals("gzip") && !algorithm.equals("zstd")) {
                section.warning(
                        "compression_algorithms",
                        "Firn takes gzip, zstd and uncompressed bodies, not " + algorithm);
            }
        }
    }

    /// Of a gRPC listener.
    static void grpc(Section section) {
        common(section);
        section.ignore(
                BUFFERS,
                "max_concurrent_streams",
                "read_buffer_size",
                "write_buffer_size",
                "keepalive");
    }

    private static void common(Section section) {
        if (!section.text("transport", "tcp").startsWith("tcp")) {
            section.problem("transport", "Firn listens on tcp only; write an address with a port");
        }
        if (section.bool("include_metadata", false)) {
            section.warning(
                    "include_metadata",
                    "Firn does not keep what requests carry beside their points; take this line"
                            + " out");
        }
        section.refuse("Firn has no middlewares; take this out", "middlewares");
    }
}
