package dev.firn.model;

import dev.firn.base.ByteReader;
import dev.firn.base.ByteReader.Malformed;
import dev.firn.base.ByteWriter;
import org.jspecify.annotations.Nullable;

/// What one point of a gauge, a sum or a histogram says, taken out of its batch: can be added,
/// subtracted, stored and put into a batch again. Immutable. Rollups, re-aggregation and the
/// conversion between temporalities share it.
///
/// [#plus] is associative and commutative (but for the rounding of sums): parts may be merged in
/// any order.
public sealed interface PointValue permits NumberValue, HistogramValue, ExponentialValue {
    /// The value of a row; null where it has none: summaries, numbers without a value.
    static @Nullable PointValue of(Points points, int row) {
        return switch (points) {
            case Numbers numbers -> NumberValue.at(numbers, row);
            case Histograms histograms -> HistogramValue.at(histograms, row);
            case ExponentialHistograms exponential -> ExponentialValue.at(exponential, row);
            case Summaries s -> null;
        };
    }

    /// This and `other` together. Both have the same shape.
    PointValue plus(PointValue other);

    /// What came on top of `before`, an earlier state of the same cumulative stream; null if this
    /// cannot have grown out of it (the stream was reset). Without minimum and maximum.
    @Nullable PointValue minus(PointValue before);

    /// Appends a point with this value; returns its row.
    int addTo(Batch batch, Series series, long time, long start, int flags);

    /// Writes it for [#read].
    void write(ByteWriter out);

    /// Reads what [#write] wrote.
    static PointValue read(ByteReader in) {
        int shape = in.u8();
        return switch (shape) {
            case NumberValue.SHAPE_DOUBLE -> new NumberValue(Numbers.DOUBLE, in.i64());
            case NumberValue.SHAPE_INT -> new NumberValue(Numbers.INT, in.zigzag());
            case HistogramValue.SHAPE -> HistogramValue.readFields(in);
            case ExponentialValue.SHAPE -> ExponentialValue.readFields(in);
            default -> throw new Malformed("no value has shape " + shape);
        };
    }
}
