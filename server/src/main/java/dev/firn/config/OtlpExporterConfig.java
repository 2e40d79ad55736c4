package dev.firn.config;

import dev.firn.base.security.Secret;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// `otlp` (`otlp_grpc`): sends on over OTLP/gRPC.
///
/// @param endpoint `host:port`
/// @param plain without TLS
/// @param tls absent: TLS with the JVM's authorities, unless `plain`
/// @param authority the name that the server is asked for; empty: the host
public record OtlpExporterConfig(
        Config.Address endpoint,
        boolean plain,
        Optional<TlsConfig> tls,
        Optional<AuthConfig> auth,
        Map<String, Secret> headers,
        OtlpCompression compression,
        String authority,
        long timeoutNanos,
        RetryConfig retry,
        SendingQueueConfig queue)
        implements ExporterConfig {
    private static final long SECOND = 1_000_000_000L;

    public OtlpExporterConfig {
        headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
    }

    static OtlpExporterConfig read(Section section) {
        String written = section.text("endpoint", "");
        if (written.isEmpty()) {
            section.problem("endpoint", "missing; write endpoint: collector:4317");
        }
        String address =
                written.replaceFirst("^https?://", "").replaceFirst("^(dns|passthrough):///", "");
        Optional<TlsConfig> tls = TlsConfig.client(section);
        var config =
                new OtlpExporterConfig(
                        address(section, written, address.replaceFirst("/$", "")),
                        written.startsWith("http://") || tls.filter(TlsConfig::insecure).isPresent(),
                        tls,
                        AuthConfig.read(section),
                        ClientKeys.headers(section),
                        ClientKeys.compression(section),
                        section.text("authority", ""),
                        section.nanos("timeout", 5 * SECOND, 0, 3_600 * SECOND),
                        RetryConfig.read(section),
                        SendingQueueConfig.read(section));
        ClientKeys.refused(section);
        section.close();
        return config;
    }

    private static Config.Address address(Section section, String written, String address) {
        try {
            return Config.Address.parse(address);
        } catch (dev.firn.base.InputException e) {
            if (!written.isEmpty()) {
                section.problem(
                        "endpoint", "\"" + written + "\" is not an address such as collector:4317");
            }
            return new Config.Address("127.0.0.1", 4317);
        }
    }
}
