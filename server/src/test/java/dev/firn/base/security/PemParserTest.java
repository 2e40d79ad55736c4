package dev.firn.base.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.base.InputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PemParserTest {
    private static final TestCertificates CERTIFICATES = TestCertificates.shared();

    @TempDir private Path folder;

    private static Pem inline(String text) {
        return new Pem.Inline("tls.key_pem", new Secret(text));
    }

    @Test
    void pkcs8KeysOfRsaAndEcAreRead() {
        assertThat(PemParser.privateKey(inline(CERTIFICATES.key("rsa"))).getAlgorithm())
                .isEqualTo("RSA");
        assertThat(PemParser.privateKey(inline(CERTIFICATES.key("server"))).getAlgorithm())
                .isEqualTo("EC");
    }

    /// PKCS#1 is what stands in the last octet string of PKCS#8.
    @Test
    void pkcs1KeysAreRead() {
        byte[] pkcs8 = CERTIFICATES.keyBytes("rsa");
        byte[] pkcs1 = java.util.Arrays.copyOfRange(pkcs8, 26, pkcs8.length);

        PrivateKey key =
                PemParser.privateKey(inline(TestCertificates.pem("RSA PRIVATE KEY", pkcs1)));

        assertThat(key.getEncoded()).isEqualTo(pkcs8);
    }

    /// RFC 5915, with the curve prime256v1 and behind the block that openssl ecparam writes.
    @Test
    void sec1KeysAreRead() throws Exception {
        var pair = java.security.KeyPairGenerator.getInstance("EC");
        pair.initialize(new java.security.spec.ECGenParameterSpec("secp256r1"));
        var key = (java.security.interfaces.ECPrivateKey) pair.generateKeyPair().getPrivate();
        byte[] curve = {6, 8, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 3, 1, 7};
        byte[] secret = java.util.HexFormat.of().parseHex("%064x".formatted(key.getS()));
        var sec1 = new java.io.ByteArrayOutputStream();
        sec1.writeBytes(new byte[] {0x30, 49, 2, 1, 1, 4, 32});
        sec1.writeBytes(secret);
        sec1.writeBytes(new byte[] {(byte) 0xa0, 10});
        sec1.writeBytes(curve);
        String text =
                TestCertificates.pem("EC PARAMETERS", curve)
                        + TestCertificates.pem("EC PRIVATE KEY", sec1.toByteArray());

        var read = (java.security.interfaces.ECPrivateKey) PemParser.privateKey(inline(text));

        assertThat(read.getS()).isEqualTo(key.getS());
    }

    @Test
    void messagesNameTheFileAndTheRemedy() throws Exception {
        Path file = folder.resolve("server.key");
        Files.writeString(file, TestCertificates.pem("ENCRYPTED PRIVATE KEY", new byte[] {1, 2}));

        assertThatThrownBy(() -> PemParser.privateKey(new Pem.File("tls.key_file", file)))
                .isInstanceOf(InputException.class)
                .hasMessageContainingAll("tls.key_file", file.toString(), "openssl pkey");
        assertThatThrownBy(() ->
                        PemParser.certificates(
                                new Pem.File("tls.cert_file", folder.resolve("no.crt"))))
                .hasMessageContainingAll("tls.cert_file", "no.crt", "there is no such file");
        assertThatThrownBy(() -> PemParser.certificates(inline("hello")))
                .hasMessageContaining("there is no certificate in it");
    }

    @Test
    void aSecretIsNeverShown() {
        assertThat(CERTIFICATES.settings("server", "ca").toString())
                .doesNotContain("BEGIN")
                .contains("[secret]");
    }
}
