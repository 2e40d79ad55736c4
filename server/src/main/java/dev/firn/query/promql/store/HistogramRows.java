package dev.firn.query.promql.store;

import dev.firn.engine.NativeReader.Block;
import dev.firn.engine.NativeReader.Column;
import dev.firn.model.Temporality;
import dev.firn.query.promql.value.Bounds;
import dev.firn.query.promql.value.Buckets;
import dev.firn.query.promql.value.NativeHistogram;
import dev.firn.query.promql.value.ResetHint;
import dev.firn.query.promql.value.StaleNan;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Histograms as Prometheus' native ones: explicit bounds as custom buckets, exponential ones at
/// the finest schema that they share. Those without temporality are no counters.
abstract class HistogramRows implements Rows {
    static final int COUNT = 4;
    static final int SUM = 5;

    /// In `histograms.sql`.
    static final int BOUNDS = 6;

    static final int COUNTS = 7;

    private final SampleColumns samples = new SampleColumns();
    private final boolean delta;
    private final ResetHint hint;
    private @Nullable NativeHistogram total;

    HistogramRows(Temporality temporality) {
        this.delta = temporality == Temporality.DELTA;
        this.hint = temporality == Temporality.UNSPECIFIED ? ResetHint.GAUGE : ResetHint.UNKNOWN;
    }

    abstract NativeHistogram histogram(Block block, int row);

    /// Whether the buckets of both are the same ones, so that deltas may be added.
    abstract boolean fits(NativeHistogram one, NativeHistogram other);

    @Override
    public final void add(Block block, int row, long at, long began, boolean stale) {
        if (stale) {
            samples.add(at, stale(), began);
            return;
        }
        NativeHistogram histogram = histogram(block, row).withHint(hint);
        if (delta) {
            NativeHistogram before = total;
            histogram =
                    before != null && fits(before, histogram)
                            ? before.plus(histogram).result()
                            : histogram;
            total = histogram;
        }
        samples.add(at, histogram, delta ? 0 : began);
    }

    private static NativeHistogram stale() {
        return new NativeHistogram(
                0,
                0,
                0,
                0,
                StaleNan.VALUE,
                Buckets.NONE,
                Buckets.NONE,
                new double[0],
                ResetHint.UNKNOWN);
    }

    @Override
    public final List<Piece> pieces() {
        return samples.isEmpty() ? List.of() : List.of(new Piece("", samples.samples()));
    }

    /// An unsigned count.
    static double real(long count) {
        return count >= 0 ? count : (count >>> 1) * 2.0;
    }

    private static double[] counts(Column.LongArrays column, int row) {
        int from = row == 0 ? 0 : (int) column.ends()[row - 1];
        double[] counts = new double[(int) column.ends()[row] - from];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = real(column.values()[from + i]);
        }
        return counts;
    }

    /// With explicit bounds.
    static final class Custom extends HistogramRows {
        private double[] last = {};

        Custom(Temporality temporality) {
            super(temporality);
        }

        @Override
        NativeHistogram histogram(Block block, int row) {
            Column.DoubleArrays column = block.doubleArrays(BOUNDS);
            int from = row == 0 ? 0 : (int) column.ends()[row - 1];
            int to = (int) column.ends()[row];
            if (to > from && column.values()[to - 1] == Double.POSITIVE_INFINITY) {
                to--; // said twice: the last bucket ends there anyway
            }
            if (!Arrays.equals(last, 0, last.length, column.values(), from, to)) {
                last = Arrays.copyOfRange(column.values(), from, to);
            }
            double count = real(block.longs(COUNT)[row]);
            double[] counts = counts(block.longArrays(COUNTS), row);
            if (counts.length == 0) {
                counts = new double[last.length + 1];
                counts[last.length] = count;
            }
            return new NativeHistogram(
                    Bounds.CUSTOM_SCHEMA,
                    0,
                    0,
                    count,
                    block.doubles(SUM)[row],
                    Buckets.from(0, counts).compact(),
                    Buckets.NONE,
                    last,
                    ResetHint.UNKNOWN);
        }

        @Override
        boolean fits(NativeHistogram one, NativeHistogram other) {
            return Arrays.equals(one.bounds(), other.bounds());
        }
    }

    /// Exponential.
    static final class Exponential extends HistogramRows {
        private static final int SCALE = 6;
        private static final int SCHEMA_MAX = 8;

        private final double zeroThreshold;

        /// @param zeroThreshold where the sender set none
        Exponential(Temporality temporality, double zeroThreshold) {
            super(temporality);
            this.zeroThreshold = zeroThreshold;
        }

        @Override
        NativeHistogram histogram(Block block, int row) {
            int scale = (int) block.longs(SCALE)[row];
            double threshold = block.doubles(SCALE + 2)[row];
            var histogram =
                    new NativeHistogram(
                            scale,
                            threshold == 0 ? zeroThreshold : threshold,
                            real(block.longs(SCALE + 1)[row]),
                            real(block.longs(COUNT)[row]),
                            block.doubles(SUM)[row],
                            buckets(block, row, SCALE + 3),
                            buckets(block, row, SCALE + 5),
                            new double[0],
                            ResetHint.UNKNOWN);
            return histogram.reduced(Math.min(scale, SCHEMA_MAX));
        }

        /// Prometheus counts buckets by their upper bound, OTLP by their lower one.
        private static Buckets buckets(Block block, int row, int column) {
            int first = (int) block.longs(column)[row] + 1;
            return Buckets.from(first, counts(block.longArrays(column + 1), row)).compact();
        }

        @Override
        boolean fits(NativeHistogram one, NativeHistogram other) {
            return true;
        }
    }
}
