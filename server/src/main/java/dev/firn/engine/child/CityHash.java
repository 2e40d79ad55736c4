package dev.firn.engine.child;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// CityHash128 of CityHash 1.0.2, which ClickHouse keeps for the checksums of its compressed blocks
/// (later versions of CityHash give other values). All arithmetic is modulo 2^64.
final class CityHash {
    private static final long K0 = 0xc3a5c85c97cb3127L;
    private static final long K1 = 0xb492b66fbe98f273L;
    private static final long K2 = 0x9ae16a3b2f90404fL;
    private static final long K3 = 0xc949d7c7509e6557L;
    private static final long MUL = 0x9ddfea08eb382d69L;
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private CityHash() {}

    /// 128 bits, the low half first as ClickHouse writes them.
    record Hash(long low, long high) {}

    /// Hashes `length` bytes from `offset`.
    static Hash hash128(byte[] bytes, int offset, int length) {
        if (length >= 16) {
            return seeded(
                    bytes,
                    offset + 16,
                    length - 16,
                    new Hash(long8(bytes, offset) ^ K3, long8(bytes, offset + 8)));
        }
        if (length >= 8) {
            return seeded(
                    bytes,
                    offset,
                    0,
                    new Hash(
                            long8(bytes, offset) ^ length * K0,
                            long8(bytes, offset + length - 8) ^ K1));
        }
        return seeded(bytes, offset, length, new Hash(K0, K1));
    }

    private static Hash seeded(byte[] bytes, int offset, int length, Hash seed) {
        return length < 128
                ? murmur(bytes, offset, length, seed)
                : new LongInput(bytes, offset, length, seed).hash();
    }

    /// Inputs of 128 bytes and more: 56 bytes of state, two rounds of 64 bytes a loop.
    private static final class LongInput {
        private final byte[] bytes;
        private int at;
        private int left;
        private long x;
        private long y;
        private long z;
        private Hash v;
        private Hash w;

        LongInput(byte[] bytes, int offset, int length, Hash seed) {
            this.bytes = bytes;
            this.at = offset;
            this.left = length;
            x = seed.low();
            y = seed.high();
            z = length * K1;
            long v1 = rotate(y ^ K1, 49) * K1 + long8(bytes, at);
            v = new Hash(v1, rotate(v1, 42) * K1 + long8(bytes, at + 8));
            w = new Hash(rotate(y + z, 35) * K1 + x, rotate(x + long8(bytes, at + 88), 53) * K1);
        }

        Hash hash() {
            do {
                round();
                round();
                left -= 128;
            } while (left >= 128);
            y += rotate(w.low(), 37) * K0 + z;
            x += rotate(v.low() + z, 49) * K0;
            tail();
            x = mix16(x, v.low());
            y = mix16(y, w.low());
            return new Hash(mix16(x + v.high(), w.high()) + y, mix16(x + w.high(), y + v.high()));
        }

        private void round() {
            x = rotate(x + y + v.low() + long8(bytes, at + 16), 37) * K1;
            y = rotate(y + v.high() + long8(bytes, at + 48), 42) * K1;
            x ^= w.high();
            y ^= v.low();
            z = rotate(z ^ w.low(), 33);
            v = weak32(bytes, at, v.high() * K1, x + w.low());
            w = weak32(bytes, at + 32, z + w.high(), y);
            long swap = z;
            z = x;
            x = swap;
            at += 64;
        }

        private void tail() {
            for (int done = 0; done < left; ) {
                done += 32;
                int from = at + left - done;
                y = rotate(y - x, 42) * K0 + v.high();
                w = new Hash(w.low() + long8(bytes, from + 16), w.high());
                x = rotate(x, 49) * K0 + w.low();
                w = new Hash(w.low() + v.low(), w.high());
                v = weak32(bytes, from, v.low(), v.high());
            }
        }
    }

    private static Hash murmur(byte[] bytes, int offset, int length, Hash seed) {
        long a = seed.low();
        long b = seed.high();
        long c;
        long d;
        int left = length - 16;
        if (left <= 0) {
            a = shiftMix(a * K1) * K1;
            c = b * K1 + upTo16(bytes, offset, length);
            d = shiftMix(a + (length >= 8 ? long8(bytes, offset) : c));
        } else {
            c = mix16(long8(bytes, offset + length - 8) + K1, a);
            d = mix16(b + length, c + long8(bytes, offset + length - 16));
            a += d;
            for (int at = offset; left > 0; at += 16, left -= 16) {
                a = (a ^ shiftMix(long8(bytes, at) * K1) * K1) * K1;
                b ^= a;
                c = (c ^ shiftMix(long8(bytes, at + 8) * K1) * K1) * K1;
                d ^= c;
            }
        }
        a = mix16(a, c);
        b = mix16(d, b);
        return new Hash(a ^ b, mix16(b, a));
    }

    private static long upTo16(byte[] bytes, int offset, int length) {
        if (length > 8) {
            long a = long8(bytes, offset);
            long b = long8(bytes, offset + length - 8);
            return mix16(a, Long.rotateRight(b + length, length)) ^ b;
        }
        if (length >= 4) {
            long a = int4(bytes, offset);
            return mix16(length + (a << 3), int4(bytes, offset + length - 4));
        }
        if (length > 0) {
            int a = bytes[offset] & 0xff;
            int b = bytes[offset + (length >> 1)] & 0xff;
            int c = bytes[offset + length - 1] & 0xff;
            int y = a + (b << 8);
            int z = length + (c << 2);
            return shiftMix(y * K2 ^ z * K3) * K2;
        }
        return K2;
    }

    private static Hash weak32(byte[] bytes, int at, long seedA, long seedB) {
        long w = long8(bytes, at);
        long x = long8(bytes, at + 8);
        long y = long8(bytes, at + 16);
        long z = long8(bytes, at + 24);
        long a = seedA + w;
        long b = rotate(seedB + a + z, 21);
        long c = a;
        a += x;
        a += y;
        b += rotate(a, 44);
        return new Hash(a + z, b + c);
    }

    private static long mix16(long u, long v) {
        long a = (u ^ v) * MUL;
        a ^= a >>> 47;
        long b = (v ^ a) * MUL;
        b ^= b >>> 47;
        return b * MUL;
    }

    private static long shiftMix(long value) {
        return value ^ value >>> 47;
    }

    private static long rotate(long value, int shift) {
        return Long.rotateRight(value, shift);
    }

    private static long long8(byte[] bytes, int at) {
        return (long) LONG.get(bytes, at);
    }

    private static long int4(byte[] bytes, int at) {
        return (int) INT.get(bytes, at) & 0xffffffffL;
    }
}
