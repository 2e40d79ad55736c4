package dev.firn.receive;

import dev.firn.model.Histograms;
import dev.firn.model.LongLists;
import dev.firn.model.Series;
import org.jspecify.annotations.Nullable;

/// HistogramDataPoint → [Histograms]. Hot path: `DecoderBenchmark` in bench/.
final class HistogramDecoder {
    private final PointFrame frame;
    private final WireReader in;

    HistogramDecoder(PointFrame frame) {
        this.frame = frame;
        this.in = frame.in;
    }

    /// Reads the message that fills the reader up to its limit.
    void decode() {
        Histograms histograms = frame.batch().histograms;
        long count = 0;
        byte has = 0;
        long sum = 0;
        long min = 0;
        long max = 0;
        frame.beginPoint(histograms);
        for (int from = in.at, tag = in.tag(); tag != 0; from = in.at, tag = in.tag()) {
            switch (tag) {
                case 17 -> frame.start = in.fixed64();
                case 25 -> frame.time = in.fixed64();
                case 33 -> count = in.fixed64();
                case 41 -> {
                    sum = in.fixed64();
                    has |= Histograms.HAS_SUM;
                }
                case 49 -> frame.push(histograms.counts, in.fixed64());
                case 50 -> packed(histograms.counts);
                case 57 -> frame.push(histograms.bounds, in.fixed64());
                case 58 -> packed(histograms.bounds);
                case 66 -> frame.exemplars.decode();
                case 74 -> frame.attribute(from);
                case 80 -> frame.flags = in.varint32();
                case 89 -> {
                    min = in.fixed64();
                    has |= Histograms.HAS_MIN;
                }
                case 97 -> {
                    max = in.fixed64();
                    has |= Histograms.HAS_MAX;
                }
                default -> in.skip(tag, SeriesResolver.POINT_DEPTH);
            }
        }
        boolean stale = frame.stale();
        Series series = frame.resolve(stale ? null : shape(histograms));
        frame.countValues(
                series == null || stale
                        ? 0
                        : histograms.counts.pending() + histograms.bounds.pending());
        if (series == null || stale) {
            histograms.counts.abandonRow();
            histograms.bounds.abandonRow();
        }
        if (series == null) {
            return;
        }
        histograms.add(
                series,
                frame.time,
                frame.start,
                frame.flags,
                stale ? 0 : count,
                stale ? 0 : has,
                stale ? 0 : Double.longBitsToDouble(sum),
                stale ? 0 : Double.longBitsToDouble(min),
                stale ? 0 : Double.longBitsToDouble(max));
    }

    /// Packed 64-bit values.
    private void packed(LongLists into) {
        int outer = in.push();
        int room = frame.listRoom(into);
        while (in.at < in.limit) {
            long value = in.fixed64();
            if (room-- > 0) {
                into.push(value);
            }
        }
        in.pop(outer);
    }

    /// metrics.proto, HistogramDataPoint: both empty, or one count more than bounds; bounds rise
    /// strictly. A single count without bounds is the bucket (-inf, +inf).
    private @Nullable Reason shape(Histograms histograms) {
        int counts = histograms.counts.pending();
        int bounds = histograms.bounds.pending();
        if (counts > frame.limits.bucketsPerPointMax()) {
            return Reason.BUCKETS_MAX;
        }
        if (counts != bounds + 1 && (counts != 0 || bounds != 0)) {
            return Reason.HISTOGRAM_SHAPE;
        }
        if (!rises(histograms.bounds, bounds)) {
            return Reason.HISTOGRAM_SHAPE;
        }
        return frame.valuesFit(counts + bounds) ? null : Reason.VALUES_MAX;
    }

    private static boolean rises(LongLists lists, int length) {
        long[] values = lists.values();
        int from = lists.rows() == 0 ? 0 : lists.to(lists.rows() - 1);
        double before = Double.NaN;
        for (int i = from; i < from + length; i++) {
            double bound = Double.longBitsToDouble(values[i]);
            if (Double.isNaN(bound) || bound <= before) { // false for the first: NaN before
                return false;
            }
            before = bound;
        }
        return true;
    }
}
