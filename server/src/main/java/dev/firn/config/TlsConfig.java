package dev.firn.config;

import dev.firn.base.security.Pem;
import dev.firn.base.security.Secret;
import dev.firn.base.security.Tls;
import dev.firn.base.security.TlsSettings;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `tls:` with the Collector's keys (its `configtls`). Files are read at start, not here.
///
/// @param insecure a client's: no TLS at all
public record TlsConfig(boolean insecure, TlsSettings settings) {
    private static final long SECOND = 1_000_000_000L;
    private static final long DAY = 86_400 * SECOND;

    /// `client_ca_file_reload` without a `reload_interval` looks this often.
    private static final long CLIENT_CA_RELOAD_NANOS = SECOND;

    /// `tls:` of a listener, below `parent`; empty if there is none: plain text.
    static Optional<TlsConfig> server(Section parent) {
        if (!parent.has("tls")) {
            return Optional.empty();
        }
        Section section = parent.section("tls");
        Optional<Pem> authorities = pem(section, "client_ca");
        for (String key : List.of("ca_file", "ca_pem", "include_system_ca_certs_pool")) {
            if (section.has(key)) {
                section.warning(
                        key,
                        "does nothing for a listener, as in the Collector; clients are checked"
                                + " with client_ca_file");
            }
        }
        boolean reloadAuthorities = section.bool("client_ca_file_reload", false);
        TlsSettings settings = settings(section, authorities, false, false, "");
        if (settings.certificate().isEmpty()) {
            section.problem("cert_file", "a listener needs one, and its key_file");
        }
        section.close();
        return Optional.of(
                new TlsConfig(
                        false,
                        reloadAuthorities && settings.reloadNanos() == 0
                                ? withReload(settings, CLIENT_CA_RELOAD_NANOS)
                                : settings));
    }

    /// `tls:` of an exporter, below `parent`; empty if there is none: TLS with the JVM's
    /// authorities where the endpoint asks for it.
    static Optional<TlsConfig> client(Section parent) {
        if (!parent.has("tls")) {
            return Optional.empty();
        }
        Section section = parent.section("tls");
        boolean insecure = section.bool("insecure", false);
        Optional<Pem> authorities = pem(section, "ca");
        TlsSettings settings =
                settings(
                        section,
                        authorities,
                        section.bool("include_system_ca_certs_pool", false),
                        section.bool("insecure_skip_verify", false),
                        section.text("server_name_override", ""));
        section.close();
        return Optional.of(new TlsConfig(insecure, settings));
    }

    private static TlsSettings settings(
            Section section,
            Optional<Pem> authorities,
            boolean systemAuthorities,
            boolean skipVerify,
            String serverName) {
        Optional<Pem> certificate = pem(section, "cert");
        Optional<Pem> key = pem(section, "key");
        if (certificate.isPresent() != key.isPresent()) {
            section.problem(
                    certificate.isPresent() ? "cert_file" : "key_file",
                    "certificate and key go together; write cert_file and key_file");
            certificate = Optional.empty();
            key = Optional.empty();
        }
        refused(section);
        return new TlsSettings(
                certificate,
                key,
                authorities,
                systemAuthorities,
                skipVerify,
                serverName,
                protocols(section),
                ciphers(section),
                section.nanos("reload_interval", 0, 0, 365 * DAY));
    }

    /// `X_file` or `X_pem`.
    private static Optional<Pem> pem(Section section, String what) {
        String fileKey = what + "_file";
        String textKey = what + "_pem";
        String file = section.text(fileKey, "");
        // client_ca has no such key in the Collector
        String text = what.equals("client_ca") ? "" : section.text(textKey, "");
        if (!file.isEmpty() && !text.isEmpty()) {
            section.problem(fileKey, "write either " + fileKey + " or " + textKey + ", not both");
        }
        if (!file.isEmpty()) {
            try {
                return Optional.of(new Pem.File(section.path() + "." + fileKey, Path.of(file)));
            } catch (InvalidPathException e) {
                section.problem(fileKey, "\"" + file + "\" is no path");
                return Optional.empty();
            }
        }
        return text.isEmpty()
                ? Optional.empty()
                : Optional.of(new Pem.Inline(section.path() + "." + textKey, new Secret(text)));
    }

    private static List<String> protocols(Section section) {
        int min = version(section, "min_version", 12);
        int max = version(section, "max_version", 13);
        if (min > max) {
            section.problem("min_version", "it is above max_version");
        }
        var protocols = new ArrayList<String>();
        if (max >= 13) {
            protocols.add("TLSv1.3");
        }
        if (min <= 12) {
            protocols.add("TLSv1.2");
        }
        return protocols;
    }

    private static int version(Section section, String key, int otherwise) {
        String text = section.text(key, "");
        switch (text) {
            case "" -> {}
            case "1.2" -> {
                return 12;
            }
            case "1.3" -> {
                return 13;
            }
            case "1.0", "1.1" -> {
                if (key.equals("min_version")) {
                    section.warning(
                            key, "Firn speaks nothing below TLS 1.2; write min_version: \"1.2\"");
                } else {
                    section.problem(key, "Firn speaks TLS 1.2 and 1.3 only; write \"1.2\"");
                }
            }
            default -> section.problem(key, "\"" + text + "\" is neither 1.2 nor 1.3");
        }
        return otherwise;
    }

    private static List<String> ciphers(Section section) {
        List<String> ciphers = section.texts("cipher_suites");
        List<String> known = ciphers.isEmpty() ? List.of() : Tls.knownCiphers();
        for (String cipher : ciphers) {
            if (!known.contains(cipher)) {
                section.problem(
                        "cipher_suites",
                        "this JVM has no suite \"" + cipher + "\"; take it out of the list");
            }
        }
        return ciphers;
    }

    private static void refused(Section section) {
        if (!section.texts("curve_preferences").isEmpty()) {
            section.warning(
                    "curve_preferences",
                    "Firn takes the JVM's curves, X25519 and P-256 first; start the JVM with"
                            + " -Djdk.tls.namedGroups to choose others");
        }
        if (section.bool("include_insecure_cipher_suites", false)) {
            section.problem(
                    "include_insecure_cipher_suites", "the JVM has none of them; take it out");
        }
        Section tpm = section.section("tpm");
        if (tpm.bool("enabled", false)) {
            section.problem("tpm", "Firn reads keys from files only; write key_file");
        }
        List.of("path", "owner_auth", "auth").forEach(tpm::has);
        tpm.close();
    }

    private static TlsSettings withReload(TlsSettings settings, long nanos) {
        return new TlsSettings(
                settings.certificate(),
                settings.key(),
                settings.authorities(),
                settings.systemAuthorities(),
                settings.skipVerify(),
                settings.serverName(),
                settings.protocols(),
                settings.ciphers(),
                nanos);
    }
}
