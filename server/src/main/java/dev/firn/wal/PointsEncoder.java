package dev.firn.wal;

import dev.firn.base.ByteWriter;
import dev.firn.model.Batch;
import dev.firn.model.Exemplars;
import dev.firn.model.ExponentialHistograms;
import dev.firn.model.Histograms;
import dev.firn.model.LongLists;
import dev.firn.model.Numbers;
import dev.firn.model.Points;
import dev.firn.model.Series;
import dev.firn.model.Summaries;
import java.util.Arrays;

/// Writes a batch's columns: deltas and varints where they are cheap, values raw, so that every bit
/// comes back. [PointsDecoder] is its inverse.
///
/// Hot path, one call a request on the writer's thread: measured by `WalBench`.
final class PointsEncoder {
    /// Codes of a start time; higher ones name a slot of the batch's [StartSlots].
    static final int START_AS_BEFORE = 0;

    static final int START_NONE = 1;
    static final int START_IS_TIME = 2;
    static final int START_NEW = 3;
    static final int START_SLOT = 4;

    /// Bits of an exemplar's first byte above its value's form.
    static final int EXEMPLAR_NO_TIME = 4;

    static final int EXEMPLAR_TRACE_16 = 8;
    static final int EXEMPLAR_SPAN_8 = 16;
    static final int EXEMPLAR_NO_ATTRIBUTES = 32;

    /// Start times seen in a batch, one a slot; encoder and decoder keep the same.
    static final class StartSlots {
        static final int COUNT = 64;
        private final long[] slots = new long[COUNT];

        void clear() {
            Arrays.fill(slots, 0);
        }

        static int slotOf(long start) {
            return (int) (start * 0x9E3779B97F4A7C15L >>> 58);
        }

        boolean holds(int slot, long start) {
            return slots[slot] == start;
        }

        long at(int slot) {
            return slots[slot];
        }

        void put(long start) {
            slots[slotOf(start)] = start;
        }
    }

    private final StartSlots starts = new StartSlots();

    /// Appends all of `batch` to `out`; what it uses for the first time goes to `definitions`.
    ///
    /// @param nowSeconds noted in each series as its last use
    void encode(Batch batch, Definitions definitions, ByteWriter out, long nowSeconds) {
        starts.clear();
        for (Points.Kind kind : KINDS) {
            Points points = batch.points(kind);
            if (points.size() > 0) {
                out.u8(kind.code()).varint(points.size());
                common(points, definitions, out, nowSeconds);
                switch (points) {
                    case Numbers numbers -> numbers(numbers, out);
                    case Histograms histograms -> histograms(histograms, definitions, out);
                    case ExponentialHistograms exponential -> exponential(exponential, out);
                    case Summaries summaries -> summaries(summaries, definitions, out);
                }
            }
        }
        out.u8(0);
        exemplars(batch, out);
        if (batch.state.size() > 0) {
            out.varint(batch.state.size()).bytes(batch.state.array(), 0, batch.state.size());
        }
    }

    private static final Points.Kind[] KINDS = Points.Kind.values();

    private void common(Points points, Definitions definitions, ByteWriter out, long nowSeconds) {
        int size = points.size();
        int index = 0;
        for (int i = 0; i < size; i++) {
            Series series = points.series[i];
            int next = definitions.indexOf(series);
            if (series.lastUsedSeconds != nowSeconds) {
                series.lastUsedSeconds = nowSeconds;
            }
            out.zigzag(next - index);
            index = next;
        }
        long time = 0;
        for (int i = 0; i < size; i++) {
            out.zigzag(points.time[i] - time);
            time = points.time[i];
        }
        long start = 0;
        for (int i = 0; i < size; i++) {
            long next = points.start[i];
            start(next, start, points.time[i], out);
            start = next;
        }
        runs(points.flags, size, out);
    }

    private void start(long start, long before, long time, ByteWriter out) {
        if (start == before) {
            out.u8(START_AS_BEFORE);
        } else if (start == 0) {
            out.u8(START_NONE);
        } else if (start == time) {
            out.u8(START_IS_TIME);
        } else {
            int slot = StartSlots.slotOf(start);
            if (starts.holds(slot, start)) {
                out.u8(START_SLOT + slot);
            } else {
                starts.put(start);
                out.u8(START_NEW).zigzag(time - start);
            }
        }
    }

    private static void runs(int[] values, int size, ByteWriter out) {
        for (int i = 0; i < size; ) {
            int from = i;
            int value = values[from];
            while (i < size && values[i] == value) {
                i++;
            }
            out.varint(i - from).varint(value & 0xffffffffL);
        }
    }

    private static void runs(byte[] values, int size, ByteWriter out) {
        for (int i = 0; i < size; ) {
            int from = i;
            byte value = values[from];
            while (i < size && values[i] == value) {
                i++;
            }
            out.varint(i - from).u8(value);
        }
    }

    private static void numbers(Numbers numbers, ByteWriter out) {
        runs(numbers.form, numbers.size(), out);
        for (int i = 0; i < numbers.size(); i++) {
            value(numbers.form[i], numbers.bits[i], out);
        }
    }

    private static void value(byte form, long bits, ByteWriter out) {
        if (form == Numbers.DOUBLE) {
            out.i64(bits);
        } else if (form == Numbers.INT) {
            out.zigzag(bits);
        }
    }

    private static void histograms(Histograms points, Definitions definitions, ByteWriter out) {
        int size = points.size();
        runs(points.has, size, out);
        for (int i = 0; i < size; i++) {
            out.varint(points.count[i]);
            present(points.has[i], points.sum[i], points.min[i], points.max[i], out);
            bounds(points.bounds, i, definitions, out);
            varints(points.counts, i, out);
        }
    }

    private static void present(byte has, double sum, double min, double max, ByteWriter out) {
        if ((has & Histograms.HAS_SUM) != 0) {
            out.f64(sum);
        }
        if ((has & Histograms.HAS_MIN) != 0) {
            out.f64(min);
        }
        if ((has & Histograms.HAS_MAX) != 0) {
            out.f64(max);
        }
    }

    private static void bounds(LongLists lists, int row, Definitions definitions, ByteWriter out) {
        int reference = definitions.referenceOf(lists, row);
        out.varint(reference);
        if (reference == 0) {
            raw(lists, row, out);
        }
    }

    private static void raw(LongLists lists, int row, ByteWriter out) {
        out.varint(lists.length(row));
        long[] values = lists.values();
        for (int at = lists.from(row); at < lists.to(row); at++) {
            out.i64(values[at]);
        }
    }

    private static void varints(LongLists lists, int row, ByteWriter out) {
        out.varint(lists.length(row));
        long[] values = lists.values();
        for (int at = lists.from(row); at < lists.to(row); at++) {
            out.varint(values[at]);
        }
    }

    private static void exponential(ExponentialHistograms points, ByteWriter out) {
        int size = points.size();
        runs(points.has, size, out);
        for (int i = 0; i < size; i++) {
            out.varint(points.count[i]);
            present(points.has[i], points.sum[i], points.min[i], points.max[i], out);
            out.zigzag(points.scale[i]).varint(points.zeroCount[i]);
            long threshold = Double.doubleToRawLongBits(points.zeroThreshold[i]);
            if (threshold == 0) {
                out.u8(0);
            } else {
                out.u8(1).i64(threshold);
            }
            out.zigzag(points.positiveOffset[i]).zigzag(points.negativeOffset[i]);
            varints(points.positive, i, out);
            varints(points.negative, i, out);
        }
    }

    private static void summaries(Summaries points, Definitions definitions, ByteWriter out) {
        for (int i = 0; i < points.size(); i++) {
            out.varint(points.count[i]).f64(points.sum[i]);
            bounds(points.quantiles, i, definitions, out);
            raw(points.values, i, out);
        }
    }

    private static void exemplars(Batch batch, ByteWriter out) {
        Exemplars exemplars = batch.exemplars;
        out.varint(exemplars.size());
        int kind = 0;
        int row = 0;
        for (int i = 0; i < exemplars.size(); i++) {
            byte[] trace = exemplars.traceId(i);
            byte[] span = exemplars.spanId(i);
            String attributes = exemplars.attributes(i);
            long time = exemplars.time[i];
            out.u8(
                    exemplars.form[i]
                            | (time == 0 ? EXEMPLAR_NO_TIME : 0)
                            | (trace.length == 16 ? EXEMPLAR_TRACE_16 : 0)
                            | (span.length == 8 ? EXEMPLAR_SPAN_8 : 0)
                            | (attributes.equals("{}") ? EXEMPLAR_NO_ATTRIBUTES : 0));
            row = exemplars.pointKind[i] == kind ? row : 0;
            kind = exemplars.pointKind[i];
            out.u8(kind).zigzag(exemplars.pointRow[i] - row);
            row = exemplars.pointRow[i];
            if (time != 0) {
                out.zigzag(batch.points(Points.Kind.of(kind)).time[row] - time);
            }
            value(exemplars.form[i], exemplars.bits[i], out);
            if (trace.length != 16) {
                out.varint(trace.length);
            }
            out.bytes(trace);
            if (span.length != 8) {
                out.varint(span.length);
            }
            out.bytes(span);
            if (!attributes.equals("{}")) {
                out.string(attributes);
            }
        }
    }
}
