package dev.firn.config;

import dev.firn.base.Clock;
import dev.firn.base.InputException;
import dev.firn.base.security.Credentials;
import dev.firn.base.security.Secret;
import dev.firn.base.security.Tls;
import dev.firn.base.security.TlsSettings;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What both OTLP exporters share.
///
/// @param path of the exporter's section, for messages
/// @param headers sent with each request; they may hold secrets
/// @param timeoutNanos of one request; 0: none
public record ClientConfig(
        String path,
        Map<String, Secret> headers,
        Compression compression,
        long timeoutNanos,
        RetryConfig retry,
        SendingQueueConfig queue,
        Optional<TlsConfig> tls,
        Optional<AuthConfig> auth) {
    private static final long SECOND = 1_000_000_000L;

    /// How requests travel.
    public enum Compression {
        NONE,
        GZIP,
        ZSTD
    }

    public ClientConfig {
        headers = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(headers));
    }

    ClientConfig batchedBy(BatchProcessorConfig batch) {
        return new ClientConfig(
                path, headers, compression, timeoutNanos, retry, queue.batchedBy(batch), tls, auth);
    }

    static ClientConfig read(Section section, long timeoutNanos) {
        return new ClientConfig(
                section.path(),
                headers(section),
                compression(section),
                section.nanos("timeout", timeoutNanos, 0, 86_400 * SECOND),
                RetryConfig.read(section),
                SendingQueueConfig.read(section),
                TlsConfig.client(section),
                AuthConfig.read(section));
    }

    /// Headers of requests; they may hold secrets.
    static Map<String, Secret> headers(Section section) {
        var headers = new LinkedHashMap<String, Secret>();
        section.textMap("headers")
                .forEach((name, value) -> {
                    if (!name.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+")) {
                        section.problem("headers", "\"" + name + "\" is not the name of a header");
                    } else {
                        headers.put(name, new Secret(value));
                    }
                });
        return headers;
    }

    private static Compression compression(Section section) {
        String text = section.text("compression", "gzip");
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "gzip" -> Compression.GZIP;
            case "zstd" -> Compression.ZSTD;
            case "none", "" -> Compression.NONE;
            case "snappy", "x-snappy-framed", "zlib", "deflate", "lz4" -> {
                section.problem(
                        "compression", "Firn does not send \"" + text + "\"; write gzip or zstd");
                yield Compression.GZIP;
            }
            default -> {
                section.problem("compression", "\"" + text + "\" is none of gzip, zstd and none");
                yield Compression.GZIP;
            }
        };
    }

    /// The client's side of TLS, its files read.
    ///
    /// @throws InputException when a file cannot be used
    public Tls openTls(Clock clock) {
        return Tls.client(tls.map(TlsConfig::settings).orElse(TlsSettings.client()), clock);
    }

    /// How it says who it is; empty without `auth`.
    ///
    /// @param extensions by name, all that `service.extensions` lists
    /// @throws InputException when the extension is none for clients, or a file cannot be used
    public Optional<Credentials> openCredentials(
            Map<String, ? extends ExtensionConfig> extensions, Clock clock) {
        return auth.map(one -> {
            if (extensions.get(one.authenticator()) instanceof AuthExtensionConfig extension
                    && extension.forExporters()) {
                return extension.credentials(clock).orElseThrow();
            }
            throw new InputException(
                    one.place()
                            + ": auth.authenticator: \""
                            + one.authenticator()
                            + "\" is no extension that gives a client credentials; define it under"
                            + " extensions and list it in service.extensions");
        });
    }
}
