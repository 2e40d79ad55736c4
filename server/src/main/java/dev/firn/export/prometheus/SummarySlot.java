package dev.firn.export.prometheus;

import dev.firn.export.prometheus.Targets.Target;
import dev.firn.model.Points;
import dev.firn.model.Series;
import dev.firn.model.Summaries;
import java.util.TreeMap;

/// A summary: quantiles that its sender computed.
final class SummarySlot extends Slot {
    private static final long[] NONE = new long[0];

    private final Boundaries.Cache cache;
    private Boundaries quantiles;
    private long[] values = NONE;
    private long count;
    private double sum;

    SummarySlot(Series owner, Target target, Boundaries.Cache cache) {
        super(owner, target);
        this.cache = cache;
        this.quantiles = cache.of(NONE, 0, 0);
    }

    @Override
    Outcome put(Points points, int row, boolean adding) {
        var from = (Summaries) points;
        count = from.count[row];
        sum = from.sum[row];
        int size = from.quantiles.length(row);
        if (rises(from, row, size)) {
            remember(from.quantiles.values(), from.quantiles.from(row), size);
            System.arraycopy(from.values.values(), from.values.from(row), values, 0, size);
        } else {
            sorted(from, row, size);
        }
        return Outcome.TAKEN;
    }

    private void remember(long[] bits, int first, int size) {
        quantiles = cache.of(bits, first, size);
        if (values.length != size) {
            values = new long[size];
        }
    }

    private static boolean rises(Summaries from, int row, int size) {
        double before = -1;
        for (int i = 0; i < size; i++) {
            double quantile = from.quantiles.realAt(row, i);
            if (!(quantile >= 0 && quantile <= 1 && quantile > before)) {
                return false;
            }
            before = quantile;
        }
        return true;
    }

    /// From lowest to highest, each once, none outside of 0 to 1.
    private void sorted(Summaries from, int row, int size) {
        var byQuantile = new TreeMap<Double, Long>();
        for (int i = 0; i < size; i++) {
            double quantile = from.quantiles.realAt(row, i) + 0.0; // -0 is 0
            if (quantile >= 0 && quantile <= 1) {
                byQuantile.put(quantile, from.values.at(row, i));
            }
        }
        long[] bits = byQuantile.keySet().stream().mapToLong(Double::doubleToRawLongBits).toArray();
        remember(bits, 0, bits.length);
        values = byQuantile.values().stream().mapToLong(Long::longValue).toArray();
    }

    @Override
    boolean added() {
        return false;
    }

    @Override
    void keep(Exemplar exemplar) {
        // "Exemplars on OpenTelemetry Summaries SHOULD be dropped."
    }

    Boundaries quantiles() {
        return quantiles;
    }

    double value(int index) {
        return Double.longBitsToDouble(values[index]);
    }

    long count() {
        return count;
    }

    double sum() {
        return sum;
    }
}
