package dev.firn.query.promql.store;

import dev.firn.engine.NativeReader.Block;
import dev.firn.engine.NativeReader.Column;
import dev.firn.model.prometheus.GoFloat;
import dev.firn.query.promql.value.StaleNan;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// Summaries: a series a quantile. Those outside of 0 to 1 are none.
final class QuantileRows implements Rows {
    private static final int QUANTILES = 4;
    private static final int VALUES = 5;

    private final TreeMap<Double, SampleColumns> quantiles = new TreeMap<>();

    @Override
    public void add(Block block, int row, long at, long began, boolean stale) {
        if (stale) {
            quantiles.values().forEach(samples -> samples.add(at, StaleNan.VALUE, began));
            return;
        }
        Column.DoubleArrays from = block.doubleArrays(QUANTILES);
        Column.DoubleArrays values = block.doubleArrays(VALUES);
        int first = row == 0 ? 0 : (int) from.ends()[row - 1];
        int firstValue = row == 0 ? 0 : (int) values.ends()[row - 1];
        for (int i = first; i < from.ends()[row]; i++) {
            double quantile = from.values()[i] + 0.0; // -0 is 0
            if (quantile >= 0 && quantile <= 1) {
                quantiles
                        .computeIfAbsent(quantile, _ -> new SampleColumns())
                        .add(at, values.values()[firstValue + i - first], began);
            }
        }
    }

    @Override
    public List<Piece> pieces() {
        var pieces = new ArrayList<Piece>();
        quantiles.forEach((quantile, samples) ->
                pieces.add(new Piece(GoFloat.canonical(quantile), samples.samples())));
        return pieces;
    }
}
