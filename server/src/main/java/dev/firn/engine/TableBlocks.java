package dev.firn.engine;

import dev.firn.base.ByteWriter;
import dev.firn.model.Exemplars;
import dev.firn.model.ExponentialHistograms;
import dev.firn.model.Histograms;
import dev.firn.model.Points;
import dev.firn.model.Summaries;
import org.jspecify.annotations.Nullable;

/// Writes the Native block of one table and month from a gathered cut. Columns stand in the order
/// of [Table#columns].
final class TableBlocks {
    private final TimePrecision precision;
    private String src;
    private final NativeBlock block = new NativeBlock(new ByteWriter(1 << 16));

    /// @param src the writer's id
    TableBlocks(TimePrecision precision, String src) {
        this.precision = precision;
        this.src = src;
    }

    /// Another writer's points follow.
    void src(String writer) {
        src = writer;
    }

    /// Arranges the rows that a table gets from a cut.
    static void arrange(Table table, CutRows rows, RowOrder order) {
        if (table == Table.EXEMPLARS) {
            order.arrange(
                    rows.points.exemplars.size(),
                    rows.exemplarSlot,
                    rows.exemplarTime,
                    rows.series);
            return;
        }
        Points points = points(table, rows);
        order.arrange(points.size(), rows.slots(points.kind()), points.time, rows.series);
    }

    private static Points points(Table table, CutRows rows) {
        return switch (table) {
            case SAMPLES -> rows.points.numbers;
            case HISTOGRAMS -> rows.points.histograms;
            case EXPONENTIAL_HISTOGRAMS -> rows.points.exponential;
            case SUMMARIES -> rows.points.summaries;
            case EXEMPLARS -> throw new IllegalArgumentException("exemplars are no points");
        };
    }

    /// The block of a partition; valid until the next call.
    ByteWriter build(Table table, CutRows rows, RowOrder order, int partition, long seq) {
        block.begin(table.width(), order.order(), order.from(partition), order.to(partition));
        switch (table) {
            case SAMPLES -> samples(rows, seq);
            case HISTOGRAMS -> histograms(rows, seq);
            case EXPONENTIAL_HISTOGRAMS -> exponential(rows, seq);
            case SUMMARIES -> summaries(rows, seq);
            case EXEMPLARS -> exemplars(rows, seq);
        }
        return block.end();
    }

    private void before(CutSeries series, int[] slots, long[] time, long[] start) {
        block.uint32("metric_id", series.metricId, slots)
                .int64("series_id", series.id, slots)
                .time("time", precision, time)
                .time("start_time", precision, start);
    }

    private void before(CutRows rows, Points points) {
        before(rows.series, rows.slots(points.kind()), points.time, points.start);
    }

    private void after(
            CutSeries series, int[] slots, int[] flags, long seq, long @Nullable [] seqs) {
        block.uint32("flags", flags).lowCardinalityConstant("src", src);
        if (seqs == null) {
            block.uint64Constant("seq", seq);
        } else {
            block.uint64("seq", seqs);
        }
        block.uint16("retention_days", series.retentionDays, slots);
    }

    private void after(CutRows rows, Points points, long seq) {
        after(rows.series, rows.slots(points.kind()), points.flags, seq, rows.seqs(points.kind()));
    }

    private void samples(CutRows rows, long seq) {
        before(rows, rows.points.numbers);
        block.float64Bits("value", rows.valueBits).int64("value_int", rows.valueInt);
        after(rows, rows.points.numbers, seq);
    }

    private void histograms(CutRows rows, long seq) {
        Histograms points = rows.points.histograms;
        before(rows, points);
        block.uint64("count", points.count)
                .float64("sum", points.sum)
                .float64("min", points.min)
                .float64("max", points.max)
                .uint8("has", points.has)
                .float64Array("bounds", points.bounds)
                .uint64Array("bucket_counts", points.counts);
        after(rows, points, seq);
    }

    private void exponential(CutRows rows, long seq) {
        ExponentialHistograms points = rows.points.exponential;
        before(rows, points);
        block.uint64("count", points.count)
                .float64("sum", points.sum)
                .float64("min", points.min)
                .float64("max", points.max)
                .uint8("has", points.has)
                .int32("scale", points.scale)
                .uint64("zero_count", points.zeroCount)
                .float64("zero_threshold", points.zeroThreshold)
                .int32("positive_offset", points.positiveOffset)
                .uint64Array("positive_counts", points.positive)
                .int32("negative_offset", points.negativeOffset)
                .uint64Array("negative_counts", points.negative);
        after(rows, points, seq);
    }

    private void summaries(CutRows rows, long seq) {
        Summaries points = rows.points.summaries;
        before(rows, points);
        block.uint64("count", points.count)
                .float64("sum", points.sum)
                .float64Array("quantiles", points.quantiles)
                .float64Array("quantile_values", points.values);
        after(rows, points, seq);
    }

    private void exemplars(CutRows rows, long seq) {
        Exemplars exemplars = rows.points.exemplars;
        before(rows.series, rows.exemplarSlot, rows.exemplarTime, rows.exemplarStart);
        block.uint32("ordinal", rows.exemplarOrdinal)
                .uint64("exemplar_time", exemplars.time)
                .float64Bits("value", rows.exemplarValueBits)
                .int64("value_int", rows.exemplarValueInt)
                .hex("trace_id", exemplars::traceId)
                .hex("span_id", exemplars::spanId)
                .string("attributes", exemplars::attributes);
        after(
                rows.series,
                rows.exemplarSlot,
                rows.exemplarFlags,
                seq,
                rows.stored == null ? null : rows.exemplarSeq);
    }
}
