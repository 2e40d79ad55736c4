package dev.firn.base.security;

import dev.firn.base.Clock;
import dev.firn.base.InputException;
import dev.firn.base.Throttle;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One side of TLS connections, with certificates that are read again from their files: a handshake
/// that comes after [TlsSettings#reloadNanos] sees new ones, without a restart. Files that cannot
/// be used then leave the old ones in place, and are logged.
public final class Tls {
    private static final Logger LOG = LoggerFactory.getLogger(Tls.class);
    private static final long LOG_SECONDS = 60;

    /// Suites of TLS 1.3, which `cipher_suites` does not choose.
    private static final List<String> SUITES_13 =
            List.of(
                    "TLS_AES_128_GCM_SHA256",
                    "TLS_AES_256_GCM_SHA384",
                    "TLS_CHACHA20_POLY1305_SHA256");

    private final TlsSettings settings;
    private final Clock clock;
    private final boolean server;
    private final Throttle throttle;
    private final Keys keys = new Keys(this);
    private final Trust trust;
    private final SSLContext context;
    private long loadedTicks;

    private Tls(TlsSettings settings, Clock clock, boolean server) {
        this.settings = settings;
        this.clock = clock;
        this.server = server;
        this.throttle = new Throttle(clock, LOG_SECONDS);
        this.trust = new Trust(this, settings.skipVerify(), settings.serverName());
        load();
        this.context = makeContext();
    }

    /// A server's side.
    ///
    /// @throws InputException when a file cannot be used
    public static Tls server(TlsSettings settings, Clock clock) {
        if (settings.certificate().isEmpty()) {
            throw new InputException("a server needs tls.cert_file and tls.key_file");
        }
        return new Tls(settings, clock, true);
    }

    /// A client's side.
    ///
    /// @throws InputException when a file cannot be used
    public static Tls client(TlsSettings settings, Clock clock) {
        return new Tls(settings, clock, false);
    }

    /// True if clients must show a certificate.
    public boolean clientsShowCertificates() {
        return server && settings.authorities().isPresent();
    }

    /// The name that a client expects of the server instead of its host; "" for none.
    public String serverName() {
        return settings.serverName();
    }

    /// The one context of this side.
    public SSLContext context() {
        return context;
    }

    /// Own certificates.
    public X509ExtendedKeyManager keyManager() {
        return keys;
    }

    /// Whom this side believes.
    public X509ExtendedTrustManager trustManager() {
        return trust;
    }

    /// Versions, such as `TLSv1.3`.
    public List<String> protocols() {
        return settings.protocols();
    }

    /// All suites to offer; empty for the JVM's.
    public List<String> ciphers() {
        if (settings.ciphers().isEmpty()) {
            return List.of();
        }
        var all = new ArrayList<>(SUITES_13);
        all.addAll(settings.ciphers());
        return List.copyOf(all);
    }

    /// Versions and suites as the JDK's clients and servers take them.
    public SSLParameters parameters() {
        SSLParameters parameters = context.getDefaultSSLParameters();
        parameters.setProtocols(protocols().toArray(String[]::new));
        if (!ciphers().isEmpty()) {
            parameters.setCipherSuites(ciphers().toArray(String[]::new));
        }
        parameters.setNeedClientAuth(clientsShowCertificates());
        return parameters;
    }

    /// Suites that this JVM knows.
    public static List<String> knownCiphers() {
        try {
            return Arrays.asList(
                    SSLContext.getDefault().getSupportedSSLParameters().getCipherSuites());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private SSLContext makeContext() {
        try {
            var made = SSLContext.getInstance("TLS");
            made.init(new KeyManager[] {keys}, new TrustManager[] {trust}, null);
            return made;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JVM has no TLS", e);
        }
    }

    private void load() {
        settings.certificate()
                .ifPresent(certificate -> keys.load(certificate, settings.key().orElseThrow()));
        trust.load(settings.authorities(), settings.systemAuthorities(), server);
        loadedTicks = clock.ticks();
    }

    /// Before a handshake looks at certificates.
    synchronized void reloadIfDue() {
        if (settings.reloadNanos() == 0 || clock.ticks() - loadedTicks < settings.reloadNanos()) {
            return;
        }
        try {
            load();
        } catch (InputException e) {
            loadedTicks = clock.ticks(); // the next interval tries again
            long dropped = throttle.permit();
            if (dropped >= 0) {
                LOG.error(
                        "{}; the certificates read before stay in use ({} such messages were not"
                                + " logged)",
                        e.getMessage(),
                        dropped);
            }
        }
    }
}
