package dev.firn.receive;

import dev.firn.model.ExponentialHistograms;
import dev.firn.model.Histograms;
import dev.firn.model.LongLists;
import dev.firn.model.Series;
import org.jspecify.annotations.Nullable;

/// ExponentialHistogramDataPoint → [ExponentialHistograms]. Hot path: `DecoderBenchmark` in bench/.
final class ExponentialDecoder {
    /// At scale -11 a base of 2^2048 puts all doubles into two buckets, so that nothing coarser
    /// says more; 20 is the finest that the SDK specification lets an SDK choose (metrics/sdk.md,
    /// Base2 Exponential Bucket Histogram Aggregation: MaxScale).
    static final int SCALE_MIN = -11;

    /// See [#SCALE_MIN].
    static final int SCALE_MAX = 20;

    private final PointFrame frame;
    private final WireReader in;
    private int positiveOffset;
    private int negativeOffset;

    ExponentialDecoder(PointFrame frame) {
        this.frame = frame;
        this.in = frame.in;
    }

    /// Reads the message that fills the reader up to its limit.
    void decode() {
        ExponentialHistograms points = frame.batch().exponential;
        long count = 0;
        byte has = 0;
        long sum = 0;
        long min = 0;
        long max = 0;
        int scale = 0;
        long zeroCount = 0;
        long zeroThreshold = 0;
        positiveOffset = 0;
        negativeOffset = 0;
        frame.beginPoint(points);
        for (int from = in.at, tag = in.tag(); tag != 0; from = in.at, tag = in.tag()) {
            switch (tag) {
                case 10 -> frame.attribute(from);
                case 17 -> frame.start = in.fixed64();
                case 25 -> frame.time = in.fixed64();
                case 33 -> count = in.fixed64();
                case 41 -> {
                    sum = in.fixed64();
                    has |= Histograms.HAS_SUM;
                }
                case 48 -> scale = in.sint32();
                case 57 -> zeroCount = in.fixed64();
                case 66 -> positiveOffset = buckets(points.positive, positiveOffset);
                case 74 -> negativeOffset = buckets(points.negative, negativeOffset);
                case 80 -> frame.flags = in.varint32();
                case 90 -> frame.exemplars.decode();
                case 97 -> {
                    min = in.fixed64();
                    has |= Histograms.HAS_MIN;
                }
                case 105 -> {
                    max = in.fixed64();
                    has |= Histograms.HAS_MAX;
                }
                case 113 -> zeroThreshold = in.fixed64();
                default -> in.skip(tag, SeriesResolver.POINT_DEPTH);
            }
        }
        boolean stale = frame.stale();
        Series series = frame.resolve(stale ? null : shape(points, scale));
        frame.countValues(
                series == null || stale
                        ? 0
                        : points.positive.pending() + points.negative.pending());
        if (series == null || stale) {
            points.positive.abandonRow();
            points.negative.abandonRow();
        }
        if (series == null) {
            return;
        }
        int row = points.add(series, frame.time, frame.start, frame.flags);
        points.count[row] = stale ? 0 : count;
        points.has[row] = stale ? 0 : has;
        points.sum[row] = stale ? 0 : Double.longBitsToDouble(sum);
        points.min[row] = stale ? 0 : Double.longBitsToDouble(min);
        points.max[row] = stale ? 0 : Double.longBitsToDouble(max);
        points.scale[row] = stale ? 0 : scale;
        points.zeroCount[row] = stale ? 0 : zeroCount;
        points.zeroThreshold[row] = stale ? 0 : Double.longBitsToDouble(zeroThreshold);
        points.positiveOffset[row] = stale ? 0 : positiveOffset;
        points.negativeOffset[row] = stale ? 0 : negativeOffset;
    }

    /// Reads Buckets, merging with what was read before; returns the offset.
    private int buckets(LongLists counts, int offsetBefore) {
        int offset = offsetBefore;
        int outer = in.pushMessage(SeriesResolver.POINT_DEPTH);
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            switch (tag) {
                case 8 -> offset = in.sint32();
                case 16 -> frame.push(counts, in.varint64());
                case 18 -> {
                    int packed = in.push();
                    int room = frame.listRoom(counts);
                    while (in.at < in.limit) {
                        long count = in.varint64();
                        if (room-- > 0) {
                            counts.push(count);
                        }
                    }
                    in.pop(packed);
                }
                default -> in.skip(tag, SeriesResolver.POINT_DEPTH + 1);
            }
        }
        in.pop(outer);
        return offset;
    }

    private @Nullable Reason shape(ExponentialHistograms points, int scale) {
        int positive = points.positive.pending();
        int negative = points.negative.pending();
        if (Math.max(positive, negative) > frame.limits.bucketsPerPointMax()) {
            return Reason.BUCKETS_MAX;
        }
        boolean fits =
                (long) positiveOffset + positive <= Integer.MAX_VALUE
                        && (long) negativeOffset + negative <= Integer.MAX_VALUE;
        if (!fits || scale < SCALE_MIN || scale > SCALE_MAX) {
            return Reason.EXPONENTIAL_SHAPE;
        }
        return frame.valuesFit(positive + negative) ? null : Reason.VALUES_MAX;
    }
}
