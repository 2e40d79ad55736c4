package dev.firn.query.promql.value;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/// The buckets of one side of a native histogram: ascending indices with their counts. Immutable by
/// agreement: arrays handed in are not touched again.
public record Buckets(int[] index, double[] count) {
    /// No buckets.
    public static final Buckets NONE = new Buckets(new int[0], new double[0]);

    /// Buckets side by side from an index on.
    public static Buckets from(int first, double... count) {
        int[] index = new int[count.length];
        for (int i = 0; i < index.length; i++) {
            index[i] = first + i;
        }
        return new Buckets(index, count);
    }

    int size() {
        return index.length;
    }

    Buckets map(DoubleUnaryOperator change) {
        return new Buckets(index, Arrays.stream(count).map(change).toArray());
    }

    /// Counts of the other one times `sign` added.
    Buckets plus(Buckets other, double sign) {
        if (Arrays.equals(index, other.index)) {
            double[] sum = count.clone();
            for (int i = 0; i < sum.length; i++) {
                sum[i] += sign * other.count[i];
            }
            return new Buckets(index, sum);
        }
        int[] union = union(index, other.index);
        double[] sum = spread(union);
        double[] added = other.spread(union);
        for (int i = 0; i < union.length; i++) {
            sum[i] += sign * added[i];
        }
        return new Buckets(union, sum);
    }

    static int[] union(int[] a, int[] b) {
        int[] union = new int[a.length + b.length];
        int n = 0;
        int i = 0;
        int j = 0;
        while (i < a.length || j < b.length) {
            int next = j == b.length || (i < a.length && a[i] <= b[j]) ? a[i] : b[j];
            union[n++] = next;
            i += i < a.length && a[i] == next ? 1 : 0;
            j += j < b.length && b[j] == next ? 1 : 0;
        }
        return Arrays.copyOf(union, n);
    }

    /// The counts at these indices, 0 where there is no bucket; `indices` holds all of ours.
    double[] spread(int[] indices) {
        double[] counts = new double[indices.length];
        int j = 0;
        for (int i = 0; i < index.length; i++) {
            while (indices[j] != index[i]) {
                j++;
            }
            counts[j] = count[i];
        }
        return counts;
    }

    /// At a coarser exponential schema: 2^shift buckets become one.
    Buckets reduce(int shift) {
        if (shift == 0) {
            return this;
        }
        int[] to = new int[index.length];
        double[] sum = new double[index.length];
        int n = 0;
        for (int i = 0; i < index.length; i++) {
            int target = ((index[i] - 1) >> shift) + 1;
            if (n > 0 && to[n - 1] == target) {
                sum[n - 1] += count[i];
            } else {
                to[n] = target;
                sum[n++] = count[i];
            }
        }
        return new Buckets(Arrays.copyOf(to, n), Arrays.copyOf(sum, n));
    }

    /// Without the first `n`.
    Buckets skip(int n) {
        return n == 0
                ? this
                : new Buckets(
                        Arrays.copyOfRange(index, n, index.length),
                        Arrays.copyOfRange(count, n, count.length));
    }

    /// Without empty buckets.
    public Buckets compact() {
        int kept = 0;
        for (double each : count) {
            kept += each != 0 ? 1 : 0;
        }
        if (kept == count.length) {
            return this;
        }
        int[] to = new int[kept];
        double[] counts = new double[kept];
        int n = 0;
        for (int i = 0; i < count.length; i++) {
            if (count[i] != 0) {
                to[n] = index[i];
                counts[n++] = count[i];
            }
        }
        return new Buckets(to, counts);
    }

    boolean isSame(Buckets other) {
        if (!Arrays.equals(index, other.index)) {
            return false;
        }
        for (int i = 0; i < count.length; i++) {
            if (Double.doubleToLongBits(count[i]) != Double.doubleToLongBits(other.count[i])) {
                return false;
            }
        }
        return true;
    }
}
