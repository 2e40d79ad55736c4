package dev.firn.query.promql.value;

import java.util.Arrays;

/// Upper bounds of native histograms' buckets.
public final class Bounds {
    /// The schema number of custom buckets.
    public static final int CUSTOM_SCHEMA = -53;

    private static final int EXPONENT_MAX = 1024;

    private Bounds() {}

    /// The upper bound of an exponential bucket: 2^(index / 2^schema). The last bucket for finite
    /// numbers ends at the largest of them.
    static double exponential(int index, int schema) {
        if (schema < 0) {
            int exponent = index << -schema;
            return exponent == EXPONENT_MAX ? Double.MAX_VALUE : Math.scalb(1.0, exponent);
        }
        int within = index & ((1 << schema) - 1);
        int exponent = index >> schema;
        if (within == 0 && exponent == EXPONENT_MAX) {
            return Double.MAX_VALUE;
        }
        return Math.scalb(Math.pow(2, within / (double) (1 << schema)), exponent);
    }

    /// The upper bound of a custom bucket; the last is infinite, and so is what is below the first.
    static double custom(int index, double[] bounds) {
        if (index < 0) {
            return Double.NEGATIVE_INFINITY;
        }
        return index < bounds.length ? bounds[index] : Double.POSITIVE_INFINITY;
    }

    /// The bounds that both have.
    static double[] intersect(double[] a, double[] b) {
        double[] common = new double[Math.min(a.length, b.length)];
        int n = 0;
        int i = 0;
        int j = 0;
        while (i < a.length && j < b.length) {
            if (a[i] == b[j]) {
                common[n++] = a[i];
                i++;
                j++;
            } else if (a[i] < b[j]) {
                i++;
            } else {
                j++;
            }
        }
        return Arrays.copyOf(common, n);
    }

    static boolean match(double[] a, double[] b) {
        if (a.length != b.length) {
            return false;
        }
        for (int i = 0; i < a.length; i++) {
            if (a[i] != b[i]) {
                return false;
            }
        }
        return true;
    }

    /// For each bucket of `from` the bucket of `to` that holds it; `to` is a subset of the bounds.
    static int target(int index, double[] from, double[] to) {
        if (index >= from.length) {
            return to.length;
        }
        int at = Arrays.binarySearch(to, from[index]);
        return at < 0 ? -at - 1 : at;
    }
}
