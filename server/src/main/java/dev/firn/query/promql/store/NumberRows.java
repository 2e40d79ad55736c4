package dev.firn.query.promql.store;

import dev.firn.engine.NativeReader.Block;
import dev.firn.query.promql.value.StaleNan;
import java.util.List;

/// Numbers; those of delta streams are added up.
final class NumberRows implements Rows {
    /// Columns of `numbers.sql`.
    private static final int NUMBER = 4;

    private static final int THERE = 5;

    private final SampleColumns samples = new SampleColumns();
    private final boolean delta;
    private double total;

    /// @param base what was there before the first row, of a delta stream
    NumberRows(boolean delta, double base) {
        this.delta = delta;
        this.total = base;
    }

    @Override
    public void add(Block block, int row, long at, long began, boolean stale) {
        double value = block.doubles(NUMBER)[row];
        if (stale) {
            samples.add(at, StaleNan.VALUE, began);
        } else if (block.longs(THERE)[row] == 0) {
            return; // a histogram without a sum
        } else if (!delta) {
            samples.add(at, value, began);
        } else {
            total += Double.isFinite(value) ? value : 0;
            samples.add(at, total, 0);
        }
    }

    @Override
    public List<Piece> pieces() {
        return samples.isEmpty() ? List.of() : List.of(new Piece("", samples.samples()));
    }
}
