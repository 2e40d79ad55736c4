package dev.firn.receive;

import dev.firn.model.Series;
import dev.firn.model.Summaries;
import org.jspecify.annotations.Nullable;

/// SummaryDataPoint → [Summaries]. Hot path: `DecoderBenchmark` in bench/.
final class SummaryDecoder {
    private final PointFrame frame;
    private final WireReader in;

    SummaryDecoder(PointFrame frame) {
        this.frame = frame;
        this.in = frame.in;
    }

    /// Reads the message that fills the reader up to its limit.
    void decode() {
        Summaries summaries = frame.batch().summaries;
        long count = 0;
        long sum = 0;
        frame.beginPoint(summaries);
        for (int from = in.at, tag = in.tag(); tag != 0; from = in.at, tag = in.tag()) {
            switch (tag) {
                case 17 -> frame.start = in.fixed64();
                case 25 -> frame.time = in.fixed64();
                case 33 -> count = in.fixed64();
                case 41 -> sum = in.fixed64();
                case 50 -> quantile(summaries);
                case 58 -> frame.attribute(from);
                case 64 -> frame.flags = in.varint32();
                default -> in.skip(tag, SeriesResolver.POINT_DEPTH);
            }
        }
        boolean stale = frame.stale();
        int quantiles = summaries.quantiles.pending();
        Series series = frame.resolve(stale ? null : shape(quantiles));
        frame.countValues(series == null || stale ? 0 : 2 * quantiles);
        if (series == null || stale) {
            summaries.quantiles.abandonRow();
            summaries.values.abandonRow();
        }
        if (series == null) {
            return;
        }
        summaries.add(
                series,
                frame.time,
                frame.start,
                frame.flags,
                stale ? 0 : count,
                stale ? 0 : Double.longBitsToDouble(sum));
    }

    private void quantile(Summaries summaries) {
        int outer = in.pushMessage(SeriesResolver.POINT_DEPTH);
        long quantile = 0;
        long value = 0;
        for (int tag = in.tag(); tag != 0; tag = in.tag()) {
            switch (tag) {
                case 9 -> quantile = in.fixed64();
                case 17 -> value = in.fixed64();
                default -> in.skip(tag, SeriesResolver.POINT_DEPTH + 1);
            }
        }
        in.pop(outer);
        frame.push(summaries.quantiles, quantile);
        frame.push(summaries.values, value);
    }

    private @Nullable Reason shape(int quantiles) {
        if (quantiles > frame.limits.bucketsPerPointMax()) {
            return Reason.BUCKETS_MAX;
        }
        return frame.valuesFit(2 * quantiles) ? null : Reason.VALUES_MAX;
    }
}
