package dev.firn.export.prometheus;

import dev.firn.model.prometheus.GoFloat;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Bounds of buckets, or quantiles, with their labels as text, rendered once and shared by the
/// series of a family that have the same ones.
final class Boundaries {
    /// The last ones of a family: nearly always those of the next point, too.
    static final class Cache {
        private final String label;
        private volatile @Nullable Boundaries last;

        Cache(String label) {
            this.label = label;
        }

        /// The boundaries with these raw bits.
        Boundaries of(long[] values, int from, int length) {
            Boundaries known = last;
            if (known != null && known.equal(values, from, length)) {
                return known;
            }
            var made = new Boundaries(Arrays.copyOfRange(values, from, from + length), label);
            last = made;
            return made;
        }
    }

    private final long[] bits;
    private final byte[][] text;
    private final byte[][] openMetrics;

    private Boundaries(long[] bits, String label) {
        this.bits = bits;
        text = new byte[bits.length][];
        openMetrics = new byte[bits.length][];
        for (int i = 0; i < bits.length; i++) {
            double value = Double.longBitsToDouble(bits[i]);
            text[i] = label(label, GoFloat.general(value));
            openMetrics[i] = label(label, GoFloat.canonical(value));
        }
    }

    private static byte[] label(String label, String value) {
        return (label + "=\"" + value + "\"").getBytes(StandardCharsets.UTF_8);
    }

    boolean equal(long[] values, int from, int length) {
        return Arrays.equals(bits, 0, bits.length, values, from, from + length);
    }

    int size() {
        return bits.length;
    }

    double at(int index) {
        return Double.longBitsToDouble(bits[index]);
    }

    /// `le="0.5"`.
    byte[] label(int index, boolean asOpenMetrics) {
        return asOpenMetrics ? openMetrics[index] : text[index];
    }
}
