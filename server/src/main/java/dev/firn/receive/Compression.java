package dev.firn.receive;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// How a body may be compressed; the ordinal is the mark of [GrpcMessages].
enum Compression {
    IDENTITY,
    GZIP,
    ZSTD;

    /// What a sender may use, for the header Accept-Encoding.
    static final String ACCEPTED = "gzip, zstd, identity";

    /// Of a Content-Encoding header.
    ///
    /// @throws Refusal UNSUPPORTED
    static Compression parse(@Nullable String header) {
        return switch (header == null ? "" : header.strip().toLowerCase(Locale.ROOT)) {
            case "", "identity" -> IDENTITY;
            case "gzip", "x-gzip" -> GZIP;
            case "zstd" -> ZSTD;
            default ->
                    throw Refusal.of(
                            Refusal.Kind.UNSUPPORTED,
                            "cannot read Content-Encoding \""
                                    + header
                                    + "\"; use gzip, zstd or identity");
        };
    }
}
