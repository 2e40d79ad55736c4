package dev.firn.query.promql.value;

import java.io.ByteArrayOutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// The hash by which Prometheus picks series for `limit_ratio`: XXH64 (seed 0) of the labels, each
/// string behind its length, so that both pick the same ones.
public final class LabelHash {
    private static final long P1 = 0x9E3779B185EBCA87L;
    private static final long P2 = 0xC2B2AE3D27D4EB4FL;
    private static final long P3 = 0x165667B19E3779F9L;
    private static final long P4 = 0x85EBCA77C2B2AE63L;
    private static final long P5 = 0x27D4EB2F165667C5L;
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private LabelHash() {}

    /// An unsigned 64-bit number.
    public static long of(Labels labels) {
        var bytes = new ByteArrayOutputStream();
        for (int i = 0; i < labels.size(); i++) {
            append(bytes, labels.nameAt(i));
            append(bytes, labels.valueAt(i));
        }
        return xxh64(bytes.toByteArray());
    }

    private static void append(ByteArrayOutputStream out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length < 255) {
            out.write(bytes.length);
        } else {
            out.write(255);
            out.write(bytes.length);
            out.write(bytes.length >> 8);
            out.write(bytes.length >> 16);
        }
        out.writeBytes(bytes);
    }

    static long xxh64(byte[] data) {
        int at = 0;
        long hash = P5;
        if (data.length >= 32) {
            long[] lane = {P1, P2, 0, 0};
            lane[0] += P2;
            lane[3] -= P1;
            for (; at + 32 <= data.length; at += 32) {
                for (int i = 0; i < 4; i++) {
                    lane[i] = round(lane[i], (long) LONG.get(data, at + 8 * i));
                }
            }
            hash =
                    Long.rotateLeft(lane[0], 1)
                            + Long.rotateLeft(lane[1], 7)
                            + Long.rotateLeft(lane[2], 12)
                            + Long.rotateLeft(lane[3], 18);
            for (long value : lane) {
                hash = (hash ^ round(0, value)) * P1 + P4;
            }
        }
        return avalanche(tail(data, at, hash + data.length));
    }

    private static long tail(byte[] data, int from, long start) {
        long hash = start;
        int at = from;
        for (; at + 8 <= data.length; at += 8) {
            hash = Long.rotateLeft(hash ^ round(0, (long) LONG.get(data, at)), 27) * P1 + P4;
        }
        if (at + 4 <= data.length) {
            hash ^= ((int) INT.get(data, at) & 0xffffffffL) * P1;
            hash = Long.rotateLeft(hash, 23) * P2 + P3;
            at += 4;
        }
        for (; at < data.length; at++) {
            hash = Long.rotateLeft(hash ^ (data[at] & 0xff) * P5, 11) * P1;
        }
        return hash;
    }

    private static long round(long lane, long input) {
        return Long.rotateLeft(lane + input * P2, 31) * P1;
    }

    private static long avalanche(long value) {
        long hash = (value ^ (value >>> 33)) * P2;
        hash = (hash ^ (hash >>> 29)) * P3;
        return hash ^ (hash >>> 32);
    }
}
