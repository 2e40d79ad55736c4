package dev.firn.query.promql.store;

import dev.firn.engine.NativeReader.Block;
import dev.firn.engine.NativeReader.Column;
import dev.firn.model.prometheus.GoFloat;
import dev.firn.query.promql.value.StaleNan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/// Histograms with explicit bounds as classic buckets: a series a bound, of all measurements up to
/// it. Where bounds change, the series of those that are gone end.
final class BucketRows implements Rows {
    private final TreeMap<Double, SampleColumns> buckets = new TreeMap<>();
    private final boolean delta;
    private double[] bounds = {};
    private double[] counts = {};

    BucketRows(boolean delta) {
        this.delta = delta;
    }

    @Override
    public void add(Block block, int row, long at, long began, boolean stale) {
        if (stale) {
            Arrays.stream(bounds).forEach(bound -> bucket(bound).add(at, StaleNan.VALUE, began));
            return;
        }
        double[] newBounds = bounds(block.doubleArrays(HistogramRows.BOUNDS), row);
        double[] cumulative =
                cumulative(
                        block.longArrays(HistogramRows.COUNTS),
                        row,
                        newBounds.length,
                        block.longs(HistogramRows.COUNT)[row]);
        boolean same = Arrays.equals(bounds, newBounds);
        if (delta && same) {
            for (int i = 0; i < cumulative.length; i++) {
                cumulative[i] += counts[i];
            }
        }
        if (!same) {
            end(newBounds, at);
        }
        bounds = newBounds;
        counts = cumulative;
        for (int i = 0; i < bounds.length; i++) {
            bucket(bounds[i]).add(at, cumulative[i], delta ? 0 : began);
        }
    }

    private void end(double[] newBounds, long at) {
        for (double bound : bounds) {
            if (Arrays.binarySearch(newBounds, bound) < 0) {
                bucket(bound).add(at, StaleNan.VALUE, 0);
            }
        }
    }

    private SampleColumns bucket(double bound) {
        return buckets.computeIfAbsent(bound, _ -> new SampleColumns());
    }

    /// With +Inf at their end.
    private static double[] bounds(Column.DoubleArrays column, int row) {
        int from = row == 0 ? 0 : (int) column.ends()[row - 1];
        int to = (int) column.ends()[row];
        boolean infinite = to > from && column.values()[to - 1] == Double.POSITIVE_INFINITY;
        double[] bounds = Arrays.copyOfRange(column.values(), from, infinite ? to : to + 1);
        bounds[bounds.length - 1] = Double.POSITIVE_INFINITY;
        return bounds;
    }

    /// Never above the count, which a sender's buckets may contradict.
    private static double[] cumulative(Column.LongArrays column, int row, int size, long count) {
        int from = row == 0 ? 0 : (int) column.ends()[row - 1];
        int length = (int) column.ends()[row] - from;
        double[] cumulative = new double[size];
        long before = 0;
        for (int i = 0; i < size - 1; i++) {
            long here = before + (i < length ? column.values()[from + i] : 0);
            boolean above =
                    Long.compareUnsigned(here, before) < 0 || Long.compareUnsigned(here, count) > 0;
            before = above ? count : here;
            cumulative[i] = HistogramRows.real(before);
        }
        cumulative[size - 1] = HistogramRows.real(count);
        return cumulative;
    }

    @Override
    public List<Piece> pieces() {
        var pieces = new ArrayList<Piece>();
        buckets.forEach((bound, samples) ->
                pieces.add(new Piece(GoFloat.canonical(bound), samples.samples())));
        return pieces;
    }
}
