package dev.firn.config;

/// How an exporter compresses requests.
public enum OtlpCompression {
    NONE,
    GZIP,
    ZSTD
}
