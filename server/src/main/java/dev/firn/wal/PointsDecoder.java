package dev.firn.wal;

import dev.firn.base.ByteReader;
import dev.firn.base.ByteReader.Malformed;
import dev.firn.model.Batch;
import dev.firn.model.ExponentialHistograms;
import dev.firn.model.Histograms;
import dev.firn.model.LongLists;
import dev.firn.model.Numbers;
import dev.firn.model.Points;
import dev.firn.model.Series;
import java.util.Arrays;

/// Reads what [PointsEncoder] wrote.
///
/// Hot path, run once a record and sink: measured by `WalBench`.
final class PointsDecoder {
    private static final byte[] NO_BYTES = new byte[0];

    private final PointsEncoder.StartSlots starts = new PointsEncoder.StartSlots();
    private Series[] series = new Series[0];
    private long[] time = new long[0];
    private long[] start = new long[0];
    private int[] flags = new int[0];
    private byte[] form = new byte[0];

    /// Adds the points of one record to `batch`, which is cleared before.
    void decode(ByteReader in, SegmentTable table, Batch batch) {
        batch.clear();
        starts.clear();
        table.settle();
        for (int code = in.u8(); code != 0; code = in.u8()) {
            if (code > Points.Kind.SUMMARIES.code()) {
                throw new Malformed("no kind of points has code " + code);
            }
            int size = in.count();
            grow(size);
            common(in, table, size);
            switch (Points.Kind.of(code)) {
                case NUMBERS -> numbers(in, batch, size);
                case HISTOGRAMS -> histograms(in, table, batch, size);
                case EXPONENTIAL_HISTOGRAMS -> exponential(in, batch, size);
                case SUMMARIES -> summaries(in, table, batch, size);
            }
        }
        exemplars(in, batch);
        if (in.remaining() > 0) { // version 1 ends here, and so do requests without state
            batch.state.bytes(in.bytes(in.count()));
        }
        Arrays.fill(series, null); // must not keep evicted series alive
    }

    private void grow(int size) {
        if (time.length < size) {
            int capacity = Math.max(size, time.length * 2);
            series = new Series[capacity];
            time = new long[capacity];
            start = new long[capacity];
            flags = new int[capacity];
            form = new byte[capacity];
        }
    }

    private void common(ByteReader in, SegmentTable table, int size) {
        long index = 0;
        for (int i = 0; i < size; i++) {
            index += in.zigzag();
            series[i] = table.series(index);
        }
        long now = 0;
        for (int i = 0; i < size; i++) {
            now += in.zigzag();
            time[i] = now;
        }
        long before = 0;
        for (int i = 0; i < size; i++) {
            before = start(in, before, time[i]);
            start[i] = before;
        }
        for (int i = 0; i < size; ) {
            int to = run(in, i, size);
            Arrays.fill(flags, i, to, (int) in.varint());
            i = to;
        }
    }

    private long start(ByteReader in, long before, long now) {
        int code = in.u8();
        switch (code) {
            case PointsEncoder.START_AS_BEFORE -> {
                return before;
            }
            case PointsEncoder.START_NONE -> {
                return 0;
            }
            case PointsEncoder.START_IS_TIME -> {
                return now;
            }
            case PointsEncoder.START_NEW -> {
                long next = now - in.zigzag();
                starts.put(next);
                return next;
            }
            default -> {
                int slot = code - PointsEncoder.START_SLOT;
                if (slot >= PointsEncoder.StartSlots.COUNT) {
                    throw new Malformed("no start time has code " + code);
                }
                return starts.at(slot);
            }
        }
    }

    /// Where the next run ends.
    private static int run(ByteReader in, int from, int size) {
        long length = in.varint();
        if (length <= 0 || length > size - from) {
            throw new Malformed("a run of " + length + " in " + (size - from) + " rows");
        }
        return from + (int) length;
    }

    private void forms(ByteReader in, int size) {
        for (int i = 0; i < size; ) {
            int to = run(in, i, size);
            Arrays.fill(form, i, to, (byte) in.u8());
            i = to;
        }
    }

    private void numbers(ByteReader in, Batch batch, int size) {
        forms(in, size);
        for (int i = 0; i < size; i++) {
            long bits = value(in, form[i]);
            batch.numbers.add(series[i], time[i], start[i], flags[i], form[i], bits);
        }
    }

    private static long value(ByteReader in, int form) {
        return switch (form) {
            case Numbers.DOUBLE -> in.i64();
            case Numbers.INT -> in.zigzag();
            default -> 0;
        };
    }

    private void histograms(ByteReader in, SegmentTable table, Batch batch, int size) {
        forms(in, size);
        Histograms points = batch.histograms;
        for (int i = 0; i < size; i++) {
            byte has = form[i];
            long count = in.varint();
            double sum = present(in, has, Histograms.HAS_SUM);
            double min = present(in, has, Histograms.HAS_MIN);
            double max = present(in, has, Histograms.HAS_MAX);
            bounds(in, table, points.bounds);
            varints(in, points.counts);
            points.add(series[i], time[i], start[i], flags[i], count, has, sum, min, max);
        }
    }

    private static double present(ByteReader in, byte has, byte bit) {
        return (has & bit) != 0 ? in.f64() : 0;
    }

    private static void bounds(ByteReader in, SegmentTable table, LongLists to) {
        long reference = in.varint();
        if (reference == 0) {
            raw(in, to);
            return;
        }
        for (long bits : table.bounds(reference)) {
            to.push(bits);
        }
    }

    private static void raw(ByteReader in, LongLists to) {
        for (int i = in.count(); i > 0; i--) {
            to.push(in.i64());
        }
    }

    private static void varints(ByteReader in, LongLists to) {
        for (int i = in.count(); i > 0; i--) {
            to.push(in.varint());
        }
    }

    private void exponential(ByteReader in, Batch batch, int size) {
        forms(in, size);
        ExponentialHistograms points = batch.exponential;
        for (int i = 0; i < size; i++) {
            byte has = form[i];
            long count = in.varint();
            double sum = present(in, has, Histograms.HAS_SUM);
            double min = present(in, has, Histograms.HAS_MIN);
            double max = present(in, has, Histograms.HAS_MAX);
            int scale = (int) in.zigzag();
            long zeroCount = in.varint();
            double zeroThreshold = in.u8() == 0 ? 0 : in.f64();
            int positiveOffset = (int) in.zigzag();
            int negativeOffset = (int) in.zigzag();
            varints(in, points.positive);
            varints(in, points.negative);
            int row = points.add(series[i], time[i], start[i], flags[i]);
            points.count[row] = count;
            points.has[row] = has;
            points.sum[row] = sum;
            points.min[row] = min;
            points.max[row] = max;
            points.scale[row] = scale;
            points.zeroCount[row] = zeroCount;
            points.zeroThreshold[row] = zeroThreshold;
            points.positiveOffset[row] = positiveOffset;
            points.negativeOffset[row] = negativeOffset;
        }
    }

    private void summaries(ByteReader in, SegmentTable table, Batch batch, int size) {
        for (int i = 0; i < size; i++) {
            long count = in.varint();
            double sum = in.f64();
            bounds(in, table, batch.summaries.quantiles);
            raw(in, batch.summaries.values);
            batch.summaries.add(series[i], time[i], start[i], flags[i], count, sum);
        }
    }

    private static void exemplars(ByteReader in, Batch batch) {
        int kind = 0;
        int row = 0;
        for (int i = in.count(); i > 0; i--) {
            int bits = in.u8();
            int nextKind = in.u8();
            if (nextKind < 1 || nextKind > Points.Kind.SUMMARIES.code()) {
                throw new Malformed("an exemplar of kind " + nextKind);
            }
            row = (nextKind == kind ? row : 0) + (int) in.zigzag();
            kind = nextKind;
            Points points = batch.points(Points.Kind.of(kind));
            if (row < 0 || row >= points.size()) {
                throw new Malformed("an exemplar of row " + row + " of " + points.size());
            }
            boolean timed = (bits & PointsEncoder.EXEMPLAR_NO_TIME) == 0;
            long at = timed ? points.time[row] - in.zigzag() : 0;
            byte form = (byte) (bits & 3);
            long value = value(in, form);
            byte[] trace = id(in, (bits & PointsEncoder.EXEMPLAR_TRACE_16) != 0 ? 16 : -1);
            byte[] span = id(in, (bits & PointsEncoder.EXEMPLAR_SPAN_8) != 0 ? 8 : -1);
            boolean bare = (bits & PointsEncoder.EXEMPLAR_NO_ATTRIBUTES) != 0;
            String attributes = bare ? "{}" : in.string();
            batch.exemplars.add(
                    Points.Kind.of(kind), row, at, form, value, trace, span, attributes);
        }
    }

    private static byte[] id(ByteReader in, int usualLength) {
        int length = usualLength < 0 ? in.count() : usualLength;
        return length == 0 ? NO_BYTES : in.bytes(length);
    }
}
