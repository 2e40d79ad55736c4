package dev.firn.base.security;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/// Certificates of two authorities, made by the JDK's keytool once a test run, and written as PEM.
public final class TestCertificates {
    private static final char[] PASSWORD = "changeit".toCharArray();
    private static final TestCertificates SHARED = make();

    private final KeyStore store;

    private TestCertificates(KeyStore store) {
        this.store = store;
    }

    /// Of this JVM. Entries: `ca`, `other-ca`; signed by `ca`: `server`, `server2` (both for
    /// localhost and 127.0.0.1), `elsewhere` (for elsewhere.example), `expired`, `client`, `week`
    /// (valid for one); signed by `other-ca`: `stranger`; RSA signed by `ca`: `rsa`.
    public static TestCertificates shared() {
        return SHARED;
    }

    private static TestCertificates make() {
        try {
            Path folder = Files.createTempDirectory("firn-certificates");
            Path file = folder.resolve("all.p12");
            String here = "san=dns:localhost,ip:127.0.0.1";
            keytool(file, "ca", "EC", "-ext", "bc:c", "-validity", "30");
            keytool(file, "other-ca", "EC", "-ext", "bc:c", "-validity", "30");
            keytool(file, "server", "EC", "-signer", "ca", "-ext", here);
            keytool(file, "server2", "EC", "-signer", "ca", "-ext", here);
            keytool(file, "elsewhere", "EC", "-signer", "ca", "-ext", "san=dns:elsewhere.example");
            keytool(
                    file,
                    "expired",
                    "EC",
                    "-signer",
                    "ca",
                    "-ext",
                    here,
                    "-startdate",
                    "-10d",
                    "-validity",
                    "5");
            keytool(file, "client", "EC", "-signer", "ca");
            keytool(file, "week", "EC", "-signer", "ca", "-ext", here, "-validity", "7");
            keytool(file, "rsa", "RSA", "-signer", "ca", "-ext", here);
            keytool(file, "stranger", "EC", "-signer", "other-ca");
            var store = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(file)) {
                store.load(in, PASSWORD);
            }
            Files.delete(file);
            Files.delete(folder);
            return new TestCertificates(store);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void keytool(Path file, String alias, String algorithm, String... more)
            throws IOException {
        var command =
                new ArrayList<>(
                        List.of(
                                System.getProperty("java.home") + File.separator + "bin/keytool",
                                "-genkeypair",
                                "-alias",
                                alias,
                                "-keyalg",
                                algorithm,
                                "-dname",
                                "CN=" + alias,
                                "-keystore",
                                file.toString(),
                                "-storetype",
                                "PKCS12",
                                "-storepass",
                                new String(PASSWORD)));
        command.addAll(List.of(more));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IOException(alias + ": " + output);
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    /// The certificate with those that lead to its authority, as PEM.
    public String certificate(String alias) {
        try {
            var text = new StringBuilder();
            for (Certificate one : store.getCertificateChain(alias)) {
                text.append(pem("CERTIFICATE", one.getEncoded()));
            }
            return text.toString();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Its key as PKCS#8 PEM.
    public String key(String alias) {
        return pem("PRIVATE KEY", keyBytes(alias));
    }

    byte[] keyBytes(String alias) {
        try {
            return store.getKey(alias, PASSWORD).getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static String pem(String label, byte[] der) {
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
                .formatted(
                        label,
                        Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der),
                        label);
    }

    /// Writes `<alias>.crt` and `<alias>.key` below `folder`.
    public void write(Path folder, String alias) {
        try {
            Files.writeString(folder.resolve(alias + ".crt"), certificate(alias));
            Files.writeString(folder.resolve(alias + ".key"), key(alias));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Settings with the certificate `alias` ("" for none) that trust `authority` ("" for none).
    public TlsSettings settings(String alias, String authority) {
        return settings(alias, authority, "", false);
    }

    /// The same for a client that expects `serverName`, or any server.
    public TlsSettings settings(
            String alias, String authority, String serverName, boolean skipVerify) {
        return new TlsSettings(
                alias.isEmpty() ? Optional.empty() : inline("cert_pem", certificate(alias)),
                alias.isEmpty() ? Optional.empty() : inline("key_pem", key(alias)),
                authority.isEmpty() ? Optional.empty() : inline("ca_pem", certificate(authority)),
                false,
                skipVerify,
                serverName,
                List.of("TLSv1.3", "TLSv1.2"),
                List.of(),
                0);
    }

    private static Optional<Pem> inline(String key, String text) {
        return Optional.of(new Pem.Inline("tls." + key, new Secret(text)));
    }
}
