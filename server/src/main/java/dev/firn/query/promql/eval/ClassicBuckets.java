package dev.firn.query.promql.eval;

import dev.firn.query.promql.value.StaleNan;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The buckets of a classic histogram at one step: cumulative counts by upper bound.
final class ClassicBuckets {
    /// Relative differences up to this are rounding, not a broken histogram.
    private static final double TOLERANCE = 1e-12;

    private record Entry(double bound, double count) {}

    private final List<Entry> entries = new ArrayList<>();

    /// What had to be repaired: counts must not fall.
    record Repair(double lowest, double highest, double difference) {}

    void add(double bound, double count) {
        entries.add(new Entry(bound, count));
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    int size() {
        return entries.size();
    }

    double bound(int i) {
        return entries.get(i).bound;
    }

    double count(int i) {
        return entries.get(i).count;
    }

    boolean endsInfinite() {
        return entries.getLast().bound == Double.POSITIVE_INFINITY;
    }

    /// Sorts, and adds up what has the same bound.
    void order() {
        entries.sort(Comparator.comparingDouble(Entry::bound));
        for (int i = entries.size() - 1; i > 0; i--) {
            if (bound(i) == bound(i - 1)) {
                entries.set(i - 1, new Entry(bound(i), count(i - 1) + count(i)));
                entries.remove(i);
            }
        }
    }

    /// Makes counts ascend; null if they did, but for rounding.
    @Nullable Repair repair() {
        double lowest = Double.POSITIVE_INFINITY;
        double highest = Double.NEGATIVE_INFINITY;
        double difference = 0;
        double previous = count(0);
        for (int i = 1; i < size(); i++) {
            double count = count(i);
            if (count == previous) {
                continue;
            }
            if (isNear(previous, count)) {
                entries.set(i, new Entry(bound(i), previous));
            } else if (count < previous) {
                entries.set(i, new Entry(bound(i), previous));
                lowest = Math.min(lowest, bound(i));
                highest = Math.max(highest, bound(i));
                difference = Math.max(difference, previous - count);
            } else {
                previous = count;
            }
        }
        return lowest <= highest ? new Repair(lowest, highest, difference) : null;
    }

    /// Equal but for a relative difference, as Prometheus' `almost.Equal` sees it.
    static boolean isNear(double a, double b, double tolerance) {
        if (StaleNan.is(a) || StaleNan.is(b)) {
            return StaleNan.is(a) && StaleNan.is(b);
        }
        if (a == b || (Double.isNaN(a) && Double.isNaN(b))) {
            return true;
        }
        double sum = Math.abs(a) + Math.abs(b);
        double difference = Math.abs(a - b);
        if (a == 0 || b == 0 || sum < Double.MIN_NORMAL) {
            return difference < tolerance * Double.MIN_NORMAL;
        }
        return difference / Math.min(sum, Double.MAX_VALUE) < tolerance;
    }

    private static boolean isNear(double a, double b) {
        return isNear(a, b, TOLERANCE);
    }

    /// The quantile, linear inside a bucket; buckets must be in order and repaired.
    double quantile(double q) {
        int n = size();
        if (n < 2 || count(n - 1) == 0) {
            return Double.NaN;
        }
        double rank = q * count(n - 1);
        int b = 0;
        while (b < n - 1 && !(count(b) >= rank)) {
            b++;
        }
        if (b == n - 1) {
            return bound(n - 2);
        }
        if (b == 0) {
            return bound(0) <= 0 ? bound(0) : bound(0) * (rank / count(0));
        }
        double start = bound(b - 1);
        double inBucket = count(b) - count(b - 1);
        return start + (bound(b) - start) * ((rank - count(b - 1)) / inBucket);
    }
}
