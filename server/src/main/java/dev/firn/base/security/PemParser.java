package dev.firn.base.security;

import dev.firn.base.InputException;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Certificates and private keys out of PEM text (RFC 7468). Keys: PKCS#8, PKCS#1 (RFC 8017) and
/// SEC 1 (RFC 5915), none of them encrypted.
final class PemParser {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----", Pattern.DOTALL);
    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA", "RSASSA-PSS");

    private PemParser() {}

    private record Block(String label, byte[] der) {}

    private static List<Block> blocks(Pem pem) {
        var blocks = new ArrayList<Block>();
        Matcher matcher = BLOCK.matcher(pem.read());
        while (matcher.find()) {
            String body = matcher.group(2);
            if (body.contains("ENCRYPTED") && body.contains("Proc-Type")) {
                blocks.add(new Block("ENCRYPTED PRIVATE KEY", new byte[0]));
                continue;
            }
            try {
                blocks.add(new Block(matcher.group(1), Base64.getMimeDecoder().decode(body)));
            } catch (IllegalArgumentException e) {
                throw bad(pem, "a block of it is not Base64", "copy the file again");
            }
        }
        return blocks;
    }

    /// All certificates, in the order of the text; at least one.
    static List<X509Certificate> certificates(Pem pem) {
        var certificates = new ArrayList<X509Certificate>();
        for (Block block : blocks(pem)) {
            if (!block.label.equals("CERTIFICATE") && !block.label.equals("X509 CERTIFICATE")) {
                continue;
            }
            try {
                certificates.add(
                        (X509Certificate)
                                CertificateFactory.getInstance("X.509")
                                        .generateCertificate(new ByteArrayInputStream(block.der)));
            } catch (CertificateException e) {
                throw bad(
                        pem,
                        "certificate " + (certificates.size() + 1) + " is damaged",
                        "copy the file again");
            }
        }
        if (certificates.isEmpty()) {
            throw bad(
                    pem,
                    "there is no certificate in it",
                    "it must hold \"-----BEGIN CERTIFICATE-----\" (PEM)");
        }
        return certificates;
    }

    /// The first private key of the text.
    static PrivateKey privateKey(Pem pem) {
        for (Block block : blocks(pem)) {
            switch (block.label) {
                case "PRIVATE KEY" -> {
                    return key(pem, block.der);
                }
                case "RSA PRIVATE KEY" -> {
                    return key(pem, Der.pkcs8OfRsa(block.der));
                }
                case "EC PRIVATE KEY" -> {
                    return key(pem, sec1(pem, block.der));
                }
                case "ENCRYPTED PRIVATE KEY" ->
                        throw bad(
                                pem,
                                "the key is encrypted",
                                "decrypt it with \"openssl pkey -in FILE -out PLAIN\" and protect"
                                        + " the file by its permissions");
                default -> {} // parameters, certificates
            }
        }
        throw bad(
                pem,
                "there is no private key in it",
                "it must hold \"-----BEGIN PRIVATE KEY-----\" (PEM)");
    }

    private static byte[] sec1(Pem pem, byte[] der) {
        try {
            return Der.pkcs8OfEc(der);
        } catch (IllegalArgumentException e) {
            throw bad(
                    pem,
                    "the key does not name its curve",
                    "convert it with \"openssl pkcs8 -topk8 -nocrypt\"");
        }
    }

    private static PrivateKey key(Pem pem, byte[] pkcs8) {
        var spec = new PKCS8EncodedKeySpec(pkcs8);
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (GeneralSecurityException e) {
                // the next algorithm may know it
            }
        }
        throw bad(pem, "the key is damaged or of an unknown kind", "use RSA, EC or Ed25519");
    }

    static InputException bad(Pem pem, String why, String remedy) {
        return new InputException("cannot use " + pem.place() + ": " + why + "; " + remedy);
    }
}
