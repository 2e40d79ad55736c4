package dev.firn.base.security;

import java.io.ByteArrayOutputStream;

/// The few bytes of DER (X.690) that make PKCS#8 out of the two older forms of private keys.
final class Der {
    private static final int SEQUENCE = 0x30;
    private static final int OCTETS = 0x04;
    private static final int PARAMETERS = 0xA0;
    private static final byte[] VERSION_0 = {2, 1, 0};

    /// AlgorithmIdentifier of rsaEncryption, 1.2.840.113549.1.1.1 with NULL.
    private static final byte[] RSA = {
        0x30, 13, 6, 9, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 1, 1, 1, 5, 0
    };

    /// id-ecPublicKey, 1.2.840.10045.2.1.
    private static final byte[] EC = {6, 7, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 2, 1};

    private Der() {}

    static byte[] pkcs8OfRsa(byte[] pkcs1) {
        return of(SEQUENCE, VERSION_0, RSA, of(OCTETS, pkcs1));
    }

    /// @throws IllegalArgumentException when the key names no curve
    static byte[] pkcs8OfEc(byte[] sec1) {
        byte[] curve = curve(sec1);
        return of(SEQUENCE, VERSION_0, of(SEQUENCE, EC, curve), of(OCTETS, sec1));
    }

    /// What stands in `parameters [0]` of an ECPrivateKey.
    private static byte[] curve(byte[] sec1) {
        try {
            int at = content(sec1, 0);
            while (at < sec1.length) {
                int content = content(sec1, at);
                int end = content + length(sec1, at);
                if ((sec1[at] & 0xff) == PARAMETERS) {
                    return java.util.Arrays.copyOfRange(sec1, content, end);
                }
                at = end;
            }
        } catch (IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("truncated", e);
        }
        throw new IllegalArgumentException("no curve");
    }

    /// Where the content of the element at `at` begins.
    private static int content(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        return at + 2 + (first < 0x80 ? 0 : first & 0x7f);
    }

    private static int length(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        if (first < 0x80) {
            return first;
        }
        int length = 0;
        for (int i = 0; i < (first & 0x7f); i++) {
            length = (length << 8) | (der[at + 2 + i] & 0xff);
        }
        return java.util.Objects.checkIndex(length, der.length + 1);
    }

    private static byte[] of(int tag, byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        var der = new ByteArrayOutputStream(length + 4);
        der.write(tag);
        if (length < 0x80) {
            der.write(length);
        } else if (length < 0x100) {
            der.write(0x81);
            der.write(length);
        } else {
            der.write(0x82);
            der.write(length >> 8);
            der.write(length);
        }
        for (byte[] part : parts) {
            der.writeBytes(part);
        }
        return der.toByteArray();
    }
}
