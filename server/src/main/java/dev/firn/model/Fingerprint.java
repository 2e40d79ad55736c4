package dev.firn.model;

import java.util.HexFormat;

/// 16 bytes of a SHA-256, big-endian in two longs. The first 8 bytes are the series id.
public record Fingerprint(long high, long low) {
    /// The 16 bytes.
    public byte[] toBytes() {
        var bytes = new byte[16];
        for (int i = 0; i < 8; i++) {
            bytes[i] = (byte) (high >>> (56 - 8 * i));
            bytes[8 + i] = (byte) (low >>> (56 - 8 * i));
        }
        return bytes;
    }

    /// From the first 16 of `bytes`.
    public static Fingerprint of(byte[] bytes) {
        return new Fingerprint(longAt(bytes, 0), longAt(bytes, 8));
    }

    static long longAt(byte[] bytes, int from) {
        long value = 0;
        for (int i = from; i < from + 8; i++) {
            value = value << 8 | bytes[i] & 0xff;
        }
        return value;
    }

    /// 32 hexadecimal digits.
    @Override
    public String toString() {
        return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
    }
}
