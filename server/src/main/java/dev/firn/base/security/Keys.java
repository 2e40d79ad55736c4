package dev.firn.base.security;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/// The own certificate of one side. A handshake asks for an alias first and for what belongs to it
/// later: each loading has an alias of its own and the one before stays known, so that a handshake
/// never mixes two.
final class Keys extends X509ExtendedKeyManager {
    private record Generation(String alias, X509ExtendedKeyManager manager) {}

    private final Tls tls;
    private volatile @Nullable Generation current;
    private volatile @Nullable Generation previous;
    private int loads;

    Keys(Tls tls) {
        this.tls = tls;
    }

    /// @throws dev.firn.base.InputException when the two cannot be used
    void load(Pem certificate, Pem key) {
        List<X509Certificate> chain = PemParser.certificates(certificate);
        PrivateKey secret = PemParser.privateKey(key);
        if (!belongs(chain.getFirst(), secret)) {
            throw PemParser.bad(
                    key,
                    "it is not the key of the first certificate in " + certificate.place(),
                    "name the two files that were made together");
        }
        String alias = "own-" + ++loads;
        Generation loaded = new Generation(alias, manager(alias, chain, secret));
        previous = current;
        current = loaded;
    }

    private static boolean belongs(X509Certificate certificate, PrivateKey key) {
        String algorithm =
                switch (key.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    case "EdDSA", "Ed25519", "Ed448" -> "EdDSA";
                    default -> "";
                };
        if (algorithm.isEmpty()) {
            return true; // the handshake will tell
        }
        try {
            var signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update((byte) 1);
            byte[] signed = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update((byte) 1);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false; // the certificate's key is of another kind
        }
    }

    private static X509ExtendedKeyManager manager(
            String alias, List<X509Certificate> chain, PrivateKey key) {
        char[] password = {};
        try {
            var store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry(alias, key, password, chain.toArray(X509Certificate[]::new));
            var factory = KeyManagerFactory.getInstance("SunX509");
            factory.init(store, password);
            return (X509ExtendedKeyManager) factory.getKeyManagers()[0];
        } catch (GeneralSecurityException | java.io.IOException e) {
            throw new IllegalStateException("the JVM takes no key", e);
        }
    }

    private @Nullable X509ExtendedKeyManager newest() {
        tls.reloadIfDue();
        Generation now = current;
        return now == null ? null : now.manager;
    }

    private @Nullable X509ExtendedKeyManager of(@Nullable String alias) {
        for (Generation one : new Generation[] {current, previous}) {
            if (one != null && one.alias.equals(alias)) {
                return one.manager;
            }
        }
        return null;
    }

    @Override
    public String @Nullable [] getClientAliases(String type, Principal @Nullable [] issuers) {
        X509ExtendedKeyManager manager = newest();
        return manager == null ? null : manager.getClientAliases(type, issuers);
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
        X509ExtendedKeyManager manager = newest();
        return manager == null ? null : manager.chooseClientAlias(types, issuers, socket);
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
            String[] types, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        X509ExtendedKeyManager manager = newest();
        return manager == null ? null : manager.chooseEngineClientAlias(types, issuers, engine);
    }

    @Override
    public String @Nullable [] getServerAliases(String type, Principal @Nullable [] issuers) {
        X509ExtendedKeyManager manager = newest();
        return manager == null ? null : manager.getServerAliases(type, issuers);
    }

    @Override
    public @Nullable String chooseServerAlias(
            String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
        X509ExtendedKeyManager manager = newest();
        return manager == null ? null : manager.chooseServerAlias(type, issuers, socket);
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String type, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        X509ExtendedKeyManager manager = newest();
        return manager == null ? null : manager.chooseEngineServerAlias(type, issuers, engine);
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(@Nullable String alias) {
        X509ExtendedKeyManager manager = of(alias);
        return manager == null ? null : manager.getCertificateChain(alias);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(@Nullable String alias) {
        X509ExtendedKeyManager manager = of(alias);
        return manager == null ? null : manager.getPrivateKey(alias);
    }
}
