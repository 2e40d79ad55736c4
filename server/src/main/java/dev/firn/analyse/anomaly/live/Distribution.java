package dev.firn.analyse.anomaly.live;

import java.util.Arrays;

/// Durations of some requests as buckets, also of several layouts; events lie evenly in a bucket,
/// and what is beyond the last bound lies on it (as PromQL's `histogram_quantile` has it).
public final class Distribution {
    private double[] lows = new double[32];
    private double[] highs = new double[32];
    private double[] counts = new double[32];
    private int size;
    private double total;

    /// Adds buckets with explicit bounds: one more than bounds.
    ///
    /// @param unit what a bound is multiplied by
    public void explicit(double[] bounds, double[] buckets, double unit) {
        for (int i = 0; i < buckets.length && bounds.length > 0; i++) {
            double high = bounds[Math.min(i, bounds.length - 1)];
            double low = i == bounds.length ? high : i > 0 ? bounds[i - 1] : Math.min(0, bounds[0]);
            add(low * unit, high * unit, buckets[i]);
        }
    }

    /// Adds an exponential histogram's positive buckets and its zeros.
    public void exponential(
            int scale, double[] places, double[] buckets, double zeros, double unit) {
        add(0, 0, zeros);
        double base = Math.pow(2, Math.pow(2, -scale));
        for (int i = 0; i < buckets.length; i++) {
            double low = Math.pow(base, places[i]);
            add(low * unit, low * base * unit, buckets[i]);
        }
    }

    private void add(double low, double high, double count) {
        if (!(count > 0)) {
            return;
        }
        if (size == counts.length) {
            lows = Arrays.copyOf(lows, 2 * size);
            highs = Arrays.copyOf(highs, 2 * size);
            counts = Arrays.copyOf(counts, 2 * size);
        }
        lows[size] = low;
        highs[size] = high;
        counts[size++] = count;
        total += count;
    }

    /// Events.
    public double total() {
        return total;
    }

    /// The value that a share of the events is not above; NaN without events.
    public double quantile(double share) {
        if (size == 0) {
            return Double.NaN;
        }
        double[] edges = new double[2 * size];
        System.arraycopy(lows, 0, edges, 0, size);
        System.arraycopy(highs, 0, edges, size, size);
        Arrays.sort(edges);
        double rank = share * total;
        double before = below(edges[0]);
        for (int i = 1; i < edges.length; i++) {
            double here = below(edges[i]);
            if (before >= rank) {
                return edges[i - 1];
            }
            // Between two edges nothing lies on one value, so that the line holds.
            double open = here - on(edges[i]);
            if (open >= rank) {
                return edges[i - 1] + (edges[i] - edges[i - 1]) * (rank - before) / (open - before);
            }
            before = here;
        }
        return edges[edges.length - 1];
    }

    /// The least that the value of a share can be: the lower edge of the narrowest bucket that it
    /// is in.
    double least(double share) {
        double value = quantile(share);
        double edge = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < size; i++) {
            if (lows[i] < value && value <= highs[i] || lows[i] == highs[i] && lows[i] == value) {
                edge = Math.max(edge, lows[i]);
            }
        }
        return Double.isInfinite(edge) ? value : edge;
    }

    /// The most that it can be.
    double most(double share) {
        double value = quantile(share);
        double edge = Double.POSITIVE_INFINITY;
        for (int i = 0; i < size; i++) {
            if (lows[i] <= value && value <= highs[i]) {
                edge = Math.min(edge, highs[i]);
            }
        }
        return Double.isInfinite(edge) ? value : edge;
    }

    /// Events not above a value.
    private double below(double value) {
        double sum = 0;
        for (int i = 0; i < size; i++) {
            if (value >= highs[i]) {
                sum += counts[i];
            } else if (value > lows[i]) {
                sum += counts[i] * (value - lows[i]) / (highs[i] - lows[i]);
            }
        }
        return sum;
    }

    /// Events on exactly this value.
    private double on(double value) {
        double sum = 0;
        for (int i = 0; i < size; i++) {
            sum += lows[i] == highs[i] && highs[i] == value ? counts[i] : 0;
        }
        return sum;
    }
}
