package dev.firn.lake;

import dev.firn.lake.PointsChunk.Flat;
import dev.firn.model.Batch;
import dev.firn.model.ExponentialHistograms;
import dev.firn.model.Histograms;
import dev.firn.model.LongLists;
import dev.firn.model.MetricType;
import dev.firn.model.Numbers;
import dev.firn.model.Points;
import dev.firn.model.Series;
import dev.firn.model.StoredBatch;
import java.util.Arrays;
import java.util.HexFormat;

/// Turns rows of a [PointsChunk] back into the points that they were: the inverse of
/// [PointsColumns].
final class PointsRows {
    private static final long MICRO = 1_000;
    private static final HexFormat HEX = HexFormat.of();

    final PointsChunk.Texts src;
    final Flat seriesId;
    final Flat seq;
    private final Flat timeMicros;
    private final Flat timeNanos;
    private final Flat startMicros;
    private final Flat startNanos;
    private final Flat flags;
    private final Flat value;
    private final Flat valueInt;
    private final Flat count;
    private final Flat sum;
    private final Flat min;
    private final Flat max;
    private final LongLists counts;
    private final LongLists bounds;
    private final Flat scale;
    private final Flat zeroCount;
    private final Flat zeroThreshold;
    private final Flat positiveOffset;
    private final Flat negativeOffset;
    private final LongLists positive;
    private final LongLists negative;
    private final LongLists quantiles;
    private final LongLists quantileValues;
    private final PointsChunk.Exemplars exemplars;

    PointsRows(PointsChunk chunk) {
        src = chunk.texts(PointsTable.SRC);
        seriesId = chunk.flat(PointsTable.SERIES_ID);
        seq = chunk.flat(PointsTable.SEQ);
        timeMicros = chunk.flat(PointsTable.TIME);
        timeNanos = chunk.flat(PointsTable.TIME_NANOS);
        startMicros = chunk.flat(PointsTable.START_TIME);
        startNanos = chunk.flat(PointsTable.START_TIME_NANOS);
        flags = chunk.flat(PointsTable.FLAGS);
        value = chunk.flat(PointsTable.VALUE);
        valueInt = chunk.flat(PointsTable.VALUE_INT);
        count = chunk.flat(PointsTable.COUNT);
        sum = chunk.flat(PointsTable.SUM);
        min = chunk.flat(PointsTable.MIN);
        max = chunk.flat(PointsTable.MAX);
        counts = chunk.lists(PointsTable.BUCKET_COUNT);
        bounds = chunk.lists(PointsTable.EXPLICIT_BOUND);
        scale = chunk.flat(PointsTable.SCALE);
        zeroCount = chunk.flat(PointsTable.ZERO_COUNT);
        zeroThreshold = chunk.flat(PointsTable.ZERO_THRESHOLD);
        positiveOffset = chunk.flat(PointsTable.POSITIVE_OFFSET);
        negativeOffset = chunk.flat(PointsTable.NEGATIVE_OFFSET);
        positive = chunk.lists(PointsTable.POSITIVE_BUCKET_COUNT);
        negative = chunk.lists(PointsTable.NEGATIVE_BUCKET_COUNT);
        quantiles = chunk.lists(PointsTable.QUANTILE);
        quantileValues = chunk.lists(PointsTable.QUANTILE_VALUE);
        exemplars = chunk.exemplars();
    }

    /// Nanoseconds since 1970.
    long time(int row) {
        return timeMicros.at(row) * MICRO + timeNanos.at(row);
    }

    private long start(int row) {
        return startMicros.has(row) ? startMicros.at(row) * MICRO + startNanos.at(row) : 0;
    }

    /// Appends a row; its series says of which kind it is.
    void add(int row, Series series, StoredBatch to) {
        Batch batch = to.batch;
        MetricType type = series.metric().type();
        Points.Kind kind =
                switch (type) {
                    case GAUGE, SUM -> Points.Kind.NUMBERS;
                    case HISTOGRAM -> Points.Kind.HISTOGRAMS;
                    case EXPONENTIAL_HISTOGRAM -> Points.Kind.EXPONENTIAL_HISTOGRAMS;
                    case SUMMARY -> Points.Kind.SUMMARIES;
                };
        int added =
                switch (kind) {
                    case NUMBERS -> number(row, series, batch.numbers);
                    case HISTOGRAMS -> histogram(row, series, batch.histograms);
                    case EXPONENTIAL_HISTOGRAMS -> exponential(row, series, batch.exponential);
                    case SUMMARIES -> summary(row, series, batch);
                };
        to.seq(kind, added, seq.at(row));
        addExemplars(row, kind, added, batch);
    }

    private int number(int row, Series series, Numbers to) {
        byte form =
                value.has(row) ? Numbers.DOUBLE : valueInt.has(row) ? Numbers.INT : Numbers.NONE;
        long bits = form == Numbers.DOUBLE ? value.at(row) : valueInt.at(row);
        return to.add(series, time(row), start(row), flags.intAt(row), form, bits);
    }

    private byte has(int row) {
        return (byte)
                ((sum.has(row) ? Histograms.HAS_SUM : 0)
                        | (min.has(row) ? Histograms.HAS_MIN : 0)
                        | (max.has(row) ? Histograms.HAS_MAX : 0));
    }

    private int histogram(int row, Series series, Histograms to) {
        PointsChunk.push(bounds, row, to.bounds);
        PointsChunk.push(counts, row, to.counts);
        return to.add(
                series,
                time(row),
                start(row),
                flags.intAt(row),
                count.at(row),
                has(row),
                sum.realAt(row),
                min.realAt(row),
                max.realAt(row));
    }

    private int exponential(int row, Series series, ExponentialHistograms to) {
        PointsChunk.push(positive, row, to.positive);
        PointsChunk.push(negative, row, to.negative);
        int added = to.add(series, time(row), start(row), flags.intAt(row));
        to.count[added] = count.at(row);
        to.has[added] = has(row);
        to.sum[added] = sum.realAt(row);
        to.min[added] = min.realAt(row);
        to.max[added] = max.realAt(row);
        to.scale[added] = scale.intAt(row);
        to.zeroCount[added] = zeroCount.at(row);
        to.zeroThreshold[added] = zeroThreshold.realAt(row);
        to.positiveOffset[added] = positiveOffset.intAt(row);
        to.negativeOffset[added] = negativeOffset.intAt(row);
        return added;
    }

    private int summary(int row, Series series, Batch batch) {
        PointsChunk.push(quantiles, row, batch.summaries.quantiles);
        PointsChunk.push(quantileValues, row, batch.summaries.values);
        return batch.summaries.add(
                series, time(row), start(row), flags.intAt(row), count.at(row), sum.realAt(row));
    }

    private void addExemplars(int row, Points.Kind kind, int added, Batch batch) {
        if (exemplars.size == 0) {
            return;
        }
        int at = Arrays.binarySearch(exemplars.row, 0, exemplars.size, row);
        while (at > 0 && exemplars.row[at - 1] == row) {
            at--;
        }
        for (; at >= 0 && at < exemplars.size && exemplars.row[at] == row; at++) {
            boolean real = exemplars.has(PointsTable.EXEMPLAR_VALUE, at);
            boolean integer = exemplars.has(PointsTable.EXEMPLAR_VALUE_INT, at);
            batch.exemplars.add(
                    kind,
                    added,
                    exemplars.number(PointsTable.EXEMPLAR_TIME, at) * MICRO
                            + exemplars.number(PointsTable.EXEMPLAR_TIME_NANOS, at),
                    real ? Numbers.DOUBLE : integer ? Numbers.INT : Numbers.NONE,
                    exemplars.number(
                            real ? PointsTable.EXEMPLAR_VALUE : PointsTable.EXEMPLAR_VALUE_INT, at),
                    HEX.parseHex(exemplars.text(PointsTable.EXEMPLAR_TRACE_ID, at)),
                    HEX.parseHex(exemplars.text(PointsTable.EXEMPLAR_SPAN_ID, at)),
                    exemplars.text(PointsTable.EXEMPLAR_ATTRIBUTES, at));
        }
    }
}
