package dev.firn.base.security;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// Whom one side believes: the given authorities, the JVM's, or (a client told so) everybody. The
/// JDK checks a server's name in here, so that believing everybody includes the name.
final class Trust extends X509ExtendedTrustManager {
    private static final X509Certificate[] NOBODY = {};

    private final Tls tls;
    private final boolean everybody;
    private final String serverName;
    private volatile @Nullable X509ExtendedTrustManager current;

    Trust(Tls tls, boolean everybody, String serverName) {
        this.tls = tls;
        this.everybody = everybody;
        this.serverName = serverName;
    }

    /// @throws dev.firn.base.InputException when `authorities` cannot be used
    void load(Optional<Pem> authorities, boolean system, boolean server) {
        if (authorities.isEmpty()) {
            if (!server && current == null) {
                current = manager(null);
            }
            return;
        }
        try {
            var store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            int number = 0;
            for (X509Certificate one : PemParser.certificates(authorities.get())) {
                store.setCertificateEntry("ca-" + number++, one);
            }
            if (system) {
                for (X509Certificate one : manager(null).getAcceptedIssuers()) {
                    store.setCertificateEntry("ca-" + number++, one);
                }
            }
            current = manager(store);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("the JVM takes no authorities", e);
        }
    }

    /// @param store null for the JVM's authorities
    private static X509ExtendedTrustManager manager(@Nullable KeyStore store) {
        try {
            var factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JVM cannot check certificates", e);
        }
    }

    private X509ExtendedTrustManager newest() throws CertificateException {
        tls.reloadIfDue();
        X509ExtendedTrustManager now = current;
        if (now == null) {
            throw new CertificateException("no authority is configured");
        }
        return now;
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
            throws CertificateException {
        newest().checkClientTrusted(chain, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, @Nullable Socket socket)
            throws CertificateException {
        newest().checkClientTrusted(chain, type, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, @Nullable SSLEngine engine)
            throws CertificateException {
        newest().checkClientTrusted(chain, type, engine);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
            throws CertificateException {
        if (!everybody) {
            newest().checkServerTrusted(chain, type);
            checkName(chain);
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, @Nullable Socket socket)
            throws CertificateException {
        if (!serverName.isEmpty()) {
            checkServerTrusted(chain, type);
        } else if (!everybody) {
            newest().checkServerTrusted(chain, type, socket);
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, @Nullable SSLEngine engine)
            throws CertificateException {
        if (!serverName.isEmpty()) {
            checkServerTrusted(chain, type);
        } else if (!everybody) {
            newest().checkServerTrusted(chain, type, engine);
        }
    }

    private void checkName(X509Certificate[] chain) throws CertificateException {
        if (!serverName.isEmpty() && !ServerNames.match(chain[0], serverName)) {
            throw new CertificateException(
                    "the server's certificate is not for tls.server_name_override \""
                            + serverName
                            + "\"");
        }
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        X509ExtendedTrustManager now = current;
        return now == null ? NOBODY : now.getAcceptedIssuers();
    }
}
