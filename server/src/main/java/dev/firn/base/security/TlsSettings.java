package dev.firn.base.security;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// What a `tls:` block says.
///
/// @param certificate own certificate, then those that lead to its authority
/// @param key its private key; both or neither
/// @param authorities who may vouch for the other side; for a server: clients must show a
///   certificate
/// @param systemAuthorities the JVM's authorities count too; without `authorities` a client always
///   takes them
/// @param skipVerify a client believes any server
/// @param serverName the name that a client expects instead of the host it connects to; "" for none
/// @param protocols such as `TLSv1.3`, at least one
/// @param ciphers suites of TLS 1.2 by name; empty for the JVM's
/// @param reloadNanos the files are read again when they are older than that; 0: never
public record TlsSettings(
        Optional<Pem> certificate,
        Optional<Pem> key,
        Optional<Pem> authorities,
        boolean systemAuthorities,
        boolean skipVerify,
        String serverName,
        List<String> protocols,
        List<String> ciphers,
        long reloadNanos) {
    public TlsSettings {
        Objects.requireNonNull(serverName, "serverName");
        protocols = List.copyOf(protocols);
        ciphers = List.copyOf(ciphers);
        if (certificate.isPresent() != key.isPresent()) {
            throw new IllegalArgumentException("a certificate goes with its key");
        }
        if (protocols.isEmpty() || reloadNanos < 0) {
            throw new IllegalArgumentException(protocols + ", " + reloadNanos);
        }
    }

    /// The same, believing who has a certificate of these authorities only.
    public TlsSettings believing(Pem only) {
        return new TlsSettings(
                certificate,
                key,
                Optional.of(only),
                false,
                skipVerify,
                serverName,
                protocols,
                ciphers,
                reloadNanos);
    }

    /// A client that trusts the JVM's authorities and shows no certificate.
    public static TlsSettings client() {
        return new TlsSettings(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                false,
                "",
                List.of("TLSv1.3", "TLSv1.2"),
                List.of(),
                0);
    }
}
